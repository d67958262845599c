// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

/**
 * What a fixture can do to the store and to the way there; each hook is optional.
 *
 * <p>A hook that is not overridden throws {@link HookMissing}, which skips the test that needs it and puts the reason into the
 * report. Hooks are called from one thread at a time; {@link #heal} comes after every test that used one.
 */
public interface StoreFaults {
    /** Faults of a store to which nothing can be done. */
    StoreFaults NONE = new StoreFaults() {};

    /**
     * Keeps back every byte between all clients and the store, both ways, as a firewall does that drops packets.
     *
     * @throws Exception when it fails
     */
    default void cutLink() throws Exception {
        throw new HookMissing(Hook.CUT_LINK, "cut the link to the store");
    }

    /**
     * Keeps back what clients send until {@link #heal}, and delivers it then, late.
     *
     * @throws Exception when it fails
     */
    default void holdRequests() throws Exception {
        throw new HookMissing(Hook.HOLD_REQUESTS, "hold requests back and deliver them later");
    }

    /**
     * Stops the server's process without ending it (SIGSTOP).
     *
     * @throws Exception when it fails
     */
    default void stopServer() throws Exception {
        throw new HookMissing(Hook.STOP_SERVER, "stop the server");
    }

    /**
     * Kills the server (SIGKILL) and starts it again; returns when it serves.
     *
     * @param keepData true when it is to find its data again, false when it is to start empty
     * @throws Exception when it fails
     */
    default void restartServer(boolean keepData) throws Exception {
        throw new HookMissing(Hook.RESTART_SERVER, "restart the server");
    }

    /**
     * Ends a client's session in the store at once, as if its lease had run out.
     *
     * @param label the label of the client ({@code LockConfig.withLabel})
     * @throws Exception when it fails
     */
    default void expireSession(String label) throws Exception {
        throw new HookMissing(Hook.EXPIRE_SESSION, "expire a session");
    }

    /**
     * Deletes what the holder of a name has in the store, past the backend, as an administrator would.
     *
     * @param name the lock's name
     * @throws Exception when it fails
     */
    default void deleteHolder(String name) throws Exception {
        throw new HookMissing(Hook.DELETE_HOLDER, "delete a holder's entry in the store");
    }

    /**
     * Undoes {@link #cutLink}, {@link #holdRequests} and {@link #stopServer}; does nothing when none of them is in force.
     *
     * @throws Exception when it fails
     */
    default void heal() throws Exception {}
}
