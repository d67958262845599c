// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.tck.HookMissing;
import io.holdfast.tck.RuleBook;
import io.holdfast.tck.RuleFailure;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What tests that ran side by side have left, and could not be told by any of them: looked for once more when nothing runs.
 * Thread-safe.
 */
final class Remains {
    private static final String THREADS = "holdfast-";

    private final Run run;
    private final Set<Thread> threadsBefore = threads();
    private final Set<String> residueBefore;

    /** Told by a test that was alone, or found too persistent to wait for again. */
    private final Set<Thread> known = new HashSet<>(threadsBefore);

    private boolean shared;

    Remains(Run run) throws Exception {
        this.run = run;
        this.residueBefore = new HashSet<>(run.residue());
    }

    /** Threads of Holdfast in this JVM. */
    static Set<Thread> threads() {
        Set<Thread> found = new HashSet<>();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith(THREADS)) {
                found.add(thread);
            }
        }
        return found;
    }

    static String shown(Thread thread) {
        return thread.getName() + " in " + Frames.of(thread.getStackTrace());
    }

    /** Tests have run side by side: there is something to look for. */
    synchronized void expect() {
        shared = true;
    }

    /** Lets what goes by itself go before a test takes down what is there. */
    synchronized void settle() throws Exception {
        if (shared) {
            Await.until(run.time().patience(), () -> known.containsAll(threads()));
            known.addAll(threads());
        }
    }

    /** A test has told of these by itself. */
    synchronized void told(Set<Thread> threads, List<String> residue) {
        threadsBefore.addAll(threads);
        residueBefore.addAll(residue);
    }

    /** Looks, when every client of every test has been closed. */
    synchronized List<RuleFailure> end() throws Exception {
        List<RuleFailure> found = new ArrayList<>();
        if (!shared) {
            return found;
        }
        List<String> errors = run.log().unclaimed();
        if (!errors.isEmpty()) {
            found.add(failure("LI-1", "the engine logged errors that name no test: " + errors));
        }
        if (!Await.until(run.time().takeover(), () -> residue().isEmpty())) {
            found.add(failure("LK-1", "after all tests the store still has " + residue()));
        }
        if (!Await.until(run.time().patience(), () -> threadsByTest().isEmpty())) {
            threadsByTest()
                    .forEach((test, threads) -> found.add(failure(
                            "CL-3",
                            "after every client was closed these threads go on, begun by " + test + ": " + threads)));
        } else {
            run.tally().hold(List.of("CL-3"));
        }
        return found;
    }

    private static RuleFailure failure(String rule, String seen) {
        return new RuleFailure(RuleBook.spec().rule(rule), seen, null);
    }

    private List<String> residue() throws Exception {
        try {
            List<String> found = new ArrayList<>(run.residue());
            found.removeAll(residueBefore);
            return found;
        } catch (HookMissing e) {
            return List.of();
        }
    }

    /** A test's threads, and those which they begin, are of one group. */
    private Map<String, List<String>> threadsByTest() {
        Map<String, List<String>> found = new TreeMap<>();
        for (Thread thread : threads()) {
            ThreadGroup group = thread.getThreadGroup();
            if (!threadsBefore.contains(thread) && group != null) {
                found.computeIfAbsent(group.getName(), test -> new ArrayList<>())
                        .add(shown(thread));
            }
        }
        return found;
    }
}
