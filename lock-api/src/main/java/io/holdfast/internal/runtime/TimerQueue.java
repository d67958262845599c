// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.runtime;

import io.holdfast.internal.SafeLog;
import io.holdfast.spi.LockClock;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.invoke.VarHandle;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks at their time, on one thread that is started with the first of them. Thread-safe.
 *
 * <p>Nearly every task is the limit of a request, and is cancelled long before its time. So the thread is woken only for a task that is due
 * before the moment for which it has set its alarm, and a cancelled task leaves the alarm as it is: where requests follow one another, each
 * with the same limit, the thread wakes once a limit, not once a request. A queue that wakes its thread for each new head, as {@link
 * java.util.concurrent.ScheduledThreadPoolExecutor} does, costs two switches between threads a request.
 */
final class TimerQueue {
    private static final Logger LOG = System.getLogger("io.holdfast");

    /** Later than anybody waits, and such that no difference of two times overflows: 146 years. */
    private static final long NEVER_NANOS = Long.MAX_VALUE / 2;

    private static final Comparator<Timed> BY_TIME =
            (a, b) -> a.due == b.due ? Long.compare(a.number, b.number) : Long.signum(a.due - b.due);

    private final ConcurrentSkipListMap<Timed, Runnable> tasks = new ConcurrentSkipListMap<>(BY_TIME);
    private final AtomicLong numbers = new AtomicLong();
    private final AtomicLong wakeUps = new AtomicLong();
    private final AtomicBoolean started = new AtomicBoolean();
    private final LockClock clock;
    private final Thread thread;

    /** Until when the thread waits unless it is woken; a time long past while it is awake, and will look at the tasks anyway. */
    private volatile long alarm;

    /** When the task is due that the thread was woken for last. */
    private volatile long wokenFor;

    private volatile boolean stopped;

    /** When a task is due, and its number among those that are due at the same time. */
    private static final class Timed {
        private final long due;
        private final long number;

        Timed(long due, long number) {
            this.due = due;
            this.number = number;
        }
    }

    /**
     * A queue whose thread does not run yet.
     *
     * @param clock the system's monotonic clock, which {@link LockSupport#parkNanos} goes by
     * @param threads makes the one thread
     */
    TimerQueue(LockClock clock, ThreadFactory threads) {
        this.clock = clock;
        this.thread = threads.newThread(this::run);
        this.alarm = past();
        this.wokenFor = alarm;
    }

    private long past() {
        return clock.nanoTime() - NEVER_NANOS;
    }

    /**
     * Runs a task once after a delay; one that throws ends neither the thread nor another task.
     *
     * @param task what to run; after {@link #stop} nothing is run
     * @param delayNanos nanoseconds from now; zero and less is as soon as possible
     * @return cancels it unless it has begun
     */
    Runnable schedule(Runnable task, long delayNanos) {
        long delay = Math.min(Math.max(delayNanos, 0), NEVER_NANOS);
        Timed timed = new Timed(clock.nanoTime() + delay, numbers.incrementAndGet());
        tasks.put(timed, task);
        try {
            start();
        } catch (OutOfMemoryError noThread) { // told to who asks, and so not done when there is a thread again
            tasks.remove(timed);
            throw noThread;
        }
        // After the task is there: the thread sets its alarm first and
        // looks at the tasks then, so that one of both sees the other.
        VarHandle.fullFence();
        if (timed.due - alarm < 0) {
            wokenFor = timed.due;
            LockSupport.unpark(thread);
        }
        return () -> tasks.remove(timed);
    }

    private void start() {
        if (!started.get() && started.compareAndSet(false, true)) {
            boolean runs = false;
            try {
                thread.start();
                runs = true;
            } finally {
                if (!runs) { // no memory for a thread now; there may be when the next one asks
                    started.set(false);
                }
            }
        }
    }

    /** Ends the thread and drops what has not begun. Idempotent. */
    void stop() {
        stopped = true;
        tasks.clear();
        LockSupport.unpark(thread);
    }

    private void run() {
        while (!stopped) {
            try {
                runDue();
                await();
            } catch (Throwable failure) { // no memory, say: the tasks of all clients depend on this thread
                SafeLog.log(LOG, Level.ERROR, "the timer of the lock engine", failure);
            }
        }
    }

    private void runDue() {
        for (Timed first = first(); first != null && first.due - clock.nanoTime() <= 0; first = first()) {
            Runnable task = tasks.remove(first);
            if (task != null && !stopped) { // null: cancelled in this moment
                runOne(task);
            }
        }
    }

    private static void runOne(Runnable task) {
        try {
            task.run();
        } catch (Throwable failure) {
            SafeLog.log(LOG, Level.ERROR, "a task of the lock engine failed", failure);
        }
        Thread.interrupted(); // left by a task, it would harm the next one
    }

    private void await() {
        Timed first = first();
        long now = clock.nanoTime();
        long until = first == null ? now + NEVER_NANOS : first.due;
        // Where the task is cancelled before the thread has woken for it, the next one would wake it again: it wakes
        // for the first one's sake.
        long asked = wokenFor;
        if (asked - now > 0 && asked - until < 0) {
            until = asked;
        }
        alarm = until;
        VarHandle.fullFence(); // the other half of the one in schedule: the map reads without one
        Timed again = first(); // one that was added before its adder could see the alarm
        if (!stopped && (again == null || again.due - until >= 0) && until - now > 0) {
            // By the clock as it is now: a process that was stopped since the look above would sleep for as long again.
            LockSupport.parkNanos(this, until - clock.nanoTime());
            wakeUps.incrementAndGet();
        }
        alarm = past();
        Thread.interrupted(); // a stranger's: it would keep the thread from waiting
    }

    private @Nullable Timed first() {
        Map.Entry<Timed, Runnable> first = tasks.firstEntry();
        return first == null ? null : first.getKey();
    }

    /** How often the thread has woken. */
    long wakeUps() {
        return wakeUps.get();
    }

    /** How many tasks wait for their time. */
    int size() {
        return tasks.size();
    }
}
