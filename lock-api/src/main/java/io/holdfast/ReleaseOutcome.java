// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

/** What became of a release. The hold is over in the client in all three cases. */
public enum ReleaseOutcome {
    /** The lock was given back or handed on. */
    RELEASED,
    /** There was nothing to release: released before, or lost. */
    NOT_HELD,
    /** The store did not confirm in time; the release goes on in the background until it does. */
    UNKNOWN
}
