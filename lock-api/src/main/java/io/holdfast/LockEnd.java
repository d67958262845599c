// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import java.time.Duration;
import java.util.Objects;

/** How one hold ended, and how long it lasted; {@link LockListener#ended} gets it. Immutable. */
public final class LockEnd {
    /** How it ended. */
    public enum Outcome {
        /** Its owner gave it up, and the store, or the next owner of this client, has the lock. */
        RELEASED,
        /** Its owner gave it up, and the store has not confirmed that yet. */
        UNKNOWN,
        /** It was lost: {@link LockListener#lost} says why. */
        LOST
    }

    private final String name;
    private final long fencingToken;
    private final Outcome outcome;
    private final Duration held;

    private LockEnd(String name, long fencingToken, Outcome outcome, Duration held) {
        this.name = Objects.requireNonNull(name, "name");
        this.fencingToken = fencingToken;
        this.outcome = Objects.requireNonNull(outcome, "outcome");
        this.held = Objects.requireNonNull(held, "held");
    }

    /**
     * Makes one; for tests of listeners, too.
     *
     * @param name the lock's name
     * @param fencingToken the hold's token
     * @param outcome how it ended
     * @param held from the hold's beginning to its end
     * @return the same
     * @throws IllegalArgumentException when the time is negative
     */
    public static LockEnd of(String name, long fencingToken, Outcome outcome, Duration held) {
        if (held.isNegative()) {
            throw new IllegalArgumentException("held is negative: " + held);
        }
        return new LockEnd(name, fencingToken, outcome, held);
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
     * The hold's token.
     *
     * @return as {@link LockHandle#fencingToken()} returned it
     */
    public long fencingToken() {
        return fencingToken;
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
     * How long it lasted, by the client's monotonic clock: to the call that gave it up, or to the moment when the client took it for lost.
     *
     * @return zero or more; of a loss that was seen late, such as after a pause of the process, more than the hold was valid
     */
    public Duration held() {
        return held;
    }

    @Override
    public String toString() {
        return "LockEnd[name=" + name + ", fencingToken=" + fencingToken + ", outcome=" + outcome + ", held=" + held
                + "]";
    }
}
