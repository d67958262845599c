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

    /** The contender is not in the store any more: a hold is lost, a place in line is taken anew by another contender. */
    ContenderStatus GONE = new Gone();

    /** Nothing was learned; changes nothing. */
    ContenderStatus UNKNOWN = new Unknown();

    /**
     * The contender holds; for one that waited this is how it learns so when the wake-up was lost.
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
