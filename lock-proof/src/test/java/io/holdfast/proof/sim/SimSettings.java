// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

/**
 * The settings of one run, in nanoseconds.
 *
 * @param personality the kind of store
 * @param lease how long the store keeps a silent client
 * @param operationTimeout for one request
 * @param outageTimeout how long a wait without limit rides through an outage
 * @param closeTimeout for closing a client
 * @param handoffLimit longest run of hand-offs
 * @param expiryPercent when the store ends a silent session, in percent of the lease; 100 or more
 */
record SimSettings(
        Personality personality,
        long lease,
        long operationTimeout,
        long outageTimeout,
        long closeTimeout,
        int handoffLimit,
        int expiryPercent) {
    static final long MILLI = 1_000_000L;
    static final long SECOND = 1_000 * MILLI;

    static SimSettings of(Personality personality) {
        return new SimSettings(
                personality,
                personality.lease().toNanos(),
                3 * SECOND,
                60 * SECOND,
                10 * SECOND,
                8,
                personality == Personality.CONSUL ? 200 : 100);
    }

    SimSettings withLease(long nanos) {
        return new SimSettings(
                personality, nanos, operationTimeout, outageTimeout, closeTimeout, handoffLimit, expiryPercent);
    }

    SimSettings withOperationTimeout(long nanos) {
        return new SimSettings(personality, lease, nanos, outageTimeout, closeTimeout, handoffLimit, expiryPercent);
    }

    SimSettings withExpiryPercent(int percent) {
        return new SimSettings(
                personality, lease, operationTimeout, outageTimeout, closeTimeout, handoffLimit, percent);
    }

    /** The longest time from a holder's death to the next grant that the backend declares. */
    long takeover() {
        return personality
                .capabilities()
                .takeoverBound(java.time.Duration.ofNanos(lease))
                .toNanos();
    }
}
