// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.PeerLinks;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** A proxy for each of the ways by which the servers of an ensemble reach each other. */
final class PeerProxies implements PeerLinks, AutoCloseable {
    private final Map<Way, TcpProxy> proxies = new ConcurrentHashMap<>();

    private record Way(int from, int to, InetSocketAddress target) {
        boolean touches(int node) {
            return from == node || to == node;
        }
    }

    @Override
    public InetSocketAddress between(int from, int to, InetSocketAddress target) {
        return proxies.computeIfAbsent(new Way(from, to, target), way -> TcpProxy.to(target))
                .address();
    }

    private void ofNode(int node, Consumer<TcpProxy> action) {
        proxies.forEach((way, proxy) -> {
            if (way.touches(node)) {
                action.accept(proxy);
            }
        });
    }

    /** Nothing passes between a server and the others any more, in no direction, and no connection ends. */
    void cutOff(int node) {
        ofNode(node, proxy -> {
            proxy.requests().freeze();
            proxy.replies().freeze();
        });
    }

    void heal() {
        proxies.values().forEach(TcpProxy::heal);
    }

    @Override
    public void close() {
        proxies.values().forEach(TcpProxy::close);
    }
}
