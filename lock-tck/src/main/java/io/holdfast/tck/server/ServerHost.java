// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.server;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Where servers run: as programs of this machine, or as containers. */
interface ServerHost {
    /** What a person calls it: {@code programs} or {@code docker}. */
    String name();

    /** The address a node must listen on, so that clients reach it on the loopback address. */
    String listenAddress();

    /** Whether the kit may keep the ports bound while nothing listens on them, so that nobody else takes them. */
    boolean keepsPorts();

    /**
     * Makes room for the nodes of one server.
     *
     * @throws ServerUnavailableException if such a server cannot be had
     */
    Room open(Layout layout);

    /** What the nodes of one server share. */
    interface Room extends AutoCloseable {
        /** A node that is not running yet. */
        ServerProcess place(Site site, Map<String, String> environment);

        /** Ends every node placed here. Idempotent. */
        @Override
        void close();
    }

    /** One node's process, through all its lives. Not thread-safe. */
    interface ServerProcess {
        /** Starts it with these arguments; it must not run. */
        void start(List<String> arguments) throws IOException;

        boolean isRunning();

        /** Sends it a signal, such as {@code STOP}, while it runs. */
        void signal(String name);

        /** Waits until it has ended, which a signal has told it to. */
        void awaitEnd();

        /** All that it has written. */
        String log();
    }
}
