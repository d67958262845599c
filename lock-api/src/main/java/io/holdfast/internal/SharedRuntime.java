// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

import io.holdfast.spi.LockClock;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.LockScheduler;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The runtime that the clients of a JVM share: one timer thread, and workers as they are needed, all of them daemons.
 *
 * <p>Each client acquires a handle and releases it when it is closed; the threads end with the last one (rule CL-3). Thread-safe.
 */
public final class SharedRuntime implements LockRuntime {
    private static final Logger LOG = System.getLogger(SharedRuntime.class.getName());

    /** Far above what is needed, so that only a flood of blocked tasks queues; a thread's memory is what limits it. */
    private static final int MOST_WORKERS = 1024;

    /** Below the second within which all threads are to be gone. */
    private static final Duration KEEP_ALIVE = Duration.ofMillis(500);

    /** Without a client there is nothing to wait for (rule CL-3). */
    private static final Duration KEEP_ALIVE_WITHOUT_CLIENTS = Duration.ofMillis(1);

    private static final AtomicInteger WORKER_NUMBERS = new AtomicInteger();
    private static final Workers WORKERS = new Workers(
            MOST_WORKERS, KEEP_ALIVE, task -> daemon(task, "holdfast-worker-" + WORKER_NUMBERS.incrementAndGet()));
    private static final LockClock CLOCK = new SystemClock();
    private static final LockScheduler SCHEDULER = SharedRuntime::schedule;
    private static final Executor EXECUTOR = task -> WORKERS.execute(guarded(task));

    private static int handles;
    private static volatile @Nullable ScheduledThreadPoolExecutor timer;

    private final AtomicBoolean released = new AtomicBoolean();

    private SharedRuntime() {}

    /** A handle to the runtime, which runs at least until it is released. */
    public static synchronized SharedRuntime acquire() {
        if (handles++ == 0) {
            timer = newTimer();
            WORKERS.keepAlive(KEEP_ALIVE);
        }
        return new SharedRuntime();
    }

    private static ScheduledThreadPoolExecutor newTimer() {
        ScheduledThreadPoolExecutor fresh = new ScheduledThreadPoolExecutor(1, task -> daemon(task, "holdfast-timer"));
        fresh.setRemoveOnCancelPolicy(true);
        fresh.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        // A client that is closing may schedule once more while the last handle is released: nobody is left to care.
        fresh.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        return fresh;
    }

    /** Gives the handle back; with the last one the timer ends and drops what it had still to do. Idempotent. */
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
            WORKERS.keepAlive(KEEP_ALIVE_WITHOUT_CLIENTS);
        }
    }

    @Override
    public LockClock clock() {
        return CLOCK;
    }

    @Override
    public LockScheduler scheduler() {
        return SCHEDULER;
    }

    /** Without any handle it still runs what it is given, on threads that end as soon as they are idle. */
    @Override
    public Executor executor() {
        return EXECUTOR;
    }

    private static LockScheduler.Scheduled schedule(Runnable task, long delayNanos) {
        ScheduledThreadPoolExecutor running = timer;
        if (running == null) {
            return () -> {};
        }
        ScheduledFuture<?> scheduled = running.schedule(guarded(task), delayNanos, TimeUnit.NANOSECONDS);
        return () -> scheduled.cancel(false);
    }

    /** A task that throws ends neither its thread nor anything else. */
    private static Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException | Error failure) {
                LOG.log(Level.ERROR, "a task of the lock engine failed", failure);
            }
        };
    }

    private static Thread daemon(Runnable task, String name) {
        // Neither thread locals nor the class loader of the client that happened to come first: these threads serve
        // all.
        Thread thread = new Thread(null, task, name, 0, false);
        thread.setContextClassLoader(SharedRuntime.class.getClassLoader());
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
