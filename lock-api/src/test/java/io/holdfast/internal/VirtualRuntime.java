// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

import io.holdfast.spi.LockClock;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.LockScheduler;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.PriorityQueue;
import java.util.concurrent.Executor;

/** A runtime on which time passes only when the test says so, and everything runs on the test's thread. */
final class VirtualRuntime implements LockRuntime, LockClock, LockScheduler {
    private record Timer(long at, long order, Runnable task) implements Comparable<Timer> {
        @Override
        public int compareTo(Timer o) {
            return at != o.at ? Long.compare(at, o.at) : Long.compare(order, o.order);
        }
    }

    private final PriorityQueue<Timer> timers = new PriorityQueue<>();
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private long now = 1_000_000_000L;
    private long wallMillis = 1_700_000_000_000L;
    private long order;

    @Override
    public LockClock clock() {
        return this;
    }

    @Override
    public LockScheduler scheduler() {
        return this;
    }

    @Override
    public Executor executor() {
        return tasks::add;
    }

    @Override
    public long nanoTime() {
        return now;
    }

    @Override
    public long wallMillis() {
        return wallMillis;
    }

    @Override
    public Scheduled schedule(Runnable task, long delayNanos) {
        Timer timer = new Timer(now + Math.max(0, delayNanos), order++, task);
        timers.add(timer);
        return () -> timers.remove(timer);
    }

    /** Runs what is ready, without time passing. */
    void settle() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    /** Lets time pass, running each timer at its moment. */
    void advance(Duration d) {
        settle();
        long end = now + d.toNanos();
        while (!timers.isEmpty() && timers.peek().at() <= end) {
            Timer next = timers.remove();
            move(Math.max(0, next.at() - now));
            next.task().run();
            settle();
        }
        move(end - now);
        settle();
    }

    /** Moves the clock without running a timer: the process was stopped. */
    void stopFor(Duration d) {
        move(d.toNanos());
    }

    /** Moves the wall clock alone: the machine was suspended, or somebody set the clock. */
    void stepWallClock(Duration d) {
        wallMillis += d.toMillis();
    }

    int timers() {
        return timers.size();
    }

    private void move(long nanos) {
        long before = now;
        now += nanos;
        wallMillis += now / 1_000_000 - before / 1_000_000;
    }
}
