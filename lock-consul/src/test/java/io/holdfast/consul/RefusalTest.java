// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.ecwid.consul.v1.ConsulRawClient;
import com.sun.net.httpserver.HttpServer;
import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockConfigException;
import io.holdfast.LockHandle;
import io.holdfast.LockUnavailableException;
import io.holdfast.lab.server.StoreServer;
import io.holdfast.lab.server.TlsFiles;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.impl.client.HttpClients;
import org.junit.jupiter.api.Test;

/** What cannot be served, in words that say what to do; and what an administrator does to sessions in use. */
class RefusalTest {
    private static LockConfig unreachable(String userInfo) {
        return LockConfig.of("consul://" + userInfo + "127.0.0.1:1");
    }

    @Test
    void aLeaseOutOfRangeIsAnErrorAtOpenThatNamesTheRange() {
        try (Proxied consul = new Proxied()) {
            LockConfig usual = LockConfig.of("consul://" + consul.server.node(1).endpoint());
            assertThatThrownBy(() -> LockClient.open(usual.withLease(Duration.ofSeconds(9))))
                    .isInstanceOf(LockConfigException.class)
                    .hasMessageContaining("10s to 1d");
            assertThatThrownBy(() -> LockClient.open(usual.withLease(Duration.ofDays(2))))
                    .isInstanceOf(LockConfigException.class);
            LockConfig wrong = usual.with("session-ttl-min", "100ms").withLease(Duration.ofMillis(200));
            assertThatThrownBy(() -> LockClient.open(wrong))
                    .as("the server's own answer")
                    .isInstanceOf(LockConfigException.class)
                    .hasMessageContaining("must be between [1s=24h0m0s]");
        }
    }

    @Test
    void settingsThatMeanNothingToConsulAreErrors() {
        assertThatThrownBy(() -> LockClient.open(unreachable("my-token@")))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("with the colon")
                .message()
                .doesNotContain("my-token");
        assertThatThrownBy(() -> LockClient.open(LockConfig.of("consul://127.0.0.1:1/some/path")))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("prefix");
        assertThatThrownBy(() -> LockClient.open(unreachable("").with("datacenter", "dc1&token=x")))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("datacenter");
        assertThatThrownBy(() -> LockClient.open(unreachable("").with("wait-connections", "-1")))
                .isInstanceOf(LockConfigException.class);
    }

