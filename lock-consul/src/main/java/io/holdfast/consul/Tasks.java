// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.spi.LockRuntime;
import java.util.function.Consumer;

/**
 * Hands tasks to a client's executor, at once or after a pause. It must refuse none, and one that was shut down or has no thread left
 * does: what is refused is handed in again after a moment, a few times, and then given up, which is told to whoever handed it in (rule
 * SP-7).
 */
final class Tasks {
    private static final int MOST_REFUSALS = 5;
    private static final long FIRST_PAUSE = 20_000_000L;

    private Tasks() {}

    /**
     * Runs a task on another thread.
     *
     * @param refused told once, on whatever thread, when the task will not run
     */
    static void run(LockRuntime runtime, Runnable task, Consumer<Throwable> refused) {
        run(runtime, task, refused, 0);
    }

    private static void run(LockRuntime runtime, Runnable task, Consumer<Throwable> refused, int refusals) {
        try {
            runtime.executor().execute(task);
        } catch (RuntimeException | Error why) {
            if (refusals >= MOST_REFUSALS) {
                refused.accept(why);
            } else {
                pause(
                        runtime,
                        () -> run(runtime, task, refused, refusals + 1),
                        FIRST_PAUSE << refusals,
                        scheduler -> refused.accept(why));
            }
        }
    }

    /** Runs a task on another thread after a pause; as {@link #run} otherwise. */
    static void later(LockRuntime runtime, Runnable task, long nanos, Consumer<Throwable> refused) {
        pause(runtime, () -> run(runtime, task, refused), nanos, refused);
    }

    /** Runs a step that blocks for nothing after a pause, on the scheduler's thread. */
    static void pause(LockRuntime runtime, Runnable step, long nanos, Consumer<Throwable> refused) {
        try {
            runtime.scheduler().schedule(step, nanos);
        } catch (RuntimeException | Error why) {
            refused.accept(why);
        }
    }
}
