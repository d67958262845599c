// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockConfigException;
import io.holdfast.LockHandle;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import io.holdfast.lab.server.TlsFiles;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A server that speaks TLS only, and wants a certificate of its authority from clients, too. */
class TlsTest {
    private static StoreServer server;

    @BeforeAll
    static void start() {
        server = StoreKind.ZOOKEEPER_3_9
                .spec()
                .withTls()
                .line("secureClientPortAddress=0.0.0.0")
                .start();
    }

    @AfterAll
    static void end() {
        server.close();
    }

    private static LockConfig config(String scheme) {
        return LockConfig.of(scheme + "://" + server.endpoints() + "?tick=500ms&lease=20s");
    }

    private static LockConfig trusted() {
        return config("zookeepers").with("tls.ca", server.tls().ca().toString());
    }

    private static LockConfig known() {
        TlsFiles tls = server.tls();
        return trusted()
                .with("tls.certificate", tls.certificate().toString())
                .with("tls.key", tls.key().toString());
    }

    @Test
    void clientsOfTheAuthorityExcludeEachOther() throws Exception {
        try (LockClient one = LockClient.open(known());
                LockClient two = LockClient.open(known())) {
            LockHandle hold = one.acquire("n");
            assertThat(two.tryAcquire("n")).isEmpty();
            CompletableFuture<LockHandle> waiting = two.acquireAsync("n").toCompletableFuture();
            hold.release();
            waiting.get(20, TimeUnit.SECONDS).release();
        }
    }

    /** The server has this address, too, and its certificate is for others. */
    @Test
    void aCertificateOfAnotherHostIsRefusedAndSaidToBeSo() {
        int port = server.node(1).address().getPort();
        LockConfig elsewhere = LockConfig.of("zookeepers://127.0.0.2:" + port + "?tick=500ms&lease=20s")
                .with("tls.ca", server.tls().ca().toString())
                .with("tls.certificate", server.tls().certificate().toString())
                .with("tls.key", server.tls().key().toString());
        assertThatThrownBy(() -> LockClient.open(elsewhere.with("connect-timeout", "20s")))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContainingAll("TLS with 127.0.0.2:" + port, "No subject alternative names");
    }

    @Test
    void withoutACertificateOrTheAuthorityOrTlsNobodyGetsIn() {
        for (LockConfig refused : new LockConfig[] {trusted(), config("zks")}) {
            assertThatThrownBy(() -> LockClient.open(refused.with("connect-timeout", "20s")))
                    .isInstanceOf(LockConfigException.class)
                    .hasMessageContaining("TLS with " + server.endpoints() + " fails");
        }
        assertThatThrownBy(() -> LockClient.open(config("zk").with("connect-timeout", "20s")))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("speaks TLS; write zks: in place of zk:");
    }

    @Test
    void whatZooKeepersClientCannotDoIsSaid() {
        assertThatThrownBy(() -> LockClient.open(known().with("tls.verify", "false")))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("tls.ca");
        assertThatThrownBy(() -> LockClient.open(config("zks").with("tls.ca", "/nowhere/ca.pem")))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("/nowhere/ca.pem");
    }
}
