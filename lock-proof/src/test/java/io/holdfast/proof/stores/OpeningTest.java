// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.stores;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockException;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.ServerSpec;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A client is opened by a way that serves nobody for a while: the same on every store with servers. */
class OpeningTest {
    enum Store {
        REDIS("redis", StoreKind.REDIS_7.spec(), "/0"),
        ETCD("etcd", StoreKind.ETCD_3_5.spec(), ""),
        CONSUL("consul", StoreKind.CONSUL_1_8.spec(), ""),
        ZOOKEEPER("zookeeper", StoreKind.ZOOKEEPER_3_9.spec(), "?tick=500ms");

        final String scheme;

        @SuppressWarnings("ImmutableEnumChecker") // a spec is changed by making another
        final ServerSpec spec;

        private final String rest;

        Store(String scheme, ServerSpec spec, String rest) {
            this.scheme = scheme;
            this.spec = spec;
            this.rest = rest;
        }
    }

    /** What happens to the way. */
    record Harm(String what, Consumer<TcpProxy> done) {
        @Override
        public String toString() {
            return what;
        }
    }

    static List<Harm> harms() {
        return List.of(
                new Harm("nobody listens", TcpProxy::refuse),
                new Harm("answers are lost", way -> way.replies().blackHole()),
                new Harm("requests are lost", way -> way.requests().blackHole()),
                new Harm("nothing gets through", way -> {
                    way.requests().freeze();
                    way.replies().freeze();
                }));
    }

    static LockConfig config(Store store, TcpProxy way) {
        return LockConfig.of(store.scheme + "://" + way.endpoint() + store.rest);
    }

    /** It waits, most of the time: on all stores at once. */
    @ParameterizedTest
    @EnumSource
    @Execution(ExecutionMode.CONCURRENT)
    @DisplayName("OP-1: it opens when the way serves again in time")
    void opensWhenItIsHealed(Store store) throws Exception {
        ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor();
        try (StoreServer server = store.spec.start();
                TcpProxy way = TcpProxy.to(server.node(1).address())) {
            for (Harm harm : harms()) {
                harm.done.accept(way);
                later.schedule(way::heal, 2, TimeUnit.SECONDS);
                try (LockClient client = LockClient.open(config(store, way).with("connect-timeout", "16s"))) {
                    client.acquire("n").release();
                } catch (LockException e) {
                    throw new AssertionError(harm + ", for two seconds", e);
                }
            }
        } finally {
            later.shutdownNow();
        }
    }
}
