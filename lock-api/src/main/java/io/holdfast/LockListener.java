// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

/**
 * Hears what happens to the locks of one client.
 *
 * <p>Each listener gets its calls one after another, in the order of the events, on a thread for callbacks ({@link
 * io.holdfast.spi.LockRuntime#callbacks()}) and outside all locks of the engine; a slow listener delays only itself, and its calls wait in
 * memory. An exception it throws is logged and ends nothing. More methods may be added, with defaults.
 */
public interface LockListener {
    /**
     * The store has acknowledged this client's place in line. Not called for a grant that comes at once, nor by a store without a line.
     *
     * @param name the lock's name
     */
    default void contended(String name) {}

    /**
     * An owner has come to hold the lock. Not called for a re-entry.
     *
     * @param name the lock's name
     * @param fencingToken the hold's token
     */
    default void acquired(String name, long fencingToken) {}

    /**
     * The store has acknowledged a renewal for a hold.
     *
     * @param name the lock's name
     * @param fencingToken the hold's token
     */
    default void renewed(String name, long fencingToken) {}

    /**
     * The hold is in doubt: its renewal is overdue, its connection broke, or the machine seems to have been suspended. Its deadline has not
     * passed, so it is still valid. {@link #safe} or {@link #lost} follows, unless it is released before.
     *
     * @param name the lock's name
     * @param fencingToken the hold's token
     */
    default void suspect(String name, long fencingToken) {}

    /**
     * The store has acknowledged a renewal for a suspect hold, which is in doubt no more.
     *
     * @param name the lock's name
     * @param fencingToken the hold's token
     */
    default void safe(String name, long fencingToken) {}

    /**
     * A hold ended without a release, or was gone from the store when it was released; called exactly once for it (rule LO-3).
     *
     * @param loss which and why
     */
    default void lost(LockLoss loss) {}

    /**
     * An owner released its hold, by its last level.
     *
     * @param name the lock's name
     * @param fencingToken the hold's token
     * @param outcome RELEASED or UNKNOWN; of a hold that was gone before, {@link #lost} tells instead
     */
    default void released(String name, long fencingToken, ReleaseOutcome outcome) {}

    /**
     * A request for a lock has ended, whatever came of it: each call that asks for one is told once. Not called for a re-entry that goes
     * through at once, nor for a call that is refused before it asks, such as one with wrong arguments. A hold that nobody took, because the
     * wait was given up as it came, is told as acquired, and then as released.
     *
     * @param attempt which lock, how it ended, how long it took
     */
    default void attempted(LockAttempt attempt) {}

    /**
     * A hold has ended; called exactly once for each, after {@link #released} or {@link #lost}.
     *
     * @param end which lock, how it ended, how long it was held
     */
    default void ended(LockEnd end) {}
}
