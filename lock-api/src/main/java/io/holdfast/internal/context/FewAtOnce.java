// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.context;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that block a thread each, of which a few run at the same time; the others wait in the order in which they came. Without it, a
 * store that answers slowly has a thread for every lock that somebody waits for, and renewals stand behind them for a worker (rule
 * SP-10). Thread-safe.
 */
final class FewAtOnce {
    /** What has threads that may be blocked. */
    @FunctionalInterface
    interface Threads {
        /** Runs the task sooner or later; when it never will, it runs the other one instead, which is short. */
        void run(Runnable task, Runnable otherwise);
    }

    private final int most;
    private final Threads threads;

    // Guarded by this.
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private int running;

    /**
     * None is running yet.
     *
     * @param most how many run at the same time, at least one
     */
    FewAtOnce(int most, Threads threads) {
        this.most = most;
        this.threads = threads;
    }

    void execute(Runnable task) {
        synchronized (this) {
            if (running == most) {
                waiting.add(task);
                return;
            }
            running++;
        }
        handIn(task);
    }

    /** Each by itself, and none behind another on the same thread: what else wants a thread has its turn between them. */
    private void handIn(Runnable task) {
        threads.run(
                () -> {
                    try {
                        task.run();
                    } finally {
                        ended();
                    }
                },
                this::ended);
    }

    private void ended() {
        Runnable next = next();
        if (next != null) {
            handIn(next);
        }
    }

    private synchronized @Nullable Runnable next() {
        Runnable next = waiting.poll();
        if (next == null) {
            running--;
        }
        return next;
    }
}
