// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.spi.LockClock;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.LockScheduler;
import java.util.concurrent.Executor;

/** Time and threads of one client: events of its node. Timers and tasks are a little late, as on a real machine. */
final class SimRuntime implements LockRuntime {
    private static final long TIMER_LATENESS = 200_000;
    private static final long TASK_LATENESS = 100_000;

    private final SimWorld world;
    private final SimNode node;
    private final SimRandom random;
    private int pending;

    private final LockClock clock = new LockClock() {
        @Override
        public long nanoTime() {
            return node.nanoTime();
        }

        @Override
        public long wallMillis() {
            return node.wallMillis();
        }
    };

    SimRuntime(SimWorld world, SimNode node, SimRandom random) {
        this.world = world;
        this.node = node;
        this.random = random;
    }

    @Override
    public LockClock clock() {
        return clock;
    }

    @Override
    public LockScheduler scheduler() {
        return (task, delayNanos) -> {
            Timer timer = new Timer(task);
            pending++;
            timer.event =
                    world.in(node, node.trueDelay(delayNanos) + random.between(1, TIMER_LATENESS), "timer", timer);
            return timer;
        };
    }

    @Override
    public Executor executor() {
        // Not in the order handed in: an executor has several threads.
        return task -> world.in(node, random.between(1, TASK_LATENESS), "task", task);
    }

    /** Timers that are set and have neither run nor been cancelled. */
    int pending() {
        return pending;
    }

    private final class Timer implements Runnable, LockScheduler.Scheduled {
        private final Runnable task;
        private SimEvent event;
        private boolean done;

        Timer(Runnable task) {
            this.task = task;
        }

        @Override
        public void run() {
            if (!done) {
                done = true;
                pending--;
                task.run();
            }
        }

        @Override
        public void cancel() {
            if (!done) {
                done = true;
                pending--;
                event.cancel();
            }
        }
    }
}
