// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.lab.server.ServerSpec;
import io.holdfast.lab.server.StoreServer;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What keeps the holds of a client while its store is slow, its own requests are many, and its agent is short of connections. */
class RenewalTest {
    @Test
    @DisplayName("KE-3: renewals that take longer than operation-timeout keep the hold")
    void aSlowStoreKeepsTheHold() throws Exception {
        Duration lease = Duration.ofSeconds(10);
        try (Proxied consul = new Proxied();
                LockClient client =
                        LockClient.open(consul.config().withLease(lease).with("operation-timeout", "800ms"))) {
            LockHandle hold = client.acquire("n");
            // A renewal is two round trips: in all less than half a lease.
            consul.proxy.replies().delay(Duration.ofMillis(1500));
            long begun = System.nanoTime();
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                assertThat(client.metrics().lost()).isZero();
                return System.nanoTime() - begun > lease.plusSeconds(3).toNanos();
            });
            assertThat(hold.isValid()).isTrue();
            consul.proxy.heal();
            hold.release();
        }
    }

    @Test
    @DisplayName("KE-1: a client that asks for thousands of locks at once keeps the one it has")
    void aFloodOfContendsHoldsNoRenewalUp() throws Exception {
        int names = 1500;
        Duration lease = Duration.ofSeconds(6);
        try (Proxied consul = new Proxied();
                LockClient client = LockClient.open(consul.config().withLease(lease))) {
            LockHandle hold = client.acquire("kept");
            consul.proxy.replies().delay(Duration.ofMillis(100));
            List<CompletableFuture<LockHandle>> asked = new ArrayList<>();
            for (int i = 0; i < names; i++) {
                asked.add(client.acquireAsync("n" + i).toCompletableFuture());
            }
            long begun = System.nanoTime();
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                assertThat(hold.remainingLease()).as("of the hold").isGreaterThan(lease.dividedBy(4));
                return System.nanoTime() - begun > lease.toNanos();
            });
            assertThat(asked.stream().filter(CompletableFuture::isDone).count())
                    .as("they are still on their way")
                    .isLessThan(names);
            consul.proxy.heal();
            asked.forEach(one -> one.cancel(false));
            assertThat(client.metrics().lost()).isZero();
        }
    }

    @Test
    @DisplayName("KE-1: clients of one address that wait for more than its agent takes keep what they hold")
    void anAgentThatTakesNoMoreConnectionsCostsNoHold() throws Exception {
        Duration lease = Duration.ofSeconds(6);
        ServerSpec scarce = ConsulFixture.usual()
                .line(ConsulFixture.SHORT_SESSIONS)
                .line("limits { http_max_conns_per_client = 40 }");
        try (StoreServer server = scarce.start()) {
            LockConfig config = LockConfig.of("consul://" + server.endpoints())
                    .with("session-ttl-min", "1s")
                    .with("wait-connections", "16")
                    .with("close-timeout", "3s")
                    .withLease(lease);
            List<LockClient> clients = new ArrayList<>();
            List<LockHandle> holds = new ArrayList<>();
            try {
                LockClient busy = LockClient.open(config);
                clients.add(busy);
                for (int i = 0; i < 20; i++) {
                    holds.add(busy.acquire("n" + i));
                }
                for (int c = 0; c < 3; c++) {
                    clients.add(LockClient.open(config));
                    holds.add(clients.get(c + 1).acquire("own" + c));
                }
                for (LockClient client : clients.subList(1, 4)) {
                    for (int i = 0; i < 20; i++) {
                        client.acquireAsync("n" + i);
                    }
                }
                long begun = System.nanoTime();
                await().atMost(Duration.ofSeconds(40)).until(() -> {
                    clients.forEach(c -> assertThat(c.metrics().lost()).isZero());
                    return System.nanoTime() - begun > 2 * lease.toNanos();
                });
                assertThat(holds).allMatch(LockHandle::isValid);
            } finally {
                clients.forEach(LockClient::close);
            }
        }
    }

    @Test
    @DisplayName("LO-5: what came back with a backup is nobody's, and goes with the session that had given it up")
    void aRestoreEndsTheSessionsWhoseReleasesItTookBack() throws Exception {
        try (StoreServer server = ConsulFixture.usual()
                .durable()
                .line(ConsulFixture.SHORT_SESSIONS)
                .start()) {
            LockConfig config = LockConfig.of("consul://" + server.endpoints())
                    .with("session-ttl-min", "1s")
                    .withLease(Duration.ofSeconds(6));
            try (LockClient first = LockClient.open(config);
                    LockClient second = LockClient.open(config)) {
                LockHandle hold = first.acquire("n");
                byte[] backup = snapshot(server, "GET", new byte[0]);
                hold.release();
                Administrator administrator = Administrator.of(server);
                for (int i = 0; i < 200; i++) { // other writers carry Consul's index past what was seen before
                    administrator.put("other/" + i, "x");
                }
                snapshot(server, "PUT", backup);
                assertThat(administrator.entries("holdfast/n/"))
                        .as("it came back")
                        .hasSize(1);
                for (int i = 0; i < 400; i++) {
                    administrator.put("other/" + i, "y");
                }
                second.acquire("n", Duration.ofSeconds(20)).release();
            }
        }
    }

    private static byte[] snapshot(StoreServer server, String method, byte[] body) throws Exception {
        HttpURLConnection connection = (HttpURLConnection) URI.create("http://" + server.endpoints() + "/v1/snapshot")
                .toURL()
                .openConnection(Proxy.NO_PROXY);
        connection.setRequestMethod(method);
        connection.setRequestProperty("Connection", "close");
        if (body.length > 0) {
            connection.setDoOutput(true);
            connection.getOutputStream().write(body);
        }
        assertThat(connection.getResponseCode()).isEqualTo(200);
        return connection.getInputStream().readAllBytes();
    }
}
