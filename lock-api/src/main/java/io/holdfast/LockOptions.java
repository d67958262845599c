// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import io.holdfast.spi.DurationFormat;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How one acquisition waits and holds; immutable, each method returns a changed copy.
 *
 * <p>The lease is not among them: it is a setting of the client ({@link LockConfig#withLease}), and renewed as long as the hold lasts.
 */
public final class LockOptions {
    private static final LockOptions DEFAULTS =
            new LockOptions(Optional.empty(), Optional.empty(), Duration.ZERO, false);

    private final Optional<Duration> waitLimit;
    private final Optional<Duration> maximumHold;
    private final Duration minimumHold;
    private final boolean interruptOnLoss;

    private LockOptions(
            Optional<Duration> waitLimit,
            Optional<Duration> maximumHold,
            Duration minimumHold,
            boolean interruptOnLoss) {
        if (maximumHold.isPresent() && minimumHold.compareTo(maximumHold.get()) > 0) {
            throw new IllegalArgumentException(
                    "minimum hold " + minimumHold + " is above the maximum hold " + maximumHold.get());
        }
        this.waitLimit = waitLimit;
        this.maximumHold = maximumHold;
        this.minimumHold = minimumHold;
        this.interruptOnLoss = interruptOnLoss;
    }

    /**
     * The options of who gives none: no wait limit but the called method's, no maximum, no minimum, no interrupt on loss.
     *
     * @return the defaults
     */
    public static LockOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Limits the wait: connecting, queueing and retrying together (rule WA-1). Until the store has said anything of the lock the wait may
     * last {@code operation-timeout}, however short the limit is (rule WA-12).
     *
     * @param limit zero or negative: do not wait, and stand in no line (rule WA-4)
     * @return a copy
     */
    public LockOptions waitLimit(Duration limit) {
        Objects.requireNonNull(limit, "limit");
        Duration nonNegative = limit.isNegative() ? Duration.ZERO : limit;
        return new LockOptions(Optional.of(nonNegative), maximumHold, minimumHold, interruptOnLoss);
    }

    /**
     * Limits the hold: when the time has passed the lock is released, and the hold counts as lost. Until then it is renewed. Only the first
     * level of a hold can ask for it (rule RE-9); {@link DistributedLock#limit} and {@link LockHandle#limit} change it later.
     *
     * @param maximum positive; counted from the acquisition
     * @return a copy
     * @throws IllegalArgumentException when it is not positive, or below the minimum hold
     */
    public LockOptions maximumHold(Duration maximum) {
        Objects.requireNonNull(maximum, "maximum");
        if (maximum.isNegative() || maximum.isZero()) {
            throw new IllegalArgumentException("maximum hold " + maximum + " is not positive");
        }
        return new LockOptions(waitLimit, Optional.of(maximum), minimumHold, interruptOnLoss);
    }

    /**
     * Keeps the lock for at least so long: after an earlier release the client goes on keeping it, for nobody, until the time has passed
     * (rule WA-9). So a job of 50 ms that several hosts start within 2 s of each other runs once, with a minimum of 2 s and no wait.
     *
     * @param minimum counted from the acquisition or re-entry that asks for it; zero for none
     * @return a copy
     * @throws IllegalArgumentException when it is negative, or above the maximum hold
     */
    public LockOptions minimumHold(Duration minimum) {
        Objects.requireNonNull(minimum, "minimum");
        if (minimum.isNegative()) {
            throw new IllegalArgumentException("minimum hold " + minimum + " is negative");
        }
        return new LockOptions(waitLimit, maximumHold, minimum, interruptOnLoss);
    }

    /**
     * Has the thread that acquired interrupted when the hold is lost, but never after the release has returned (rule LO-4). Only the first
     * level of a hold can ask for it (rule RE-9), and an asynchronous acquisition cannot.
     *
     * @return a copy
     */
    public LockOptions interruptOnLoss() {
        return new LockOptions(waitLimit, maximumHold, minimumHold, true);
    }

    /**
     * The wait limit.
     *
     * @return empty when the called method decides
     */
    public Optional<Duration> waitLimit() {
        return waitLimit;
    }

    /**
     * The maximum hold.
     *
     * @return empty when unlimited
     */
    public Optional<Duration> maximumHold() {
        return maximumHold;
    }

    /**
     * The minimum hold.
     *
     * @return zero when there is none
     */
    public Duration minimumHold() {
        return minimumHold;
    }

    /**
     * Whether the thread that acquired is interrupted when the hold is lost.
     *
     * @return true when asked for
     */
    public boolean interruptsOnLoss() {
        return interruptOnLoss;
    }

    @Override
    public String toString() {
        return "LockOptions[wait " + waitLimit.map(DurationFormat::show).orElse("as called") + ", hold "
                + DurationFormat.show(minimumHold)
                + ".." + maximumHold.map(DurationFormat::show).orElse("")
                + (interruptOnLoss ? ", interrupt on loss]" : "]");
    }
}
