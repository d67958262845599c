// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client's key on its way to ZooKeeper's client, which wants it in a file beside the certificate. */
class TlsIdentityTest {
    private static final Duration LEASE = Duration.ofSeconds(20);
    private static StoreServer server;

    @TempDir
    Path own;

    private Path certificate;
    private Path key;
    private TcpProxy way;

    @BeforeAll
    static void start() {
        server = StoreKind.ZOOKEEPER_3_9.spec().withTls().start();
    }

    @AfterAll
    static void end() {
        server.close();
    }

    @BeforeEach
    void open() throws IOException {
        certificate = own.resolve("certificate.pem");
        key = own.resolve("key.pem");
        exchange(server.tls().certificate(), server.tls().key());
        way = TcpProxy.to(server.node(1).address());
    }

    @AfterEach
    void close() {
        way.close();
    }

    private void exchange(Path newCertificate, Path newKey) throws IOException {
        Files.copy(newCertificate, certificate, StandardCopyOption.REPLACE_EXISTING);
        Files.copy(newKey, key, StandardCopyOption.REPLACE_EXISTING);
    }

    private LockConfig config() {
        return LockConfig.of("zks://" + way.endpoint() + "?tick=500ms")
                .withLease(LEASE)
                .with("tls.ca", server.tls().ca().toString())
                .with("tls.certificate", certificate.toString())
                .with("tls.key", key.toString());
    }

    private static List<Path> temporary() throws IOException {
        List<Path> found = new ArrayList<>();
        Path directory = Path.of(System.getProperty("java.io.tmpdir"));
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory, "holdfast-*.pem")) {
            all.forEach(found::add);
        }
        return found;
    }

    @Test
    @DisplayName("LK-2: while there is a connection no file has the key, whatever becomes of the process")
    void noFileHasTheKeyWhileThereIsAConnection() throws Exception {
        List<Path> before = temporary();
        try (LockClient client = LockClient.open(config())) {
            client.acquire("n").release();
            assertThat(temporary()).isSubsetOf(before);
        }
        assertThat(temporary()).isSubsetOf(before);
    }

    @Test
    @DisplayName("LK-2: what processes that were killed have left is removed, and nothing that may be in use")
    void whatWasLeftBehindIsRemoved() throws Exception {
        Path left = Files.createTempFile("holdfast-", ".pem");
        Path fresh = Files.createTempFile("holdfast-", ".pem");
        Path users = Files.writeString(left.resolveSibling("holdfast-key.pem"), "a user's own");
        for (Path old : List.of(left, users)) {
            Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(1))));
        }
        try (LockClient client = LockClient.open(config())) {
            assertThat(client.tryAcquire("n")).isPresent();
            assertThat(left).doesNotExist();
            assertThat(fresh).exists();
            assertThat(users).exists();
        } finally {
            Files.delete(fresh);
            Files.deleteIfExists(users);
        }
    }

    /** Here the ones that come are of no use, so that it shows: the connection waits for the next. */
    @Test
    @DisplayName(
            "ME-1, KE-1: a certificate that was exchanged is that of the next connection, and what is held is kept")
    void anExchangedCertificateIsThatOfTheNextConnection() throws Exception {
        try (LockClient client = LockClient.open(config())) {
            LockHandle hold = client.acquire("n");
            exchange(server.tls().ca(), server.tls().key());
            way.resetAll();
            await().atMost(LEASE)
                    .until(() -> hold.remainingLease()
                                    .compareTo(LEASE.multipliedBy(3).dividedBy(5))
                            < 0);
            exchange(server.tls().certificate(), server.tls().key());
            await().atMost(LEASE)
                    .until(() -> hold.remainingLease()
                                    .compareTo(LEASE.multipliedBy(3).dividedBy(5))
                            > 0);
            assertThat(client.metrics().lost()).isZero();
            hold.release();
        }
    }
}
