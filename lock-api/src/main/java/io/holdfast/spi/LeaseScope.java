// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

/** What one acknowledged renewal keeps alive in a store. */
public enum LeaseScope {
    /** The session: one renewal extends every grant and every place in line of the session ({@link LockSession#basis()}). */
    SESSION,

    /** Each contender for itself: a renewal extends those that its answer calls holding or waiting ({@link Renewal}). */
    GRANT,

    /** Nothing: a grant stays until it is released or its process dies. Places in line may still need renewal. */
    NONE
}
