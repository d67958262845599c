// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockConfigException;
import io.holdfast.LockDeniedException;
import io.holdfast.LockHandle;
import io.holdfast.LockUnavailableException;
import io.holdfast.lab.server.Credentials;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import io.holdfast.lab.server.TlsFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may lock, and that nobody else may; that passwords are not shown; tokens that end while a lock is held. */
class CredentialsTest {
    private static LockConfig config(StoreServer server, String user, String password) {
        return LockConfig.of("etcd://" + server.endpoints())
                .with("user", user)
                .with("password", password)
                .withLease(Duration.ofSeconds(6));
    }

    @ParameterizedTest
    @CsvSource({"ETCD_3_4, 1", "ETCD_3_5, 1", "ETCD_3_5, 3"})
    void whoIsNotKnownOrNotAllowedIsDeniedAndNoPasswordIsShown(StoreKind kind, int members) throws Exception {
        try (StoreServer server =
                kind.spec().nodes(members).withCredentials("holdfast/").start()) {
            Credentials known = server.credentials();
            assertThatThrownBy(() -> LockClient.open(config(server, known.user(), "wrong-secret")))
                    .isInstanceOf(LockDeniedException.class)
                    .hasStackTraceContaining("docs/backends/etcd.md")
                    .satisfies(e -> assertThat(e.toString()).doesNotContain("wrong-secret"));
            assertThatThrownBy(() -> LockClient.open("etcd://" + server.endpoints()))
                    .isInstanceOf(LockDeniedException.class);
            assertThatThrownBy(() -> LockClient.open(
                            config(server, known.user(), known.password()).with("prefix", "elsewhere")))
                    .isInstanceOf(LockDeniedException.class)
                    .hasStackTraceContaining("permission denied");
            assertThatThrownBy(() -> LockClient.open(
                            LockConfig.of("etcd://" + server.endpoints()).with("user", "only")))
                    .isInstanceOf(LockConfigException.class);
            try (LockClient client = LockClient.open(config(server, known.user(), known.password()))) {
                client.acquire("n").release();
            }
        }
    }

    /** Tokens that end after a second: nearly every request of a hold of three leases meets a token that has ended. */
    @Test
    void tokensThatEndWhileALockIsHeldAndWaitedForAreMadeAnew() throws Exception {
        try (StoreServer server = StoreKind.ETCD_3_4
                .spec()
                .withCredentials("holdfast/")
                .line("--auth-token-ttl=1")
                .start()) {
            Credentials known = server.credentials();
            LockConfig config = config(server, known.user(), known.password());
            try (LockClient one = LockClient.open(config);
                    LockClient two = LockClient.open(config)) {
                LockHandle hold = one.acquire("n");
                CompletableFuture<LockHandle> waiting = two.acquireAsync("n").toCompletableFuture();
                long renewals = one.metrics().renewals();
                await().atMost(Duration.ofSeconds(60)).until(() -> one.metrics().renewals() >= renewals + 9);
                assertThat(hold.isValid()).isTrue();
                assertThat(one.metrics().lost()).isZero();
                hold.release();
                waiting.get(20, TimeUnit.SECONDS).release();
            }
        }
    }

    @Test
    void aPasswordChangedWhileALockIsHeldEndsItsRenewalsAndSaysWhy() throws Exception {
        try (StoreServer server =
                        StoreKind.ETCD_3_4.spec().withCredentials("holdfast/").start();
                Client root = Client.builder()
                        .endpoints("http://" + server.endpoints())
                        .user(ByteSequence.from(server.credentials().admin(), UTF_8))
                        .password(ByteSequence.from(server.credentials().adminPassword(), UTF_8))
                        .build()) {
            Credentials known = server.credentials();
            try (LockClient client = LockClient.open(config(server, known.user(), known.password()))) {
                LockHandle hold = client.acquire("n");
                Etcd.answer(root.getAuthClient()
                        .userChangePassword(
                                ByteSequence.from(known.user(), UTF_8), ByteSequence.from("another", UTF_8)));
                await().atMost(Duration.ofSeconds(20)).until(() -> !hold.isValid());
                assertThatThrownBy(() -> client.acquire("m", Duration.ofSeconds(5)))
                        .isInstanceOf(LockDeniedException.class);
            }
        }
    }

