// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where servers run: the programs of this machine, or something else that is found by {@link java.util.ServiceLoader}, such as
 * containers.
 *
 * <p>Whatever runs there must see the files of a server under the same paths as the tests do, and the nodes of one server must
 * reach each other on the loopback address. Methods may be called from any thread, those of one room or process from one at a
 * time.
 */
public interface ServerHost {
    /**
     * What the property {@code holdfast.servers} calls it.
     *
     * @return such as {@code docker}
     */
    String name();

    /**
     * Why no server can run there now.
     *
     * @return empty when servers can run there
     */
    Optional<String> obstacle();

    /**
     * The address a node must listen on, so that clients reach it on the loopback address.
     *
     * @return {@code 127.0.0.1} or {@code 0.0.0.0}
     */
    String listenAddress();

    /**
     * Whether the kit may keep the ports of a server bound, by sockets that never listen, so that nobody else takes them.
     *
     * @return false if that would keep the server from its ports
     */
    boolean keepsPorts();

    /**
     * Whether servers of a kind run there at all.
     *
     * @param kind the kind of server
     * @return by default true; where it is false, the programs of this machine serve instead
     */
    default boolean serves(StoreKind kind) {
        return true;
    }

    /**
     * Makes room for the nodes of one server.
     *
     * @param plan what is to run there
     * @return the room, with nothing in it
     * @throws ServerUnavailableException if such a server cannot be had there
     */
    Room open(Plan plan);

    /**
     * What is to run in a room.
     *
     * @param kind the kind of server
     * @param directory the directory of all files of the server
     * @param clientPorts the ports that clients connect to on the loopback address
     * @param movableClock whether the wall clock must be movable
     */
    record Plan(StoreKind kind, Path directory, List<Integer> clientPorts, boolean movableClock) {}

    /** The place that the nodes of one server share. */
    interface Room extends AutoCloseable {
        /**
         * Prepares a node, which does not run yet.
         *
         * @param directory the node's directory, within that of the server
         * @param environment variables that its program is to see
         * @return the node's process
         */
        ServerProcess place(Path directory, Map<String, String> environment);

        /** Ends every node placed here, at once. Idempotent. */
        @Override
        void close();
    }

    /** The process of one node, through all its lives. */
    interface ServerProcess {
        /**
         * Starts the server's program; it must not run.
         *
         * @param arguments its arguments
         * @throws IOException if it cannot be started
         */
        void start(List<String> arguments) throws IOException;

        /**
         * Whether it has been started and has not ended.
         *
         * @return true for a stopped process too
         */
        boolean isRunning();

        /**
         * Sends it a signal. One that stops it has stopped it when this returns: a signal that is only sent leaves a busy
         * machine time for an answer.
         *
         * @param name {@code STOP}, {@code CONT}, {@code TERM} or {@code KILL}
         * @throws IllegalStateException if it does not run
         */
        void signal(String name);

        /**
         * Waits until it has ended, which a signal has told it to.
         *
         * @throws IllegalStateException if it has not after 30 seconds
         */
        void awaitEnd();

        /**
         * What it has written to its output.
         *
         * @return all of it, over all its lives
         */
        String log();
    }
}
