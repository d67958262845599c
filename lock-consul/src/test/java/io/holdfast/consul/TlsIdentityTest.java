// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.LockUnavailableException;
import io.holdfast.ReleaseOutcome;
import io.holdfast.lab.server.StoreServer;
import io.holdfast.lab.server.TlsFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client's certificate is exchanged while it holds. */
class TlsIdentityTest {
    @TempDir
    private Path directory;

    private void exchange(TlsFiles files) throws IOException {
        Files.copy(files.certificate(), directory.resolve("client.crt"), StandardCopyOption.REPLACE_EXISTING);
        Files.copy(files.key(), directory.resolve("client.key"), StandardCopyOption.REPLACE_EXISTING);
    }

    /** Its files are read at each handshake; the server is restarted so that it takes up no TLS session of before. */
    @Test
    void aClientCertificateThatWasChangedIsReadAgain() throws Exception {
        try (StoreServer server = ConsulFixture.usual().durable().withTls().start();
                StoreServer stranger = ConsulFixture.usual().withTls().start()) {
            exchange(server.tls());
            LockConfig config = LockConfig.of("consuls://" + server.endpoints())
                    .with("tls.ca", server.tls().ca().toString())
                    .with("tls.certificate", directory.resolve("client.crt").toString())
                    .with("tls.key", directory.resolve("client.key").toString())
                    .withLease(Duration.ofMinutes(2));
            try (LockClient client = LockClient.open(config)) {
                LockHandle hold = client.acquire("n");
                exchange(stranger.tls());
                server.restart();
                await().untilAsserted(() -> assertThatThrownBy(() -> client.acquire("m", Duration.ofSeconds(2)))
                        .isInstanceOf(LockUnavailableException.class));
                exchange(server.tls());
                client.acquire("m", Duration.ofSeconds(60)).release();
                assertThat(hold.isValid()).isTrue();
                assertThat(hold.release()).isEqualTo(ReleaseOutcome.RELEASED);
            }
        }
    }
}
