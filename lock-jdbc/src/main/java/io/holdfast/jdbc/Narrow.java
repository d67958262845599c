// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;

/** Some of another executor's threads: so many tasks at a time, and the others wait here and not in its line. Thread-safe. */
final class Narrow implements Executor {
    private final Executor wide;
    private final int most;

    // Guarded by this.
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private int under;

    Narrow(Executor wide, int most) {
        this.wide = wide;
        this.most = most;
    }

    @Override
    public void execute(Runnable task) {
        synchronized (this) {
            if (under == most) {
                waiting.add(task);
                return;
            }
            under++;
        }
        hand(task);
    }

    private void hand(Runnable task) {
        boolean taken = false;
        try {
            wide.execute(() -> {
                try {
                    task.run();
                } finally {
                    next();
                }
            });
            taken = true;
        } finally {
            if (!taken) {
                leave();
            }
        }
    }

    private synchronized void leave() {
        under--;
    }

    private void next() {
        Runnable next;
        synchronized (this) {
            next = waiting.poll();
            if (next == null) {
                under--;
                return;
            }
        }
        hand(next);
    }
}
