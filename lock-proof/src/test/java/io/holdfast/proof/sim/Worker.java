// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.LockClosedException;
import io.holdfast.LockHandle;
import io.holdfast.LockOptions;
import io.holdfast.internal.client.EngineHandle;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/** Acquires, holds, releases, thinks, and begins again. */
final class Worker {
    private final SimWorld world;
    private final SimClient client;
    private final SimRandom random;
    private final Judges judges;
    private final Workload workload;
    private final long lease;
    private final boolean owns;

    Worker(SimWorld world, SimClient client, SimRandom random, Judges judges, Workload workload) {
        this.world = world;
        this.client = client;
        this.random = random;
        this.judges = judges;
        this.workload = workload;
        this.lease = judges.settings().lease();
        this.owns = workload.habit() == Workload.Habit.OWNS
                || (workload.habit() == Workload.Habit.VARIES && random.chance(0.3));
    }

    /** Begins, in a process that has just been started. */
    void begin() {
        if (owns) {
            new OwnerWorker(client, random, judges, workload).start();
        } else {
            start();
        }
    }

    private void start() {
        world.in(client.node(), random.around(workload.pauseNanos()), "worker", this::ask);
    }

    private void ask() {
        if (client.isStopping()) {
            return;
        }
        String name = random.pick(workload.names());
        LockOptions options = options();
        SimRequest request = new SimRequest(client, name, options.waitLimit(), world.now());
        judges.asked(request);
        CompletableFuture<LockHandle> answer;
        try {
            answer = client.engine().acquireAsync(name, options).toCompletableFuture();
        } catch (LockClosedException e) {
            request.answered = true;
            return;
        }
        answer.whenComplete((handle, failure) -> answered(request, options, handle, failure));
        long cancelAfter = cancelAfter();
        if (cancelAfter > 0) {
            world.in(client.node(), cancelAfter, "cancel", () -> cancel(request, answer));
        }
    }

    private long cancelAfter() {
        return switch (workload.habit()) {
            case WAITS, TRIES, OWNS -> 0;
            case VARIES -> random.chance(0.15) ? random.around(lease / 4) : 0;
            // A contend and its reply take about a millisecond.
            case CANCELS -> random.chance(0.9) ? random.around(SimSettings.MILLI) : 0;
        };
    }

    private LockOptions options() {
        LockOptions options = LockOptions.defaults();
        if (workload.habit() == Workload.Habit.TRIES) {
            return random.chance(0.95) ? options.waitLimit(Duration.ZERO) : options;
        }
        if (workload.habit() != Workload.Habit.VARIES) {
            return options;
        }
        int kind = random.below(10);
        if (kind < 2) {
            options = options.waitLimit(Duration.ZERO);
        } else if (kind < 5) {
            options = options.waitLimit(Duration.ofNanos(1 + random.around(lease / 2)));
        }
        if (random.chance(0.03)) {
            options = options.minimumHold(Duration.ofNanos(1 + random.around(2 * SimSettings.SECOND)));
        } else if (random.chance(0.03)) {
            options = options.maximumHold(Duration.ofNanos(1 + random.around(lease / 2)));
        }
        return options;
    }

    private void cancel(SimRequest request, CompletableFuture<LockHandle> answer) {
        if (answer.cancel(false)) {
            request.cancelled = true;
            start();
        }
    }

    private void answered(SimRequest request, LockOptions options, LockHandle handle, Throwable failure) {
        if (answerIsOfCancel(request, handle, failure)) {
            return;
        }
        request.answered = true;
        if (handle == null) {
            judges.refused(request, failure);
            start();
            return;
        }
        SimHold hold = new SimHold(
                request, (EngineHandle) handle, options.maximumHold().isPresent());
        hold.minimumNanos = options.minimumHold().toNanos();
        judges.began(hold);
        world.in(client.node(), holdTime(), "release", () -> release(hold));
    }

    private static boolean answerIsOfCancel(SimRequest request, LockHandle handle, Throwable failure) {
        return request.cancelled || (handle == null && failure instanceof CancellationException);
    }

    private long holdTime() {
        if (workload.habit() != Workload.Habit.VARIES) {
            return random.around(workload.holdNanos());
        }
        int kind = random.below(100);
        if (kind < 75) {
            return random.around(workload.holdNanos());
        }
        return kind < 97 ? random.around(lease / 5) : random.around(lease * 3 / 2);
    }

    private void release(SimHold hold) {
        judges.releasing(hold);
        hold.handle.releaseAsync().whenComplete((outcome, failure) -> judges.released(hold, outcome, failure));
        judges.holds().releaseSent(hold);
        start();
    }
}
