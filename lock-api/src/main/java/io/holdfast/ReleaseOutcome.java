// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

/** What became of a release. The client's hold is over in all three cases. */
public enum ReleaseOutcome {
    /** The lock was given back, handed on, or is kept until its minimum hold has passed; or only an inner level was given up. */
    RELEASED,
    /** There was nothing to release: the hold was released or lost before, or the store did not have it any more. */
    NOT_HELD,
    /** The store did not confirm in time; the release goes on in the background until it does. */
    UNKNOWN
}
