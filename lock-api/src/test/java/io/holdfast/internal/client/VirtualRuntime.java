// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.client;

import io.holdfast.spi.LockClock;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.LockScheduler;
import java.time.Duration;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A runtime on which time passes only when the test says so, and everything runs on the test's thread, unless the test has another
 * way to run a task.
 *
 * <p>Timers and tasks may be handed in from any thread: owners that are threads have threads of their own.
 */
final class VirtualRuntime implements LockRuntime, LockClock, LockScheduler {
    private record Timer(long at, long order, Runnable task) implements Comparable<Timer> {
        @Override
        public int compareTo(Timer o) {
            return at != o.at ? Long.compare(at, o.at) : Long.compare(order, o.order);
        }
    }

    private final PriorityQueue<Timer> timers = new PriorityQueue<>();
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private volatile long now = 1_000_000_000L;
    private volatile long wallMillis = 1_700_000_000_000L;
    private long order;
    /** How many of the next tasks are refused. */
    final AtomicInteger refusals = new AtomicInteger();

    private Consumer<Runnable> runner = Runnable::run;

    /** Has tasks run in another way than on the test's thread. */
    void runTasks(Consumer<Runnable> way) {
        runner = way;
    }

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
        return task -> {
            if (refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                throw new RejectedExecutionException("refused by the test");
            }
            tasks.add(task);
        };
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
        synchronized (timers) {
            Timer timer = new Timer(now + Math.max(0, delayNanos), order++, task);
            timers.add(timer);
            return () -> cancel(timer);
        }
    }

    private void cancel(Timer timer) {
        synchronized (timers) {
            timers.remove(timer);
        }
    }

    private @Nullable Timer dueBy(long end) {
        synchronized (timers) {
            return timers.isEmpty() || timers.peek().at() > end ? null : timers.remove();
        }
    }

    /** Runs what is ready, without time passing. */
    void settle() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            runner.accept(task);
        }
    }

    /** Lets time pass, running each timer at its moment. */
    void advance(Duration d) {
        settle();
        long end = now + d.toNanos();
        for (Timer next = dueBy(end); next != null; next = dueBy(end)) {
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
        long wall = wallMillis;
        wallMillis = wall + d.toMillis();
    }

    int timers() {
        synchronized (timers) {
            return timers.size();
        }
    }

    private void move(long nanos) {
        long before = now;
        long after = before + nanos;
        long wall = wallMillis;
        now = after;
        wallMillis = wall + after / 1_000_000 - before / 1_000_000;
    }
}
