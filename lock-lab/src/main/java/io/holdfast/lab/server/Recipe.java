// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** How one kind of server is configured, started, recognised as ready, and asked for what the tests need. Stateless. */
interface Recipe {
    /** How many ports a node needs; the first is the one that clients connect to. */
    int ports();

    /** Whether three nodes can be started that form a cluster. */
    boolean clusters();

    /** Whether the program takes its time from the C library, where a shim can move it. */
    default boolean clockCanMove() {
        return false;
    }

    /** Whether what nodes say to each other can be led through {@link PeerLinks}. */
    default boolean peersCanBeLinked() {
        return false;
    }

    /** By what the program ends in an orderly way although clients are connected. */
    default String endSignal() {
        return "TERM";
    }

    /** Variables that the node's program is to see. */
    default Map<String, String> environment(Site site) {
        return Map.of();
    }

    /** Writes the node's configuration, as often as it starts, and returns the arguments of its program. */
    List<String> configure(Site site) throws IOException;

    /** Whether the node serves clients; an {@link IOException} means not yet. */
    boolean isReady(Site site) throws IOException;

    /** Sets up, on servers that are ready and empty, what the specification asks for and the configuration cannot say. */
    void prepare(Layout layout) throws IOException;

    /** What the node says of its version. */
    String version(Site site) throws IOException;

    /** Whether the node leads; a single server does. */
    boolean leads(Site site) throws IOException;
}
