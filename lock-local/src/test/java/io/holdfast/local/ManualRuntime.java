// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import io.holdfast.spi.LockClock;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.LockScheduler;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.Executor;

/** A runtime whose time stands still until a test moves it, and whose tasks run on the thread that moves it. */
final class ManualRuntime implements LockRuntime, LockClock, LockScheduler {
    private static final long WALL_START = 1_700_000_000_000L;

    private final PriorityQueue<Task> tasks =
            new PriorityQueue<>(Comparator.<Task>comparingLong(t -> t.at).thenComparingLong(t -> t.order));
    private long now = Long.MAX_VALUE - 5_000_000_000L; // wraps soon: readings may only be subtracted
    private long elapsed;
    private long scheduled;

    private static final class Task {
        final Runnable run;
        final long at;
        final long order;

        Task(Runnable run, long at, long order) {
            this.run = run;
            this.at = at;
            this.order = order;
        }
    }

    void advance(Duration by) {
        long target = elapsed + by.toNanos();
        while (!tasks.isEmpty() && tasks.peek().at <= target) {
            Task next = tasks.poll();
            moveTo(Math.max(elapsed, next.at));
            next.run.run();
        }
        moveTo(target);
    }

    private void moveTo(long target) {
        now += target - elapsed;
        elapsed = target;
    }

    int pending() {
        return tasks.size();
    }

    @Override
    public Scheduled schedule(Runnable task, long delayNanos) {
        Task entry = new Task(task, elapsed + Math.max(0, delayNanos), scheduled++);
        tasks.add(entry);
        return () -> tasks.remove(entry);
    }

    @Override
    public long nanoTime() {
        return now;
    }

    @Override
    public long wallMillis() {
        return WALL_START + elapsed / 1_000_000;
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
        return task -> schedule(task, 0);
    }
}
