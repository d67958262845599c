// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.StoreFaults;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A fixture with a server of its own, each node behind a proxy, and with the faults of both. Thread-safe.
 *
 * <p>A subclass adds what depends on the store: its URL, a look at what is left in it, how to end a session, and how to delete a holder's
 * entry.
 */
public abstract class ServerFixture implements LockBackendFixture, StoreFaults {
    private final StoreServer server;
    private final List<TcpProxy> proxies;

    /**
     * Begins with a server that runs.
     *
     * @param server ended by {@link #close}
     */
    protected ServerFixture(StoreServer server) {
        this.server = server;
        this.proxies =
                server.nodes().stream().map(node -> TcpProxy.to(node.address())).toList();
    }

    /**
     * The server itself, for who looks at it past the proxies.
     *
     * @return a server that runs until {@link #close}
     */
    public final StoreServer server() {
        return server;
    }

    /**
     * Where the backend under test connects to: the proxy of each node.
     *
     * @return {@code 127.0.0.1:PORT}, of several nodes with commas between, in the order of their numbers
     */
    public final String endpoints() {
        return proxies.stream().map(TcpProxy::endpoint).collect(Collectors.joining(","));
    }

    /**
     * {@link #endpoints()} of the first node only.
     *
     * @return {@code 127.0.0.1:PORT}
     */
    public final String endpoint() {
        return proxies.get(0).endpoint();
    }

    @Override
    public final String serverVersion() {
        return server.version();
    }

    @Override
    public final boolean serverOfTheLab() {
        return true;
    }

    @Override
    public final StoreFaults faults() {
        return this;
    }

    @Override
    public final void cutLink() {
        proxies.forEach(proxy -> {
            proxy.requests().freeze();
            proxy.replies().freeze();
        });
    }

    @Override
    public final void holdRequests() {
        proxies.forEach(proxy -> proxy.requests().freeze());
    }

    @Override
    public final void stopServer() {
        server.pause();
    }

    @Override
    public void restartServer(boolean keepData) {
        if (keepData) {
            server.restart();
        } else {
            server.restartWithoutData();
        }
    }

    @Override
    public final void heal() {
        proxies.forEach(TcpProxy::heal);
        server.resume();
    }

    @Override
    public void close() {
        proxies.forEach(TcpProxy::close);
        server.close();
    }
}