    /** A password that is rotated: in the file first, then in etcd, which ends the login tokens of the user. */
    @Test
    void aPasswordFileThatWasChangedIsReadAgain(@TempDir Path directory) throws Exception {
        try (StoreServer server =
                        StoreKind.ETCD_3_5.spec().withCredentials("holdfast/").start();
                Client root = Client.builder()
                        .endpoints("http://" + server.endpoints())
                        .user(ByteSequence.from(server.credentials().admin(), UTF_8))
                        .password(ByteSequence.from(server.credentials().adminPassword(), UTF_8))
                        .build()) {
            Credentials known = server.credentials();
            Path file = Files.writeString(directory.resolve("password"), known.password() + "\n");
            LockConfig config = LockConfig.of("etcd://" + server.endpoints())
                    .with("user", known.user())
                    .with("password-file", file.toString())
                    .withLease(Duration.ofSeconds(4));
            try (LockClient client = LockClient.open(config)) {
                LockHandle hold = client.acquire("n");
                Files.writeString(file, "another\n");
                Etcd.answer(root.getAuthClient()
                        .userChangePassword(
                                ByteSequence.from(known.user(), UTF_8), ByteSequence.from("another", UTF_8)));
                long renewals = client.metrics().renewals();
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> client.metrics().renewals() >= renewals + 6 || !hold.isValid());
                assertThat(hold.isValid()).as("renewed with the new password").isTrue();
                client.acquire("m", Duration.ofSeconds(5)).release();
                assertThat(client.metrics().sessions()).isEqualTo(1);
                hold.release();
            }
        }
    }

    /** Rights that are taken away while a client lives: nothing was done, and that is what it is told. */
    @Test
    void aRoleThatIsTakenAwayIsADenialAndLeavesNothing() throws Exception {
        try (StoreServer server =
                        StoreKind.ETCD_3_5.spec().withCredentials("holdfast/").start();
                Client root = Client.builder()
                        .endpoints("http://" + server.endpoints())
                        .user(ByteSequence.from(server.credentials().admin(), UTF_8))
                        .password(ByteSequence.from(server.credentials().adminPassword(), UTF_8))
                        .build()) {
            Credentials known = server.credentials();
            try (LockClient client = LockClient.open(config(server, known.user(), known.password()))) {
                client.acquire("n").release();
                Etcd.answer(root.getAuthClient()
                        .userRevokeRole(ByteSequence.from(known.user(), UTF_8), ByteSequence.from("locks", UTF_8)));
                assertThatThrownBy(() -> client.acquire("n", Duration.ofSeconds(5)))
                        .isInstanceOf(LockDeniedException.class);
                assertThat(new Etcd(root).line("holdfast", "n")).isEmpty();
            }
        }
    }

    /** Its files are read at each handshake; the server is restarted so that it takes up no TLS session of before. */
    @Test
    void aClientCertificateThatWasChangedIsReadAgain(@TempDir Path directory) throws Exception {
        try (StoreServer server = StoreKind.ETCD_3_5.spec().durable().withTls().start();
                StoreServer stranger = StoreKind.ETCD_3_5.spec().withTls().start()) {
            Path certificate = Files.copy(server.tls().certificate(), directory.resolve("client.crt"));
            Path key = Files.copy(server.tls().key(), directory.resolve("client.key"));
            try (LockClient client = LockClient.open(LockConfig.of("etcds://" + server.endpoints())
                    .with("tls.ca", server.tls().ca().toString())
                    .with("tls.certificate", certificate.toString())
                    .with("tls.key", key.toString())
                    .withLease(Duration.ofMinutes(1)))) {
                client.acquire("n").release();
                Files.copy(stranger.tls().certificate(), certificate, StandardCopyOption.REPLACE_EXISTING);
                Files.copy(stranger.tls().key(), key, StandardCopyOption.REPLACE_EXISTING);
                server.restart();
                await().untilAsserted(() -> assertThatThrownBy(() -> client.acquire("n", Duration.ofSeconds(2)))
                        .isInstanceOf(LockUnavailableException.class));
                Files.copy(server.tls().certificate(), certificate, StandardCopyOption.REPLACE_EXISTING);
                Files.copy(server.tls().key(), key, StandardCopyOption.REPLACE_EXISTING);
                client.acquire("n", Duration.ofSeconds(20)).release();
            }
        }
    }

    /** Whoever reads the message must not look for the fault in the network. */
    @Test
    void aCertificateOfAnotherHostIsSaidToBeOne() throws Exception {
        try (StoreServer server = StoreKind.ETCD_3_5.spec().withTls().start();
                Alias alias = new Alias(server.node(1).address())) {
            LockConfig config = LockConfig.of("etcds://" + alias.endpoint())
                    .with("connect-timeout", "10m") // it ends at the first try (rule OP-1)
                    .with("tls.certificate", server.tls().certificate().toString())
                    .with("tls.key", server.tls().key().toString());
            assertThatThrownBy(() -> LockClient.open(
                            config.with("tls.ca", server.tls().ca().toString())))
                    .isInstanceOf(LockConfigException.class)
                    .hasMessageContaining("TLS")
                    .hasMessageContaining("127.0.0.2");
            assertThatThrownBy(() -> LockClient.open(config))
                    .isInstanceOf(LockConfigException.class)
                    .hasMessageContaining("TLS")
                    .hasMessageContaining("tls.*");
        }
    }

    @ParameterizedTest
    @CsvSource({"ETCD_3_4, 1", "ETCD_3_5, 1", "ETCD_3_5, 3"})
    void tlsTrustsWhomItIsToldAndChecksTheName(StoreKind kind, int members) throws Exception {
        try (StoreServer server = kind.spec().nodes(members).withTls().start()) {
            TlsFiles tls = server.tls();
            LockConfig trusted = LockConfig.of("etcds://" + server.endpoints())
                    .with("connect-timeout", "3s")
                    .with("tls.certificate", tls.certificate().toString())
                    .with("tls.key", tls.key().toString());
            try (LockClient client =
                    LockClient.open(trusted.with("tls.ca", tls.ca().toString()))) {
                client.acquire("n").release();
            }
            try (LockClient client = LockClient.open(trusted.with("tls.verify", "false"))) {
                client.acquire("n").release();
            }
            assertThatThrownBy(() -> LockClient.open(trusted)) // the JVM's own trust store does not know the authority
                    .isInstanceOf(LockConfigException.class);
            assertThatThrownBy(() -> LockClient.open(LockConfig.of("etcds://" + server.endpoints())
                            .with("connect-timeout", "3s")
                            .with("tls.ca", tls.ca().toString()))) // no certificate of ours
                    .isInstanceOf(LockConfigException.class);
            assertThatThrownBy(() -> LockClient.open(
                            LockConfig.of("etcd://" + server.endpoints()).with("connect-timeout", "20s")))
                    .isInstanceOf(LockConfigException.class)
                    .hasMessageContaining("speaks TLS; write etcds: in place of etcd:");
        }
    }

    /** The same server under an address that its certificate does not name. */
    private static final class Alias implements AutoCloseable {
        private final ServerSocket door;

        Alias(InetSocketAddress target) throws IOException {
            door = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.2"));
            begin(() -> {
                while (true) {
                    Socket in = door.accept();
                    Socket out = new Socket(target.getAddress(), target.getPort());
                    begin(() -> in.getInputStream().transferTo(out.getOutputStream()));
                    begin(() -> out.getInputStream().transferTo(in.getOutputStream()));
                }
            });
        }

        private interface Work {
            Object run() throws IOException;
        }

        private static void begin(Work work) {
            Thread thread = new Thread(() -> {
                try {
                    work.run();
                } catch (IOException ended) {
                    // With the test.
                }
            });
            thread.setDaemon(true);
            thread.start();
        }

        String endpoint() {
            return "127.0.0.2:" + door.getLocalPort();
        }

        @Override
        public void close() throws IOException {
            door.close();
        }
    }
}
