// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

/**
 * How much of a store a run looked at and found sound; docs/tck.md has the exact conditions. Each level asks for all that the one
 * before it asks for, and more.
 */
public enum Level {
    /** Every test that needs nothing but the URL ran, and no rule was seen broken. */
    BRONZE,
    /** Also by a look into the store, past the backend: what is left in it, a holder's entry deleted, a session ended. */
    SILVER,
    /** Also by harm to the link, the server and processes, and over a long history of guarded operations. */
    GOLD;

    /** How many guarded operations {@link #GOLD} asks for: reads and writes of what the lock protects. */
    public static final long GUARDED_OPERATIONS = 20_000;
}
