// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is among tests: most may run beside each other, so many at a time, and some must be alone. Thread-safe.
 *
 * <p>How many threads call is the runner's matter: with one, each test has its turn at once. Who must be alone comes when nobody
 * is there any more who need not be, so that the others are not kept waiting for an empty house again and again.
 */
public final class Turns {
    /** Of all runs in this JVM: a test that counts threads is alone only if no other run's tests are there. */
    public static final Turns OF_THIS_JVM = new Turns();

    /** At the beginning fewer than may run later: until classes are loaded and compiled each test costs a multiple. */
    private static final int MOST_AT_FIRST = 3;

    private final List<Turn> waiting = new ArrayList<>();
    private final List<Turn> running = new ArrayList<>();
    private int ended;

    Turns() {}

    /** A test's time to run, until it is closed. */
    public final class Turn implements AutoCloseable {
        private final CompletableFuture<Turn> come = new CompletableFuture<>();
        private final boolean alone;
        private final int most;
        private volatile boolean accompanied;

        private Turn(boolean alone, int most) {
            this.alone = alone;
            this.most = most;
        }

        /** Whether another test has run beside this one since its turn began. */
        public boolean isAccompanied() {
            return accompanied;
        }

        public boolean isAlone() {
            return alone;
        }

        @Override
        public void close() {
            end(this);
        }
    }

    /**
     * Waits for a turn.
     *
     * @param alone whether no other test may run beside this one
     * @param most how many may, this one included, otherwise
     */
    public Turn take(boolean alone, int most) throws InterruptedException {
        Turn turn = new Turn(alone, most);
        synchronized (this) {
            waiting.add(turn);
            admit();
        }
        try {
            // Not by a lock: of this wait JUnit's pool knows, and begins other tests meanwhile.
            return turn.come.get();
        } catch (InterruptedException e) {
            turn.close();
            throw e;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private synchronized void end(Turn turn) {
        waiting.remove(turn);
        if (running.remove(turn)) {
            ended++;
        }
        admit();
    }

    private void admit() {
        for (Turn next = next(); next != null; next = next()) {
            waiting.remove(next);
            running.add(next);
            if (running.size() > 1) {
                running.forEach(turn -> turn.accompanied = true);
            }
            next.come.complete(next);
        }
    }

    private @Nullable Turn next() {
        if (running.stream().anyMatch(Turn::isAlone)) {
            return null;
        }
        for (Turn turn : waiting) {
            if (!turn.alone && running.size() < Math.min(turn.most, MOST_AT_FIRST + ended)) {
                return turn;
            }
        }
        return running.isEmpty() && !waiting.isEmpty() ? waiting.get(0) : null;
    }
}
