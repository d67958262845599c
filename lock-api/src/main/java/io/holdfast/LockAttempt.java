// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import java.time.Duration;
import java.util.Objects;
import java.util.OptionalLong;

/** How one request for a lock ended, and how long it took; {@link LockListener#attempted} gets it. Immutable. */
public final class LockAttempt {
    /** How it ended. */
    public enum Outcome {
        /** The owner holds the lock, or held it already and has one level more. */
        ACQUIRED,
        /** A request without a wait found that somebody else holds, or comes first. */
        BUSY,
        /** The limit of the wait passed. */
        TIMEOUT,
        /** It ended by an exception: the store was out of reach, the client was closed, an earlier hold had been lost. */
        FAILED,
        /** Nobody wants it any more: its thread was interrupted, or its stage was cancelled. */
        WITHDRAWN
    }

    private final String name;
    private final Outcome outcome;
    private final Duration waited;
    private final OptionalLong fencingToken;
    private final boolean handedOff;

    private LockAttempt(String name, Outcome outcome, Duration waited, OptionalLong fencingToken, boolean handedOff) {
        this.name = Objects.requireNonNull(name, "name");
        this.outcome = Objects.requireNonNull(outcome, "outcome");
        this.waited = Objects.requireNonNull(waited, "waited");
        this.fencingToken = fencingToken;
        this.handedOff = handedOff;
    }

    /**
     * Makes one that came to no hold; for tests of listeners, too.
     *
     * @param name the lock's name
     * @param outcome how it ended, not {@code ACQUIRED}
     * @param waited from the call to the end
     * @return without a token
     * @throws IllegalArgumentException when the outcome is {@code ACQUIRED}, or the time is negative
     */
    public static LockAttempt without(String name, Outcome outcome, Duration waited) {
        if (outcome == Outcome.ACQUIRED) {
            throw new IllegalArgumentException("what was acquired has a token");
        }
        return new LockAttempt(name, outcome, checked(waited), OptionalLong.empty(), false);
    }

    /**
     * Makes one that came to hold; for tests of listeners, too.
     *
     * @param name the lock's name
     * @param waited from the call to the hold
     * @param fencingToken the hold's token
     * @param handedOff whether another owner of this client passed the lock on, without a request to the store
     * @return with the token
     * @throws IllegalArgumentException when the time is negative
     */
    public static LockAttempt acquired(String name, Duration waited, long fencingToken, boolean handedOff) {
        return new LockAttempt(name, Outcome.ACQUIRED, checked(waited), OptionalLong.of(fencingToken), handedOff);
    }

    private static Duration checked(Duration waited) {
        if (waited.isNegative()) {
            throw new IllegalArgumentException("waited is negative: " + waited);
        }
        return waited;
    }

    /**
     * The lock's name.
     *
     * @return the name as the application gave it
     */
    public String name() {
        return name;
    }

    /**
     * How it ended.
     *
     * @return one of the outcomes; more may be added
     */
    public Outcome outcome() {
        return outcome;
    }

    /**
     * How long it took, by the client's monotonic clock.
     *
     * @return from the call to its end; zero or more
     */
    public Duration waited() {
        return waited;
    }

    /**
     * The token of the hold that it came to.
     *
     * @return empty unless acquired
     */
    public OptionalLong fencingToken() {
        return fencingToken;
    }

    /**
     * Whether the lock came from another owner of the same client, so that the store was not asked.
     *
     * @return false also when nothing was acquired
     */
    public boolean isHandedOff() {
        return handedOff;
    }

    @Override
    public String toString() {
        return "LockAttempt[name=" + name + ", outcome=" + outcome + ", waited=" + waited
                + (fencingToken.isPresent() ? ", fencingToken=" + fencingToken.getAsLong() : "")
                + (handedOff ? ", handed off" : "") + "]";
    }
}
