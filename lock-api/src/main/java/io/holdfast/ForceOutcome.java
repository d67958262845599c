// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

/** What became of a forced release. */
public enum ForceOutcome {
    /** The grant was removed from the store; the client that had it believes in its hold until its next renewal (rule LO-5). */
    RELEASED,
    /** Nobody held the lock. */
    NOT_HELD,
    /** Somebody holds it, with another token than the one named; nothing was done. */
    MOVED_ON
}
