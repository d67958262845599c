// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

/**
 * The two clocks that the engine and its backends read, injected so that a test can run hours of leases in milliseconds.
 *
 * <p>Deadlines come from {@link #nanoTime()} only. The wall clock ends nothing: it is shown to people, and when it jumps ahead of the
 * monotonic clock every hold becomes suspect (rule ME-5), because a machine that was suspended may have stopped its monotonic clock.
 * Implementations are thread-safe and never block.
 */
public interface LockClock {
    /**
     * Monotonic time in nanoseconds from an arbitrary origin; compare two readings by subtraction only.
     *
     * @return the reading, as {@link System#nanoTime()} means it
     */
    long nanoTime();

    /**
     * Wall-clock time in milliseconds since the epoch.
     *
     * @return the reading, as {@link System#currentTimeMillis()} means it
     */
    long wallMillis();
}
