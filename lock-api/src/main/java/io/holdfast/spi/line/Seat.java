// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi.line;

import java.util.Objects;

/**
 * Where the store says that a contender is; immutable.
 *
 * @param standing whether it holds, waits, or is not there
 * @param token when it holds: the store's token, as {@link io.holdfast.spi.Grant#storeToken()}. When it waits: a number that tells its
 *     place from a later one of the same slot, such as the revision that made it, or 0 where the ticket alone does. When it is gone: 0
 * @param moves when it waits: the nanoseconds after which it could move up though nobody left, because the lease before it ends then; 0
 *     when that is not known. Only {@link LineSession#watch} reads it
 */
public record Seat(Standing standing, long token, long moves) {
    /** It is not in the store. */
    public static final Seat GONE = new Seat(Standing.GONE, 0, 0);

    /**
     * Checks for null only: a token out of range is refused where it becomes a grant.
     *
     * @param standing not null
     * @param token as above
     * @param moves nanoseconds, not negative
     */
    public Seat {
        Objects.requireNonNull(standing, "standing");
    }

    /**
     * The contender holds.
     *
     * @param token the store's token, positive and below 2^53
     * @return the seat
     */
    public static Seat holding(long token) {
        return new Seat(Standing.HOLDING, token, 0);
    }

    /**
     * The contender waits.
     *
     * @param token what tells its place from another; 0 where its ticket does
     * @param moves nanoseconds until it could move up though nobody left; 0 for unknown
     * @return the seat
     */
    public static Seat waiting(long token, long moves) {
        return new Seat(Standing.WAITING, token, moves);
    }

    /** What a contender does in its line. */
    public enum Standing {
        /** It has the lock. */
        HOLDING,
        /** It is in line behind another. */
        WAITING,
        /** It is not there: it left, was removed, or its lease has ended. */
        GONE
    }
}
