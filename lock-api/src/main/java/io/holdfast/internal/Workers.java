// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Daemon threads for tasks that may block: an idle one takes a task, else a new one is made, up to a limit; beyond it tasks queue
 * without bound. Nothing is refused. A thread that has nothing to do ends after a moment.
 *
 * <p>JDK's pools either queue before they grow, so that one blocked task holds up the next, or grow without limit.
 */
final class Workers implements Executor {
    private final ThreadPoolExecutor pool;

    Workers(int limit, Duration keepAlive, ThreadFactory threads) {
        Handover queue = new Handover();
        pool = new ThreadPoolExecutor(
                1, limit, keepAlive.toMillis(), TimeUnit.MILLISECONDS, queue, threads, (task, full) -> {
                    queue.enqueue(task);
                    // The last threads may have ended between the refusal and the line above.
                    full.prestartCoreThread();
                });
        pool.allowCoreThreadTimeOut(true);
    }

    @Override
    public void execute(Runnable task) {
        pool.execute(task);
    }

    /** How long an idle thread stays from now on; one that is idle longer already ends at once. */
    void keepAlive(Duration idle) {
        pool.setKeepAliveTime(idle.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Threads alive now. */
    int threads() {
        return pool.getPoolSize();
    }

    /** Takes an offered task only when a thread waits for it: the pool then makes a thread, or at its limit enqueues the task. */
    private static final class Handover extends LinkedTransferQueue<Runnable> {
        @Override
        public boolean offer(Runnable task) {
            return tryTransfer(task);
        }

        /** Not by {@code add} or {@code put}, which in newer JDKs call {@link #offer(Runnable)}. */
        void enqueue(Runnable task) {
            super.offer(task);
        }
    }
}
