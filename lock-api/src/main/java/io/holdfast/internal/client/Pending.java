// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.client;

import io.holdfast.ReleaseOutcome;
import io.holdfast.internal.context.Durations;
import io.holdfast.internal.context.Engine;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Waits of application threads for one answer of the store, on the injected clock. */
final class Pending {
    private Pending() {}

    /**
     * Waits for a stage, uninterruptibly: what is asked here has been sent, and its answer is needed either way. The thread's
     * interrupt status is restored.
     *
     * @return the stage as a future: done, or not when the time has passed
     */
    static <T extends @Nullable Object> CompletableFuture<T> await(
            Engine engine, CompletionStage<T> stage, Duration limit) {
        return await(engine, stage, limit, false);
    }

    /** Waits for a stage that is of no use to who is told to stop. A thread that was interrupted before it came here waits all the same. */
    static <T extends @Nullable Object> CompletableFuture<T> awaitUnlessInterrupted(
            Engine engine, CompletionStage<T> stage, Duration limit) {
        return await(engine, stage, limit, true);
    }

    private static <T extends @Nullable Object> CompletableFuture<T> await(
            Engine engine, CompletionStage<T> stage, Duration limit, boolean unlessInterrupted) {
        CompletableFuture<T> answer = stage.toCompletableFuture();
        if (answer.isDone()) {
            return answer;
        }
        Thread waiting = Thread.currentThread();
        boolean[] passed = new boolean[1];
        answer.whenComplete((v, e) -> LockSupport.unpark(waiting));
        var timer = engine.schedule(
                () -> {
                    synchronized (passed) {
                        passed[0] = true;
                    }
                    LockSupport.unpark(waiting);
                },
                Durations.saturatedNanos(limit));
        boolean interrupted = Thread.interrupted();
        boolean told = false;
        while (!answer.isDone() && !isSet(passed) && !(unlessInterrupted && told)) {
            LockSupport.park(answer);
            told = Thread.interrupted();
            interrupted |= told;
        }
        timer.cancel();
        if (interrupted) {
            waiting.interrupt();
        }
        return answer;
    }

    /** Waits for a release as long as one request may take. */
    static ReleaseOutcome outcome(Engine engine, CompletionStage<ReleaseOutcome> release) {
        return await(engine, release, engine.settings().operationTimeout()).getNow(ReleaseOutcome.UNKNOWN);
    }

    /** Why a completed stage failed. */
    static @Nullable Throwable failureOf(CompletableFuture<?> failed) {
        Throwable[] why = new Throwable[1];
        failed.whenComplete((v, e) -> why[0] = e);
        return why[0];
    }

    private static boolean isSet(boolean[] flag) {
        synchronized (flag) {
            return flag[0];
        }
    }
}
