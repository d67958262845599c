// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is let in, and who is not. */
class ServerAccessTest extends ServerTestBase {
    @ParameterizedTest
    @EnumSource(names = {"REDIS_7", "REDIS_8", "ZOOKEEPER_3_9", "ETCD_3_4", "CONSUL_1_8"})
    void servesClientsThatShowACertificateAndNoOthers(StoreKind kind) throws Exception {
        try (StoreServer server = kind.spec().withTls().withCredentials().start()) {
            assertThat(server.leader()).isPresent();
            assertThat(server.tls().certificate()).isReadable();
            ServerNode node = server.node(1);
            AtomicInteger answered = new AtomicInteger();
            SSLContext stranger = withoutCertificate(server.tls());
            // The alert that says "certificate" is lost when the server
            // ends the connection with a request of ours unread.
            assertThatThrownBy(() -> {
                        try (Socket socket = stranger.getSocketFactory()
                                .createSocket(
                                        node.address().getAddress(),
                                        node.address().getPort())) {
                            socket.setSoTimeout(10_000);
                            // With TLS 1.3 the refusal comes after the client's side of the handshake.
                            socket.getOutputStream().write("srvr\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                            while (socket.getInputStream().read() >= 0) {
                                answered.incrementAndGet();
                            }
                        }
                    })
                    .isInstanceOf(IOException.class)
                    .hasMessageMatching("(?s).*(certificate|Connection reset|Broken pipe).*");
            assertThat(answered).hasValue(0);
        }
    }

    private static SSLContext withoutCertificate(TlsFiles files) throws Exception {
        java.security.KeyStore trusted = java.security.KeyStore.getInstance(
                files.trustStore().toFile(), files.storePassword().toCharArray());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), new SecureRandom());
        return context;
    }

    @ParameterizedTest
    @EnumSource(names = {"REDIS_7", "REDIS_8", "VALKEY_8"})
    void redisHasAUserForLocks(StoreKind kind) throws IOException {
        try (StoreServer server = kind.spec().withCredentials().start()) {
            Credentials credentials = server.credentials();
            Site site = server.node(1).site();
            assertThatThrownBy(() -> ask(site, "PING")).hasMessageStartingWith("-NOAUTH");
            assertThatThrownBy(() -> ask(site, "AUTH locker wrong")).hasMessageStartingWith("-WRONGPASS");
            String login = "AUTH " + credentials.user() + " " + credentials.password();
            assertThat(ask(site, login, "SET holdfast:a 1")).isEqualTo("OK");
            assertThat(ask(site, login, "EVAL \"return redis.call('GET', KEYS[1])\" 1 holdfast:a"))
                    .isEqualTo("1");
            assertThatThrownBy(() -> ask(site, login, "SET other 1")).hasMessageStartingWith("-NOPERM");
            assertThatThrownBy(() -> ask(site, login, "FLUSHALL")).hasMessageStartingWith("-NOPERM");
            assertThat(redis(site, "CONFIG GET port")).isNotEmpty();
        }
    }

    private static String ask(Site site, String... commands) throws IOException {
        try (Resp resp = Resp.openAsNobody(site)) {
            String last = "";
            for (String command : commands) {
                last = resp.ask(command);
            }
            return last;
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ETCD_3_4", "ETCD_3_5"})
    void etcdHasAUserForLocksAlsoAfterRestarts(StoreKind kind) throws IOException {
        try (StoreServer server = kind.spec().withCredentials().durable().start()) {
            checkEtcd(server);
            server.restart();
            checkEtcd(server);
            server.restartWithoutData();
            checkEtcd(server);
        }
    }

    private static void checkEtcd(StoreServer server) throws IOException {
        Site site = server.node(1).site();
        Credentials credentials = server.credentials();
        assertThatThrownBy(() -> put(new Http(site), "holdfast/a")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> etcdToken(site, credentials.user(), "wrong")).isInstanceOf(IOException.class);
        Http locker =
                new Http(site, Map.of("Authorization", etcdToken(site, credentials.user(), credentials.password())));
        put(locker, "holdfast/a");
        put(locker, "/holdfast/a");
        assertThatThrownBy(() -> put(locker, "other")).hasMessageContaining("permission denied");
        Http admin = new Http(
                site, Map.of("Authorization", etcdToken(site, credentials.admin(), credentials.adminPassword())));
        put(admin, "other");
    }

    private static void put(Http http, String key) throws IOException {
        http.post("/v3/kv/put", "{\"key\":\"%s\",\"value\":\"MQ==\"}".formatted(base64(key)));
    }

    private static String etcdToken(Site site, String user, String password) throws IOException {
        return Http.field(
                new Http(site)
                        .post(
                                "/v3/auth/authenticate",
                                "{\"name\":\"%s\",\"password\":\"%s\"}".formatted(user, password)),
                "token");
    }

    @Test
    void consulHasATokenForLocksAlsoAfterRestarts() throws IOException {
        try (StoreServer server = StoreKind.CONSUL_1_8
                .spec()
                .withCredentials("app/locks")
                .durable()
                .start()) {
            checkConsul(server);
            server.restart();
            checkConsul(server);
            server.restartWithoutData();
            checkConsul(server);
        }
    }

    private static void checkConsul(StoreServer server) throws IOException {
        Site site = server.node(1).site();
        Http locker =
                new Http(site, Map.of("X-Consul-Token", server.credentials().password()));
        assertThat(locker.put("/v1/kv/app/locks/a", "1")).startsWith("true");
        assertThat(locker.put("/v1/session/create", "{}")).contains("ID");
        assertThatThrownBy(() -> locker.put("/v1/kv/other", "1")).hasMessageContaining("403");
        assertThatThrownBy(() -> new Http(site).put("/v1/kv/app/locks/a", "1")).hasMessageContaining("403");
        Http wrong = new Http(site, Map.of("X-Consul-Token", "00000000-0000-0000-0000-000000000000"));
        assertThatThrownBy(() -> wrong.put("/v1/kv/app/locks/a", "1")).hasMessageContaining("403");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void tellsNoSecret(boolean tls) {
        ServerSpec spec = StoreKind.REDIS_7.spec().withCredentials();
        try (StoreServer server = (tls ? spec.withTls() : spec).start()) {
            assertThat(server + " " + server.credentials() + " " + server.nodes())
                    .doesNotContain(server.credentials().password())
                    .doesNotContain(server.credentials().adminPassword());
        }
        try (StoreServer open = StoreKind.REDIS_7.spec().start()) {
            assertThatThrownBy(open::credentials).hasMessage("redis-7 was started without credentials");
            assertThatThrownBy(open::tls).hasMessage("redis-7 was started without TLS");
            assertThatThrownBy(() -> open.moveClock(java.time.Duration.ZERO))
                    .hasMessage("redis-7 was started without a movable clock");
        }
    }
}
