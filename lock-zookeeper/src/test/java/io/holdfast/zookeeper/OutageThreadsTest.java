// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockClosedException;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.SessionOptions;
import io.holdfast.tck.internal.KitRuntime;
import io.holdfast.tck.internal.SpiClient;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** While the servers are out of reach a waiting client tries again and again to open a session. */
class OutageThreadsTest {
    private static final Duration LEASE = Duration.ofSeconds(14);
    private static final Duration OUTAGE = Duration.ofSeconds(12);
    private static final int PATIENCE_SECONDS = 60;

    /** The session before the outage, an attempt, and one that is just ending. */
    private static final int MOST = 4;

    private static long connections() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().contains("SendThread"))
                .count();
    }

    @Test
    @DisplayName("LK-2: attempts to open a session that fail leave no threads behind for a lease")
    void failedAttemptsLeaveNoThreads() throws Exception {
        try (StoreServer server = StoreKind.ZOOKEEPER_3_9.spec().start();
                TcpProxy way = TcpProxy.to(server.node(1).address())) {
            long before = connections();
            LockConfig config = LockConfig.of("zk://" + way.endpoint()
                            + "?tick=500ms&connect-timeout=2s&operation-timeout=500ms&outage-timeout=5m")
                    .withLease(LEASE);
            try (LockClient client = LockClient.open(config)) {
                LockHandle hold = client.acquire("m");
                CompletableFuture<LockHandle> waiting = client.acquireAsync("m").toCompletableFuture();
                way.refuse();
                way.resetAll();
                await().atMost(LEASE.multipliedBy(2)).until(() -> !hold.isValid());
                await().atMost(OUTAGE.multipliedBy(3)).during(OUTAGE).until(() -> connections() <= before + MOST);
                way.accept();
                waiting.get(PATIENCE_SECONDS, TimeUnit.SECONDS).release();
            }
            await().atMost(Duration.ofSeconds(PATIENCE_SECONDS)).until(() -> connections() <= before);
        }
    }

    @Test
    @DisplayName(
            "SP-3, CL-3: a session that is being opened when its backend is closed comes to an end, and so do its threads")
    void anOpeningEndsWithItsBackend() throws Exception {
        long before = connections();
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                KitRuntime runtime = new KitRuntime()) {
            LockConfig config = LockConfig.of("zk://127.0.0.1:" + silent.getLocalPort() + "?connect-timeout=10m")
                    .withRuntime(runtime);
            LockBackend backend = new ZooKeeperBackendProvider().open(BackendConfig.of(config));
            CompletableFuture<LockSession> opening = backend.openSession(
                            new SessionOptions(LEASE, "w", runtime), new SpiClient(backend))
                    .toCompletableFuture();
            await().atMost(Duration.ofSeconds(PATIENCE_SECONDS)).until(() -> connections() > before);
            backend.close();
            assertThatThrownBy(() -> opening.get(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(LockClosedException.class);
            await().atMost(Duration.ofSeconds(PATIENCE_SECONDS)).until(() -> connections() <= before);
        }
    }
}
