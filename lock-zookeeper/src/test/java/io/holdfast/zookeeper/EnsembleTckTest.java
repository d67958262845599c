// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.LockConfig;
import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.LockTck;
import io.holdfast.tck.proxy.TcpProxy;
import io.holdfast.tck.server.ServerNode;
import io.holdfast.tck.server.StoreKind;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;

/** The whole kit on an ensemble of three, each server behind a proxy of its own. */
@Tag("long")
class EnsembleTckTest extends LockTck {
    @Override
    protected LockBackendFixture fixture() {
        return new Ensemble();
    }

    private static final class Ensemble extends ZooKeeperFixture {
        private final List<TcpProxy> proxies;

        Ensemble() {
            super(StoreKind.ZOOKEEPER_3_9.spec().nodes(3), 500);
            proxies = server.nodes().stream()
                    .map(ServerNode::address)
                    .map(TcpProxy::to)
                    .toList();
        }

        @Override
        public String url() {
            String endpoints = proxies.stream().map(TcpProxy::endpoint).collect(Collectors.joining(","));
            return super.url().replace(proxy.endpoint(), endpoints);
        }

        @Override
        public LockConfig config() {
            return LockConfig.of(url());
        }

        @Override
        public void cutLink() {
            proxies.forEach(one -> {
                one.requests().freeze();
                one.replies().freeze();
            });
        }

        @Override
        public void holdRequests() {
            proxies.forEach(one -> one.requests().freeze());
        }

        @Override
        public void heal() {
            proxies.forEach(TcpProxy::heal);
            super.heal();
        }

        @Override
        public void close() {
            proxies.forEach(TcpProxy::close);
            super.close();
        }
    }
}
