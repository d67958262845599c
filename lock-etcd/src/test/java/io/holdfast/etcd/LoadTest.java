// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.LockListener;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Rule KE-1 where the store is slow, and where the client itself keeps it busy. */
class LoadTest {
    private final String prefix = "load-" + UUID.randomUUID();

    private LockConfig config(String endpoint) {
        return LockConfig.of("etcd://" + endpoint).with("prefix", prefix);
    }

    @Test
    @DisplayName(
            "KE-1: a store whose every answer takes longer than operation-timeout, and less than half a lease, keeps the hold")
    void aRenewalMayTakeLongerThanOtherRequests() throws Exception {
        var server = Servers.shared(StoreKind.ETCD_3_5).node(1);
        AtomicInteger renewed = new AtomicInteger();
        try (TcpProxy proxy = TcpProxy.to(server.address());
                LockClient client = LockClient.open(config(proxy.endpoint())
                        .with("operation-timeout", "500ms")
                        .withLease(Duration.ofSeconds(8)))) {
            client.addListener(new LockListener() {
                @Override
                public void renewed(String name, long token) {
                    renewed.incrementAndGet();
                }
            });
            LockHandle hold = client.acquire("n");
            proxy.replies().delay(Duration.ofMillis(1500));
            await().atMost(Duration.ofSeconds(60)).until(() -> renewed.get() >= 8 || !hold.isValid());
            assertThat(hold.isValid()).isTrue();
            proxy.heal();
            hold.release();
        }
    }

    @Test
    @DisplayName("KE-1: ten thousand locks asked for at once do not hold up the renewals")
    void aFloodOfContendsLosesNothing() throws Exception {
        var server = Servers.shared(StoreKind.ETCD_3_5).node(1);
        try (LockClient client = LockClient.open(config(server.endpoint()).withLease(Duration.ofSeconds(8)))) {
            LockHandle hold = client.acquire("n");
            List<CompletableFuture<LockHandle>> all = new ArrayList<>();
            for (int i = 0; i < 10_000; i++) {
                all.add(client.acquireAsync("f" + i).toCompletableFuture());
            }
            for (CompletableFuture<LockHandle> one : all) {
                one.get(60, TimeUnit.SECONDS);
            }
            assertThat(hold.isValid()).isTrue();
            assertThat(client.metrics().lost()).isZero();
            assertThat(client.metrics().failures()).as("requests that failed").isZero();
            List<CompletableFuture<?>> released = new ArrayList<>();
            for (CompletableFuture<LockHandle> one : all) {
                released.add(CompletableFuture.runAsync(one.join()::close));
            }
            CompletableFuture.allOf(released.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
            assertThat(hold.isValid()).isTrue();
        }
    }
}
