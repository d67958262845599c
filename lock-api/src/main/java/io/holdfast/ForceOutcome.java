// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

/** What became of a forced release. */
public enum ForceOutcome {
    /** The holder is gone. */
    RELEASED,
    /** Nobody held the lock. */
    NOT_HELD,
    /** Somebody holds it, with another token than the one named. */
    MOVED_ON
}
