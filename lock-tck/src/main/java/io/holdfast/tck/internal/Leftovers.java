// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.tck.HookMissing;
import io.holdfast.tck.RuleBook;
import io.holdfast.tck.RuleFailure;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What was there before a test, and what is there after it: keys in the store, threads of Holdfast in the JVM. */
final class Leftovers {
    private static final String THREADS = "holdfast-";

    private final Run run;
    private final Set<Thread> threadsBefore = threads();
    private final Set<String> residueBefore;

    Leftovers(Run run) throws Exception {
        this.run = run;
        this.residueBefore = new HashSet<>(residue());
    }

    private List<String> residue() throws Exception {
        try {
            return run.fixture().residue();
        } catch (HookMissing e) {
            return List.of();
        }
    }

    private boolean looksIntoTheStore() throws Exception {
        try {
            run.fixture().residue();
            return true;
        } catch (HookMissing e) {
            run.tally().note("LK-1", "the check after every test: " + e.getMessage());
            return false;
        }
    }

    private static Set<Thread> threads() {
        Set<Thread> found = new HashSet<>();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith(THREADS)) {
                found.add(thread);
            }
        }
        return found;
    }

    private List<String> newResidue() throws Exception {
        List<String> found = new ArrayList<>(residue());
        found.removeAll(residueBefore);
        return found;
    }

    private List<String> newThreads() {
        Set<Thread> found = threads();
        found.removeAll(threadsBefore);
        return found.stream()
                .map(thread -> thread.getName() + " in " + Frames.of(thread.getStackTrace()))
                .toList();
    }

    void check() throws Exception {
        List<String> errors = run.log().errors();
        if (!errors.isEmpty()) {
            throw new AssertionError("the engine logged errors during the test: " + errors);
        }
        // What a client undoes in the background may take until its session is gone.
        if (!Await.until(run.time().takeover(), () -> newResidue().isEmpty())) {
            throw new RuleFailure(
                    RuleBook.spec().rule("LK-1"),
                    "after the test and " + run.time().takeover() + " the store still has " + newResidue(),
                    null);
        }
        if (!Await.until(run.time().patience(), () -> newThreads().isEmpty())) {
            throw new RuleFailure(
                    RuleBook.spec().rule("CL-3"),
                    "after every client was closed these threads go on: " + newThreads(),
                    null);
        }
        run.tally().hold(looksIntoTheStore() ? List.of("LK-1", "CL-3") : List.of("CL-3"));
    }
}
