// SPDX-License-Identifier: Apache-2.0
/** The laboratory: real servers, a proxy that harms connections, and crowds of processes, for tests of a backend. */
module io.holdfast.lab {
    requires transitive io.holdfast.tck;
    requires static transitive org.jspecify;

    exports io.holdfast.lab.process;
    exports io.holdfast.lab.proxy;
    exports io.holdfast.lab.server;

    uses io.holdfast.lab.server.ServerHost;
}
