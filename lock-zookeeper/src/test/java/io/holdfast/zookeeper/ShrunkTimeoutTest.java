// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockConfigException;
import io.holdfast.LockHandle;
import io.holdfast.StoreFinding.Verdict;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Client and servers negotiate the session's timeout again with each connection: servers whose maximum was lowered meanwhile end the
 * session sooner than its lease.
 */
class ShrunkTimeoutTest {
    private static final Duration LEASE = Duration.ofSeconds(16);
    private static final Duration SOON = Duration.ofSeconds(4);
    private static final int LOWERED_MILLIS = 4_000;
    private static final int PATIENCE_SECONDS = 60;

    private final ServerSetting setting = new ServerSetting();
    private StoreServer server;
    private TcpProxy way;

    @BeforeEach
    void start() {
        server = StoreKind.ZOOKEEPER_3_9.spec().line(setting.line()).start();
        way = TcpProxy.to(server.node(1).address());
    }

    @AfterEach
    void end() {
        way.close();
        server.close();
    }

    private static LockClient client(String endpoints, Duration lease) {
        return LockClient.open(
                LockConfig.of("zk://" + endpoints + "?tick=500ms").withLease(lease));
    }

    @Test
    @DisplayName("ME-1, ME-8: a session that the servers have shortened is lost as soon as it is connected again")
    void aShorterSessionEndsWithTheConnectionThatBringsIt() throws Exception {
        try (LockClient holder = client(way.endpoint(), LEASE);
                LockClient next = client(server.endpoints(), Duration.ofMillis(LOWERED_MILLIS))) {
            LockHandle hold = holder.acquire("n");
            CompletableFuture<Boolean> stillValid =
                    next.acquireAsync("n").thenApply(got -> hold.isValid()).toCompletableFuture();
            setting.maxSessionTimeout(LOWERED_MILLIS);
            way.resetAll();
            await().atMost(SOON).until(() -> !hold.isValid());
            assertThat(stillValid.get(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .as("the first hold when the next was granted")
                    .isFalse();
            assertThatThrownBy(() -> holder.acquire("m"))
                    .isInstanceOf(LockConfigException.class)
                    .hasMessageContaining("maxSessionTimeout");
        }
    }

    @Test
    @DisplayName("IN-4: a maximum below the lease is unsafe, though this connection has what it asked for")
    void doctorComparesTheServersMaximumWithTheLease() throws Exception {
        try (LockClient client = client(server.endpoints(), LEASE)) {
            assertThat(longestSession(client)).isEqualTo(Verdict.OK);
            setting.maxSessionTimeout(LOWERED_MILLIS);
            assertThat(longestSession(client)).isEqualTo(Verdict.UNSAFE);
        }
    }

    private static Verdict longestSession(LockClient client) {
        return client.diagnose().stream()
                .filter(finding -> finding.subject().equals("longest session"))
                .findFirst()
                .orElseThrow()
                .verdict();
    }

    @Test
    @DisplayName("ME-8: over a lent client, too, whoever has a lease that still fits goes on")
    void onALentClientOnlyTheLeasesThatNoLongerFitEnd() throws Exception {
        ZooKeeperSettings settings = ZooKeeperSettings.DEFAULTS.withTick(Duration.ofMillis(500));
        try (CuratorFramework lent = CuratorFrameworkFactory.newClient(
                way.endpoint(), (int) LEASE.toMillis(), PATIENCE_SECONDS * 1_000, new RetryOneTime(1))) {
            lent.start();
            ZooKeeperBackend backend = ZooKeeperBackend.using(lent, settings);
            try (LockClient longer = LockClient.open(backend, LockConfig.load().withLease(LEASE));
                    LockClient shorter =
                            LockClient.open(backend, LockConfig.load().withLease(Duration.ofMillis(LOWERED_MILLIS)))) {
                LockHandle lost = longer.acquire("n");
                LockHandle kept = shorter.acquire("m");
                setting.maxSessionTimeout(LOWERED_MILLIS);
                way.resetAll();
                await().atMost(SOON).until(() -> !lost.isValid());
                long renewals = shorter.metrics().renewals();
                await().atMost(SOON).until(() -> shorter.metrics().renewals() >= renewals + 3);
                assertThat(kept.isValid()).isTrue();
                kept.release();
            }
        }
    }
}
