// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

import io.holdfast.spi.LockClock;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.LockScheduler;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The runtime that the clients of a JVM share: each client acquires a handle to it and releases it when it is closed; the
 * threads end with the last one (rule CL-3).
 */
public final class SharedRuntime implements LockRuntime {
    private static final System.Logger LOG = System.getLogger(SharedRuntime.class.getName());
    private static final LockClock CLOCK = new SystemClock();
    private static final AtomicInteger WORKERS = new AtomicInteger();
    private static final ThreadPoolExecutor POOL = new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            500,
            TimeUnit.MILLISECONDS,
            new SynchronousQueue<>(),
            task -> daemon(task, "holdfast-worker-" + WORKERS.incrementAndGet()));

    private static int handles;
    private static volatile @Nullable ScheduledThreadPoolExecutor timer;

    private final AtomicBoolean released = new AtomicBoolean();

    private SharedRuntime() {}

    /** A handle to the runtime, whose threads run at least until it is released. */
    public static synchronized SharedRuntime acquire() {
        if (handles++ == 0) {
            ScheduledThreadPoolExecutor fresh =
                    new ScheduledThreadPoolExecutor(1, task -> daemon(task, "holdfast-timer"));
            fresh.setRemoveOnCancelPolicy(true);
            fresh.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
            timer = fresh;
        }
        return new SharedRuntime();
    }

    /** Gives the handle back; the last one ends the timer and drops what it had still to do. Idempotent. */
    public void release() {
        if (released.compareAndSet(false, true)) {
            releaseOne();
        }
    }

    private static synchronized void releaseOne() {
        ScheduledThreadPoolExecutor running = timer;
        if (--handles == 0 && running != null) {
            timer = null;
            running.shutdown();
        }
    }

    @Override
    public LockClock clock() {
        return CLOCK;
    }

    @Override
    public LockScheduler scheduler() {
        return SharedRuntime::schedule;
    }

    @Override
    public Executor executor() {
        return task -> POOL.execute(guarded(task));
    }

    private static LockScheduler.Scheduled schedule(Runnable task, long delayNanos) {
        ScheduledThreadPoolExecutor running = timer;
        if (running == null) {
            return () -> {};
        }
        ScheduledFuture<?> scheduled = running.schedule(guarded(task), delayNanos, TimeUnit.NANOSECONDS);
        return () -> scheduled.cancel(false);
    }

    private static Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException | Error failure) {
                LOG.log(System.Logger.Level.ERROR, "a task of the lock engine failed", failure);
            }
        };
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(null, task, name, 0, false);
        thread.setDaemon(true);
        return thread;
    }

    private static final class SystemClock implements LockClock {
        @Override
        public long nanoTime() {
            return System.nanoTime();
        }

        @Override
        public long wallMillis() {
            return System.currentTimeMillis();
        }
    }
}
