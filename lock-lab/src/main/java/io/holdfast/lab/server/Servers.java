// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import java.util.HashMap;
import java.util.Map;

/**
 * Servers that all tests of a JVM share: each is started when it is first asked for, and ended when the JVM has ended, however
 * that ends.
 *
 * <p>A test that shares a server uses names of its own and leaves nothing behind. One that harms the server (pauses, ends, moves
 * its clock) starts its own by {@link ServerSpec#start()}. Thread-safe.
 */
public final class Servers {
    private static final Map<ServerSpec, StoreServer> SHARED = new HashMap<>();

    private Servers() {}

    /**
     * The shared server of a specification.
     *
     * @param spec what it is like
     * @return the one started before, unless a test has paused or ended it: then, and the first time, a new one. Do not close it
     * @throws ServerUnavailableException as {@link ServerSpec#start()}
     */
    public static synchronized StoreServer shared(ServerSpec spec) {
        StoreServer server = SHARED.get(spec);
        if (server != null && !server.isUnharmed()) {
            SHARED.remove(spec);
            server.close();
            server = null;
        }
        if (server == null) {
            server = spec.start();
            SHARED.put(spec, server);
        }
        return server;
    }

    /**
     * The shared single server of a kind.
     *
     * @param kind which one
     * @return without TLS and credentials
     * @throws ServerUnavailableException as {@link ServerSpec#start()}
     */
    public static StoreServer shared(StoreKind kind) {
        return shared(kind.spec());
    }
}
