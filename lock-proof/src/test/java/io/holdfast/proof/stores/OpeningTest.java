// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.stores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockException;
import io.holdfast.LockUnavailableException;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.proxy.TcpProxy;
import io.holdfast.tck.server.ServerSpec;
import io.holdfast.tck.server.StoreKind;
import io.holdfast.tck.server.StoreServer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A client is opened by a way that serves nobody for a while, or for good: the same on every store with servers. */
class OpeningTest {
    private enum Store {
        REDIS("redis", StoreKind.REDIS_7.spec(), "/0"),
        ETCD("etcd", StoreKind.ETCD_3_5.spec(), ""),
        CONSUL("consul", StoreKind.CONSUL_1_8.spec(), ""),
        ZOOKEEPER("zookeeper", StoreKind.ZOOKEEPER_3_9.spec(), "?tick=500ms");

        private final String scheme;

        @SuppressWarnings("ImmutableEnumChecker") // a spec is changed by making another
        private final ServerSpec spec;

        private final String rest;

        Store(String scheme, ServerSpec spec, String rest) {
            this.scheme = scheme;
            this.spec = spec;
            this.rest = rest;
        }
    }

    /** What happens to the way. */
    private record Harm(String what, Consumer<TcpProxy> done) {
        @Override
        public String toString() {
            return what;
        }
    }

    private static List<Harm> harms() {
        return List.of(
                new Harm("nobody listens", TcpProxy::refuse),
                new Harm("answers are lost", way -> way.replies().blackHole()),
                new Harm("requests are lost", way -> way.requests().blackHole()),
                new Harm("nothing gets through", way -> {
                    way.requests().freeze();
                    way.replies().freeze();
                }));
    }

    private LockConfig config(Store store, TcpProxy way) {
        return LockConfig.of(store.scheme + "://" + way.endpoint() + store.rest);
    }

    @ParameterizedTest
    @EnumSource
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

    @ParameterizedTest
    @EnumSource
    @DisplayName("OP-1: it fails in time when it does not, says how long it tried, and leaves no thread")
    void failsInTime(Store store) throws Exception {
        try (StoreServer server = store.spec.start();
                TcpProxy way = TcpProxy.to(server.node(1).address())) {
            LockConfig config = config(store, way).with("connect-timeout", "3s").with("operation-timeout", "500ms");
            for (Harm harm : harms()) {
                Set<Thread> before = threads();
                harm.done.accept(way);
                long begun = System.nanoTime();
                assertThatThrownBy(() -> LockClient.open(config))
                        .as(harm.what)
                        .isInstanceOf(LockUnavailableException.class)
                        .hasMessageContainingAll("store " + store.scheme, "gave up after ", "connect-timeout is 3s");
                assertThat(Duration.ofNanos(System.nanoTime() - begun))
                        .as(harm.what)
                        .isBetween(Duration.ofMillis(2500), Duration.ofSeconds(12));
                way.heal();
                assertThat(Await.until(Duration.ofSeconds(30), () -> before.containsAll(threads())))
                        .as(() -> harm + ": " + threads() + "; before: " + before)
                        .isTrue();
            }
        }
    }

    /** Without those of the JVM and of this test, and those that netty and gRPC share and end by themselves. */
    private static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .filter(thread -> !thread.getName()
                        .matches("(grpc-|globalEvent|pool-|process reaper|ForkJoin|awaitility|Attach|JNA).*"))
                .collect(Collectors.toSet());
    }
}
