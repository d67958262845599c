// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.tck.RuleBook;
import io.holdfast.tck.RuleFailure;
import io.holdfast.tck.internal.Turns.Turn;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/**
 * What was there before a test, and what is there after it: keys in the store, threads of Holdfast in the JVM, errors in the log.
 *
 * <p>A test that was alone is told of everything new. One that ran beside others is told of what names it, by its locks and
 * labels; {@link Remains} has the rest.
 */
final class Leftovers {
    private final Run run;
    private final Turn turn;
    private final String stem;
    private final Set<Thread> threadsBefore = new HashSet<>();
    private final Set<String> residueBefore = new HashSet<>();

    /**
     * Looks at what is there before the test.
     *
     * @param stem what every name and label of the test has in it, and no other test's
     */
    Leftovers(Run run, Turn turn, String stem) throws Exception {
        this.run = run;
        this.turn = turn;
        this.stem = stem;
        if (!turn.isAccompanied()) {
            run.remains().settle();
            run.log().setAside();
            threadsBefore.addAll(Remains.threads());
            residueBefore.addAll(run.residue());
        }
    }

    private List<String> newResidue() throws Exception {
        List<String> found = new ArrayList<>(run.residue());
        if (turn.isAccompanied()) {
            found.removeIf(line -> !line.contains(stem));
        } else {
            found.removeAll(residueBefore);
        }
        return found;
    }

    /** Whose threads they are cannot be seen while other tests run. */
    private Set<Thread> newThreads() {
        if (turn.isAccompanied()) {
            return Set.of();
        }
        Set<Thread> found = Remains.threads();
        found.removeAll(threadsBefore);
        return found;
    }

    /** A client that comes after the others, and meets what is there. */
    interface NextClient {
        void come() throws Exception;
    }

    /**
     * Throws what is left.
     *
     * @param next where clients of the test died, which may leave what the next one removes; null where none died
     */
    void check(@Nullable NextClient next) throws Exception {
        if (turn.isAccompanied()) {
            run.remains().expect();
        }
        errors();
        residue(next);
        if (!Await.until(run.time().patience(), () -> newThreads().isEmpty())) {
            Set<Thread> left = newThreads();
            run.remains().told(left, List.of());
            throw new RuleFailure(
                    RuleBook.spec().rule("CL-3"),
                    "after every client was closed these threads go on: "
                            + left.stream().map(Remains::shown).toList(),
                    null);
        }
        if (run.looksIntoTheStore()) {
            run.tally().hold(List.of("LK-1"));
        }
        if (!turn.isAccompanied()) {
            run.tally().hold(List.of("CL-3"));
        }
    }

    private void errors() {
        List<String> errors = run.log().errors(text -> !turn.isAccompanied() || text.contains(stem));
        if (!run.log().isHeard()) {
            run.tally()
                    .note(
                            "LI-1",
                            new TestAbortedException("errors of the engine after every test: the kit cannot "
                                    + LogProbe.WHAT_IS_MISSING));
        }
        if (!errors.isEmpty()) {
            throw new AssertionError("the engine logged errors during the test: " + errors);
        }
    }

    private void residue(@Nullable NextClient next) throws Exception {
        // What a client undoes in the background may take until its session is gone.
        boolean clean = Await.until(run.time().takeover(), () -> newResidue().isEmpty());
        if (!clean && next != null) {
            next.come();
            clean = Await.until(run.time().takeover(), () -> newResidue().isEmpty());
        }
        if (!clean) {
            List<String> left = newResidue();
            run.remains().told(Set.of(), left);
            throw new RuleFailure(
                    RuleBook.spec().rule("LK-1"),
                    "after the test and " + run.time().takeover()
                            + (next == null ? "" : ", and after a next client of the same names,")
                            + " the store still has " + left,
                    null);
        }
    }
}