    @Test
    void aServerThatIsNotThereOrNoConsulIsUnavailable() throws Exception {
        assertThatThrownBy(() -> LockClient.open(unreachable("").with("connect-timeout", "1s")))
                .isInstanceOf(LockUnavailableException.class)
                .hasMessageContainingAll("127.0.0.1:1", "gave up after");
        HttpServer stranger = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        stranger.createContext("/", exchange -> {
            byte[] page = "<html>welcome</html>".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(exchange.getRequestMethod().equals("GET") ? 404 : 200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        stranger.start();
        try {
            String url = "consul://127.0.0.1:" + stranger.getAddress().getPort() + "?connect-timeout=5s";
            assertThatThrownBy(() -> LockClient.open(url))
                    .isInstanceOf(LockUnavailableException.class)
                    .hasMessageContaining("Consul agent");
        } finally {
            stranger.stop(0);
        }
    }

    @Test
    void theNextHostIsAskedWhenOneIsOutOfReach() throws Exception {
        try (Proxied consul = new Proxied()) {
            String url = "consul://127.0.0.1:1," + consul.proxy.endpoint() + ","
                    + consul.server.node(1).endpoint();
            LockConfig config = LockConfig.of(url)
                    .with("prefix", consul.prefix)
                    .with("operation-timeout", "500ms")
                    .withLease(Duration.ofSeconds(10));
            try (LockClient steady = LockClient.open(consul.steady())) {
                LockHandle first = steady.acquire("n");
                try (LockClient client = LockClient.open(config)) {
                    CompletableFuture<LockHandle> next =
                            client.acquireAsync("n").toCompletableFuture();
                    await().until(() -> consul.line("n").size() == 2);
                    consul.proxy.refuse();
                    consul.proxy.resetAll();
                    first.release();
                    LockHandle held = next.get(30, TimeUnit.SECONDS);
                    assertThat(held.isValid()).isTrue();
                    held.release();
                    assertThat(client.metrics().lost()).isZero();
                }
            }
        }
    }

    @Test
    void aDeletedSessionKeyEndsTheSessionAndNothingElse() throws Exception {
        try (Proxied consul = new Proxied();
                LockClient client = LockClient.open(consul.config())) {
            LockHandle hold = client.acquire("n");
            consul.administrator.delete(consul.keys.root() + "?recurse");
            // The next contend finds the key missing that it compares.
            LockHandle other = client.acquire("m", Duration.ofSeconds(20));
            assertThat(other.isValid()).isTrue();
            await().atMost(Duration.ofSeconds(20)).until(() -> !hold.isValid());
            other.release();
        }
    }

    @Test
    void aKeyThatAStrangerWritesIsReleasedAllTheSame() throws Exception {
        try (Proxied consul = new Proxied();
                LockClient client = LockClient.open(consul.config())) {
            LockHandle hold = client.acquire("n");
            KeyEntry held = consul.line("n").get(0);
            consul.administrator.put(held.key(), "scribble");
            consul.administrator.put(consul.keys.line("n") + "note", "no contender: no session");
            assertThat(consul.line("n").get(0).modified()).isGreaterThan(held.modified());
            hold.release();
            assertThat(consul.line("n")).extracting(KeyEntry::value).containsExactly("no contender: no session");
            client.acquire("n").release();
            consul.administrator.delete(consul.keys.line("n") + "note");
        }
    }

    @Test
    void aLentClientServesAndStaysOpen() throws Exception {
        try (Proxied consul = new Proxied();
                CloseableHttpClient http = HttpClients.createDefault()) {
            ConsulRawClient lent = new ConsulRawClient(
                    http, "127.0.0.1", consul.server.node(1).address().getPort(), "");
            ConsulBackend backend = ConsulBackend.using(lent, ConsulSettings.DEFAULTS.withPrefix(consul.prefix));
            try (LockClient client = LockClient.open(backend, LockConfig.load());
                    LockClient other = LockClient.open(backend, LockConfig.load())) {
                LockHandle hold = client.acquire("n");
                CompletableFuture<LockHandle> next = other.acquireAsync("n").toCompletableFuture();
                await().until(() -> consul.line("n").size() == 2);
                hold.release();
                next.get(20, TimeUnit.SECONDS).release();
            }
            backend.close();
            assertThat(lent.makeGetRequest("/v1/status/leader").getStatusCode()).isEqualTo(200);
        }
    }

    /** Rule ER-1: a certificate of another name, or of nobody who is trusted, is no question of whether Consul runs. */
    @Test
    void whatIsWrongWithTlsIsSaid() {
        try (StoreServer server = ConsulFixture.usual().withTls().start()) {
            TlsFiles tls = server.tls();
            String address = server.endpoints().replace("127.0.0.1", "127.1");
            assertThatThrownBy(() -> LockClient.open(LockConfig.of("consuls://" + address)
                            .with("tls.ca", tls.ca().toString())
                            .with("tls.certificate", tls.certificate().toString())
                            .with("tls.key", tls.key().toString())))
                    .isInstanceOf(LockConfigException.class)
                    .hasMessageContaining("not for this address");
            assertThatThrownBy(() -> LockClient.open("consuls://" + server.endpoints()))
                    .isInstanceOf(LockConfigException.class)
                    .hasMessageContaining("tls.ca");
        }
    }

    /** What a server says may be meant for the terminal that shows it. */
    @Test
    void whatAServerSaysIsShownWithoutEffect() throws Exception {
        HttpServer hostile = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        hostile.createContext("/", exchange -> {
            byte[] said = "\u001b]0;TAKEN\u0007\u001b[2J gnp\u202eexe".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(500, said.length);
            exchange.getResponseBody().write(said);
            exchange.close();
        });
        hostile.start();
        try {
            assertThatThrownBy(() -> LockClient.open(
                            "consul://127.0.0.1:" + hostile.getAddress().getPort()))
                    .hasMessageContaining("\\u001b]0;TAKEN\\u0007")
                    .message()
                    .doesNotContain("\u001b", "\u0007", "\u202e");
        } finally {
            hostile.stop(0);
        }
    }

    @Test
    void anotherDatacenterThanTheAgentsIsRefusedWithTheReason() {
        try (Proxied consul = new Proxied()) {
            assertThatThrownBy(() -> LockClient.open(consul.steady().with("datacenter", "elsewhere")))
                    .isInstanceOf(LockConfigException.class)
                    .hasMessageContaining("'datacenter'");
        }
    }
}
