// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi.line;

import java.util.Objects;

/**
 * The store's answer to a contender that entered; immutable.
 *
 * @param seat where it is now; {@link Seat#GONE} when somebody else holds and it was not to wait, so that nothing of it is left
 * @param released whether the grant that was to be given up in the same step was there and is gone now; false without one
 */
public record Entry(Seat seat, boolean released) {
    /**
     * Checks for null only.
     *
     * @param seat not null
     * @param released as above
     */
    public Entry {
        Objects.requireNonNull(seat, "seat");
    }
}
