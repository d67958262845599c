// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.spi.LockClock;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.LockScheduler;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Real time on threads of the kit: for sessions opened without a client, and for a wall clock that can be set ahead. */
public final class KitRuntime implements LockRuntime, AutoCloseable {
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, named("tck-timer"));
    private final ExecutorService workers = Executors.newCachedThreadPool(named("tck-worker"));
    private final AtomicLong wallAhead = new AtomicLong();
    private volatile long origin;
    private volatile boolean stalled;
    private final LockClock clock = new LockClock() {
        @Override
        public long nanoTime() {
            return System.nanoTime() + origin;
        }

        @Override
        public long wallMillis() {
            return System.currentTimeMillis() + wallAhead.get();
        }
    };
    private final LockScheduler scheduler = this::schedule;

    public KitRuntime() {
        timer.setRemoveOnCancelPolicy(true);
    }

    private static ThreadFactory named(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    /** The wall clock jumps, as it does after the machine was suspended. */
    public void jumpWallClock(long millis) {
        wallAhead.addAndGet(millis);
    }

    /** The monotonic clock counts from another moment, as on another machine; before anybody has read it. */
    public void countFrom(long nanos) {
        origin = nanos;
    }

    /** Timers stop coming due, as on a machine with no time for them. */
    public void stall() {
        stalled = true;
    }

    @Override
    public LockClock clock() {
        return clock;
    }

    /** The same object at every call: backends share by it what runs on the same threads. */
    @Override
    public LockScheduler scheduler() {
        return scheduler;
    }

    private LockScheduler.Scheduled schedule(Runnable task, long delayNanos) {
        Runnable unlessStalled = () -> {
            if (!stalled) {
                task.run();
            }
        };
        var future = timer.schedule(unlessStalled, Math.max(0, delayNanos), TimeUnit.NANOSECONDS);
        return () -> future.cancel(false);
    }

    @Override
    public Executor executor() {
        return workers;
    }

    @Override
    public void close() {
        timer.shutdownNow();
        workers.shutdown();
    }
}
