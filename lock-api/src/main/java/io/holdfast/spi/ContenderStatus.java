// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

/**
 * What a renewal says of one contender.
 *
 * <p>A closed set: {@link Holding}, {@link Waiting}, {@link Gone}, {@link Unknown}.
 */
public sealed interface ContenderStatus {
    /** The contender is in line. */
    ContenderStatus WAITING = new Waiting();

    /** The contender is not in the store any more: its hold is lost, or the engine takes a new place in line by another contender. */
    ContenderStatus GONE = new Gone();

    /** Nothing was learned; changes nothing. */
    ContenderStatus UNKNOWN = new Unknown();

    /**
     * The contender holds. A contender that waited, and whose wake-up was lost, learns of its grant in this way.
     *
     * @param grant its grant
     */
    record Holding(Grant grant) implements ContenderStatus {}

    /** See {@link #WAITING}. */
    record Waiting() implements ContenderStatus {}

    /** See {@link #GONE}. */
    record Gone() implements ContenderStatus {}

    /** See {@link #UNKNOWN}. */
    record Unknown() implements ContenderStatus {}
}
