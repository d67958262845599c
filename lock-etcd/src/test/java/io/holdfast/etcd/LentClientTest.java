// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.holdfast.ForceOutcome;
import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.LockInfo;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.tck.internal.KitRuntime;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Lock clients over one jetcd client of the program's own, each with a runtime of its own; they come and go. */
class LentClientTest {
    private final EtcdSettings settings = EtcdSettings.DEFAULTS.withPrefix("lent-" + UUID.randomUUID());
    private final String endpoint = Servers.shared(StoreKind.ETCD_3_4).node(1).endpoint();

    private final KitRuntime ofTheFirst = new KitRuntime();

    @AfterEach
    void close() {
        ofTheFirst.close();
    }

    @Test
    @DisplayName("CL-4: what is asked through the second client does not need the runtime of the first")
    void questionsOutliveTheFirstClientsRuntime() throws Exception {
        try (Client lent = Client.builder().endpoints("http://" + endpoint).build();
                KitRuntime ofTheSecond = new KitRuntime();
                EtcdBackend backend = EtcdBackend.using(lent, settings)) {
            LockClient first = LockClient.open(backend, LockConfig.load().withRuntime(ofTheFirst));
            try (LockClient second = LockClient.open(backend, LockConfig.load().withRuntime(ofTheSecond))) {
                first.close();
                ofTheFirst.close();
                LockHandle hold = second.acquire("n");
                assertThat(second.lock("n").inspect().isHeld()).isTrue();
                assertThat(second.list()).extracting(LockInfo::name).containsExactly("n");
                assertThat(second.diagnose()).isNotEmpty();
                assertThat(second.forceUnlock("n", hold.fencingToken())).isEqualTo(ForceOutcome.RELEASED);
            }
        }
        try (Etcd etcd = Etcd.at(endpoint)) {
            assertThat(etcd.under(settings.prefix())).isEmpty();
        }
    }

    @SuppressWarnings("ImmutableEnumChecker") // what changes a builder keeps nothing
    private enum Lent {
        AS_JETCD_MAKES_IT(builder -> {}),
        THAT_WAITS_FOR_NO_CONNECTION(builder -> builder.waitForReady(false)),
        THAT_REPEATS(builder -> builder.retryMaxAttempts(20).retryDelay(1).retryMaxDelay(2)),
        OF_ROUND_ROBIN(builder -> builder.loadBalancerPolicy("round_robin")),
        THAT_ASKS_OFTEN(
                builder -> builder.keepaliveTime(Duration.ofSeconds(10)).keepaliveTimeout(Duration.ofSeconds(1))),
        IN_A_NAMESPACE(builder -> builder.namespace(LockKeys.bytes("tenant7/")));

        private final Consumer<ClientBuilder> changes;

        Lent(Consumer<ClientBuilder> changes) {
            this.changes = changes;
        }
    }

    /** Whatever the lent client is told, it and a client by URL stand in one line, through broken connections, too. */
    @ParameterizedTest
    @EnumSource(Lent.class)
    @DisplayName("ME-1: the settings of a lent client do not split the locks")
    void settingsOfALentClientSplitNothing(Lent lent) throws Exception {
        String namespace = lent == Lent.IN_A_NAMESPACE ? "&namespace=tenant7/" : "";
        try (TcpProxy proxy =
                TcpProxy.to(Servers.shared(StoreKind.ETCD_3_4).node(1).address())) {
            ClientBuilder builder = Client.builder().endpoints("http://" + proxy.endpoint());
            lent.changes.accept(builder);
            try (Client jetcd = builder.build();
                    EtcdBackend backend = EtcdBackend.using(jetcd, settings);
                    LockClient ofLent = LockClient.open(backend, LockConfig.load());
                    LockClient byUrl =
                            LockClient.open("etcd://" + endpoint + "?prefix=" + settings.prefix() + namespace)) {
                long last = 0;
                for (int i = 0; i < 5; i++) {
                    LockHandle hold = ofLent.acquire("n", Duration.ofSeconds(20));
                    assertThat(hold.fencingToken()).isGreaterThan(last);
                    assertThat(byUrl.tryAcquire("n")).isEmpty();
                    CompletableFuture<LockHandle> waiting =
                            byUrl.acquireAsync("n").toCompletableFuture();
                    if (i == 2) {
                        proxy.resetAll();
                    }
                    hold.release();
                    LockHandle next = waiting.get(20, TimeUnit.SECONDS);
                    assertThat(next.fencingToken()).isGreaterThan(hold.fencingToken());
                    CompletableFuture<LockHandle> again =
                            ofLent.acquireAsync("n").toCompletableFuture();
                    next.release();
                    LockHandle third = again.get(20, TimeUnit.SECONDS);
                    last = third.fencingToken();
                    third.release();
                }
            }
        }
    }
}
