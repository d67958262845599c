// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.stores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockUnavailableException;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.StoreServer;
import io.holdfast.proof.stores.OpeningTest.Harm;
import io.holdfast.proof.stores.OpeningTest.Store;
import io.holdfast.tck.internal.Await;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A client is opened by a way that serves nobody for good. One store after the other: it looks at all threads there are. */
class OpeningFailureTest {
    @ParameterizedTest
    @EnumSource
    @DisplayName("OP-1: it fails in time when it does not, says how long it tried, and leaves no thread")
    void failsInTime(Store store) throws Exception {
        try (StoreServer server = store.spec.start();
                TcpProxy way = TcpProxy.to(server.node(1).address())) {
            LockConfig config =
                    OpeningTest.config(store, way).with("connect-timeout", "3s").with("operation-timeout", "500ms");
            for (Harm harm : OpeningTest.harms()) {
                Set<Thread> before = threads();
                harm.done().accept(way);
                long begun = System.nanoTime();
                assertThatThrownBy(() -> LockClient.open(config))
                        .as(harm.what())
                        .isInstanceOf(LockUnavailableException.class)
                        .hasMessageContainingAll("store " + store.scheme, "gave up after ", "connect-timeout is 3s");
                assertThat(Duration.ofNanos(System.nanoTime() - begun))
                        .as(harm.what())
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
