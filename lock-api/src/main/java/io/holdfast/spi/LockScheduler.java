// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

/**
 * Runs tasks later, on the time of the {@link LockClock} beside it.
 *
 * <p>Tasks are short and never block; whatever may block goes to the {@link LockRuntime#executor()}. Thread-safe.
 */
public interface LockScheduler {
    /**
     * Runs a task once after a delay.
     *
     * @param task what to run; an exception it throws is logged by the scheduler and ends nothing else
     * @param delayNanos nanoseconds from now; zero or negative means as soon as possible, never on the calling thread
     * @return a handle to cancel it
     */
    Scheduled schedule(Runnable task, long delayNanos);

    /** One scheduled task. Thread-safe. */
    @FunctionalInterface
    interface Scheduled {
        /** Prevents a task that has not begun; a task that runs or has run is not affected. Idempotent. */
        void cancel();
    }
}
