// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.runtime;

import io.holdfast.spi.LockClock;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.LockScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The runtime that the clients of a JVM share: one timer thread, and workers as they are needed, all of them daemons. Code of
 * the users runs on threads of its own, apart for each client and kind.
 *
 * <p>Each client acquires a handle and releases it when it is closed; the threads end with the last one (rule CL-3). Thread-safe.
 */
public final class SharedRuntime implements LockRuntime {
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
    private static final AtomicInteger CALLBACK_NUMBERS = new AtomicInteger();

    private static int handles;
    private static volatile @Nullable TimerQueue timer;

    private final AtomicBoolean released = new AtomicBoolean();

    /** Of this handle's client; guarded by this. */
    private final List<Workers> callbacks = new ArrayList<>();

    private SharedRuntime() {}

    /** A handle to the runtime, which runs at least until it is released. */
    public static synchronized SharedRuntime acquire() {
        if (handles++ == 0) {
            timer = new TimerQueue(CLOCK, task -> daemon(task, "holdfast-timer"));
            WORKERS.keepAlive(KEEP_ALIVE);
        }
        return new SharedRuntime();
    }

    /** Gives the handle back; with the last one the timer ends and drops what it had still to do. Idempotent. */
    public void release() {
        if (released.compareAndSet(false, true)) {
            synchronized (this) {
                callbacks.forEach(workers -> workers.keepAlive(KEEP_ALIVE_WITHOUT_CLIENTS));
            }
            releaseOne();
        }
    }

    private static synchronized void releaseOne() {
        TimerQueue running = timer;
        if (--handles == 0 && running != null) {
            timer = null;
            running.stop();
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
        return WORKERS;
    }

    /** A pool of its own, whose threads come and go with what there is to do. */
    @Override
    public synchronized Executor callbacks() {
        Workers workers = new Workers(
                MOST_WORKERS,
                released.get() ? KEEP_ALIVE_WITHOUT_CLIENTS : KEEP_ALIVE,
                task -> daemon(task, "holdfast-callback-" + CALLBACK_NUMBERS.incrementAndGet()));
        callbacks.add(workers);
        return workers;
    }

    /** Without any handle nobody is left to care: a client that is closing may schedule once more while the last one is released. */
    private static LockScheduler.Scheduled schedule(Runnable task, long delayNanos) {
        TimerQueue running = timer;
        if (running == null) {
            return () -> {};
        }
        Runnable cancel = running.schedule(task, delayNanos);
        return cancel::run;
    }

    private static Thread daemon(Runnable task, String name) {
        // Neither thread locals nor the class loader of the client
        // that happened to come first: these threads serve all.
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
