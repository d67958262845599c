// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockConfigException;
import io.holdfast.LockHandle;
import io.holdfast.LockUnavailableException;
import io.holdfast.ReleaseOutcome;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.ServerSpec;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import io.holdfast.lab.server.TlsFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who is connected to over TLS, and who is not. */
class TlsTest {
    private StoreServer server;

    private void start(StoreKind kind, String... lines) {
        ServerSpec spec = kind.spec().withTls();
        for (String line : lines) {
            spec = spec.line(line);
        }
        server = spec.start();
    }

    @AfterEach
    void end() {
        server.close();
    }

    private LockConfig config(String scheme) {
        return LockConfig.of(scheme + "://" + server.endpoints());
    }

    private static LockConfig showing(LockConfig config, TlsFiles files) {
        return config.with("tls.certificate", files.certificate().toString())
                .with("tls.key", files.key().toString());
    }

    private LockConfig trusting(LockConfig config, Path authority) {
        return config.with("tls.ca", authority.toString());
    }

    private static void holds(LockConfig config) throws Exception {
        try (LockClient client = LockClient.open(config);
                LockClient other = LockClient.open(config)) {
            LockHandle hold = client.acquire("n");
            assertThat(other.tryAcquire("n")).isEmpty();
            hold.release();
            other.acquire("n").release();
        }
    }

    /** What does not pass ends the opening at its first try (rule OP-1). */
    private static void isRefused(LockConfig config) {
        assertThatThrownBy(() ->
                        LockClient.open(config.with("connect-timeout", "10m")).close())
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("tls.*");
    }

    private static void isOutOfReach(LockConfig config) {
        assertThatThrownBy(() ->
                        LockClient.open(config.with("connect-timeout", "4s")).close())
                .isInstanceOf(LockUnavailableException.class);
    }

    @ParameterizedTest
    @CsvSource({"REDIS_7, rediss", "REDIS_8, rediss", "VALKEY_8, valkeys"})
    void anAuthorityOfOnesOwnIsTrustedAndNoOther(StoreKind kind, String scheme) throws Exception {
        start(kind, "tls-auth-clients no");
        holds(trusting(config(scheme), server.tls().ca()));
        // Without ours, the JVM's own authorities count; and any certificate may stand for the wrong authority.
        isRefused(config(scheme));
        isRefused(trusting(config(scheme), server.tls().certificate()));
        holds(config(scheme).with("tls.verify", "false"));
    }

    @Test
    void aServerThatAsksForACertificateIsShownOne() throws Exception {
        start(StoreKind.REDIS_7);
        LockConfig trusting = trusting(config("rediss"), server.tls().ca());
        holds(showing(trusting, server.tls()));
        // The server ends the connection after its handshake, which could be an outage.
        isOutOfReach(trusting);
    }

    @Test
    void aCertificateForAnotherNameIsRefused() throws Exception {
        start(StoreKind.REDIS_7, "tls-auth-clients no", "bind 127.0.0.1 127.0.0.2");
        String port = server.endpoints().replaceFirst(".*:", "");
        holds(trusting(LockConfig.of("rediss://localhost:" + port), server.tls().ca()));
        LockConfig elsewhere = trusting(
                LockConfig.of("rediss://127.0.0.2:" + port), server.tls().ca());
        isRefused(elsewhere);
        holds(elsewhere.with("tls.verify", "false"));
    }

    @Test
    void plainClientsAreToldOfTheSchemeThatIsRight() {
        start(StoreKind.REDIS_7, "tls-auth-clients no");
        assertThatThrownBy(() -> LockClient.open(
                        config("redis").with("connect-timeout", "10m").with("operation-timeout", "1s")))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("speaks TLS; write rediss: in place of redis:");
    }

    /** Its files are read at each handshake; the server takes up no TLS session of before. */
    @Test
    void aClientCertificateThatWasChangedIsReadAgain(@TempDir Path directory) throws Exception {
        start(StoreKind.REDIS_7, "tls-session-caching no");
        TlsFiles own = server.tls();
        Path certificate = directory.resolve("client.crt");
        Path key = directory.resolve("client.key");
        try (StoreServer stranger = StoreKind.REDIS_7.spec().withTls().start();
                TcpProxy way = TcpProxy.to(server.node(1).address())) {
            exchange(own, certificate, key);
            LockConfig config = trusting(LockConfig.of("rediss://" + way.endpoint()), own.ca())
                    .with("tls.certificate", certificate.toString())
                    .with("tls.key", key.toString())
                    .withLease(Duration.ofMinutes(1));
            try (LockClient client = LockClient.open(config)) {
                LockHandle hold = client.acquire("n");
                exchange(stranger.tls(), certificate, key);
                way.resetAll();
                await().untilAsserted(() -> assertThatThrownBy(() -> client.acquire("m", Duration.ofSeconds(2)))
                        .isInstanceOf(LockUnavailableException.class));
                exchange(own, certificate, key);
                client.acquire("m", Duration.ofSeconds(20)).release();
                assertThat(hold.isValid()).isTrue();
                assertThat(hold.release()).isEqualTo(ReleaseOutcome.RELEASED);
            }
        }
    }

    private static void exchange(TlsFiles files, Path certificate, Path key) throws IOException {
        Files.copy(files.certificate(), certificate, StandardCopyOption.REPLACE_EXISTING);
        Files.copy(files.key(), key, StandardCopyOption.REPLACE_EXISTING);
    }
}
