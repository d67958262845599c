// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

/**
 * Hears what happens to the locks of one client.
 *
 * <p>Each listener gets its calls one after another, in order, on a thread of the client's executor and outside all locks; a
 * slow listener delays only itself. An exception it throws is logged and ends nothing. More methods may be added, with defaults.
 */
public interface LockListener {
    /**
     * The store has acknowledged this client's place in line.
     *
     * @param name the lock's name
     */
    default void contended(String name) {}

    /**
     * An owner holds the lock.
     *
     * @param name the lock's name
     * @param fencingToken the hold's token
     */
    default void acquired(String name, long fencingToken) {}

    /**
     * A renewal round was acknowledged for a hold.
     *
     * @param name the lock's name
     * @param fencingToken the hold's token
     */
    default void renewed(String name, long fencingToken) {}

    /**
     * The hold's renewal is overdue, or the machine seems to have been suspended; its deadline has not passed.
     *
     * @param name the lock's name
     * @param fencingToken the hold's token
     */
    default void suspect(String name, long fencingToken) {}

    /**
     * A renewal was acknowledged for a suspect hold.
     *
     * @param name the lock's name
     * @param fencingToken the hold's token
     */
    default void safe(String name, long fencingToken) {}

    /**
     * A hold ended without a release; called exactly once for it (rule LO-3).
     *
     * @param loss which and why
     */
    default void lost(LockLoss loss) {}

    /**
     * An owner released its hold.
     *
     * @param name the lock's name
     * @param fencingToken the hold's token
     * @param outcome what became of it
     */
    default void released(String name, long fencingToken, ReleaseOutcome outcome) {}
}
