// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.runtime;

import io.holdfast.internal.SafeLog;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Threads for tasks that may block: an idle one takes a task, else a new one is made, up to a limit; beyond it tasks queue without bound.
 * Nothing is refused. A thread that has nothing to do ends after a moment. What a task throws is logged, and an interrupt status that it
 * leaves is cleared. Thread-safe.
 *
 * <p>JDK's pools either queue before they grow, so that one blocked task holds up the next, or grow without limit. The usual way
 * around, a pool over a LinkedTransferQueue, left threads of JDK 17 spinning for ever in a timed poll when many ended at once.
 */
final class Workers implements Executor {
    private static final Logger LOG = System.getLogger("io.holdfast");

    private final int limit;
    private final ThreadFactory threads;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by the lock.
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private long keepAliveNanos;
    private int alive;
    private int idle;

    Workers(int limit, Duration keepAlive, ThreadFactory threads) {
        this.limit = limit;
        this.keepAliveNanos = keepAlive.toNanos();
        this.threads = threads;
    }

    @Override
    public void execute(Runnable task) {
        lock.lock();
        try {
            tasks.add(task);
            // A thread that was woken counts as idle until it runs, and its task as queued: both or neither.
            if (idle < tasks.size() && alive < limit) {
                grow(task);
            } else {
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** When the machine has no thread left, the task waits for one of ours; only without any is it given back. */
    private void grow(Runnable task) {
        alive++;
        boolean started = false;
        try {
            threads.newThread(this::work).start();
            started = true;
        } catch (OutOfMemoryError noThread) {
            if (alive == 1) {
                tasks.remove(task);
                throw noThread;
            }
        } finally {
            if (!started) {
                alive--;
            }
        }
    }

    private void work() {
        Runnable task = next();
        while (task != null) {
            try {
                task.run();
            } catch (
                    Throwable
                            failure) { // or this thread would be counted for ever, and its tasks never run (rule SP-7)
                SafeLog.log(LOG, Level.ERROR, "a task of the lock engine failed", failure);
            }
            // A task may have left it set; the next one is none of its business, and would fail at its first wait.
            Thread.interrupted();
            task = next();
        }
    }

    /** The next task, or null when none came in time: the thread is not counted any more then. */
    private @Nullable Runnable next() {
        lock.lock();
        idle++;
        try {
            long left = keepAliveNanos;
            while (tasks.isEmpty()) {
                if (left <= 0) {
                    alive--;
                    return null;
                }
                try {
                    left = Math.min(changed.awaitNanos(left), keepAliveNanos);
                } catch (InterruptedException leftByATask) {
                    // The status is cleared by it; nobody interrupts an idle thread to tell it something.
                    left = keepAliveNanos;
                }
            }
            return tasks.remove();
        } finally {
            idle--;
            lock.unlock();
        }
    }

    /** How long an idle thread stays from now on; one that is idle longer already ends at once. */
    void keepAlive(Duration time) {
        lock.lock();
        try {
            keepAliveNanos = time.toNanos();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Threads alive now. */
    int threads() {
        lock.lock();
        try {
            return alive;
        } finally {
            lock.unlock();
        }
    }
}
