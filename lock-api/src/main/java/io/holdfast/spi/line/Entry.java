// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi.line;

import io.holdfast.LockException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The store's answer to a contender that entered: where it is now, or why not and whether anything may be left of it; immutable. */
public final class Entry {
    private final Seat seat;
    private final boolean released;
    private final @Nullable LockException failure;
    private final boolean undecided;

    private Entry(Seat seat, boolean released, @Nullable LockException failure, boolean undecided) {
        this.seat = Objects.requireNonNull(seat, "seat");
        this.released = released;
        this.failure = failure;
        this.undecided = undecided;
    }

    /**
     * It was carried out.
     *
     * @param seat where it is now; {@link Seat#GONE} when somebody else holds and it was not to wait, so that nothing of it is left
     * @param released whether the grant that was to be given up in the same step was there and is gone now; false without one
     * @return the answer
     */
    public static Entry at(Seat seat, boolean released) {
        return new Entry(seat, released, null, false);
    }

    /**
     * It surely did nothing, and no copy of it will do anything: nothing has to be undone.
     *
     * @param why what the contender's stages fail with
     * @return the answer
     */
    public static Entry refused(LockException why) {
        return new Entry(Seat.GONE, false, Objects.requireNonNull(why, "why"), false);
    }

    /**
     * It may have been carried out, or a copy of it may yet be, though the answer is a refusal: it will be undone.
     *
     * @param why what the contender's stages fail with
     * @return the answer
     */
    public static Entry undecided(LockException why) {
        return new Entry(Seat.GONE, false, Objects.requireNonNull(why, "why"), true);
    }

    /**
     * Where it is.
     *
     * @return {@link Seat#GONE} for one that failed
     */
    public Seat seat() {
        return seat;
    }

    /**
     * Whether the grant that was to be given up was there and is gone now.
     *
     * @return false without one
     */
    public boolean released() {
        return released;
    }

    /**
     * Why it failed.
     *
     * @return null for one that was carried out
     */
    public @Nullable LockException failure() {
        return failure;
    }

    /**
     * Whether something of one that failed may be in the store, now or later.
     *
     * @return false for one that was carried out
     */
    public boolean isUndecided() {
        return undecided;
    }

    @Override
    public String toString() {
        return failure == null
                ? seat + (released ? ", another grant released" : "")
                : (undecided ? "undecided: " : "refused: ") + failure;
    }
}
