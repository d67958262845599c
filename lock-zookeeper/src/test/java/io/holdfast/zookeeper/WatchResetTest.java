// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.client.ZKClientConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** ZooKeeper's client can be set to forget its watches when it connects again: a deletion is noticed all the same. */
class WatchResetTest {
    private static final Duration LEASE = Duration.ofSeconds(8);
    private static final Duration SOON = LEASE.dividedBy(2);

    private final String prefix = "watches-" + UUID.randomUUID();
    private final InetSocketAddress server =
            Servers.shared(StoreKind.ZOOKEEPER_3_9).node(1).address();
    private final ZooKeeperSettings settings =
            ZooKeeperSettings.DEFAULTS.withPrefix(prefix).withTick(Duration.ofMillis(500));
    private TcpProxy way;
    private LockClient other;

    @BeforeEach
    void open() {
        way = TcpProxy.to(server);
        other = LockClient.open(config("127.0.0.1:" + server.getPort()));
    }

    @AfterEach
    void close() {
        other.close();
        way.close();
    }

    private LockConfig config(String endpoint) {
        return LockConfig.of("zk://" + endpoint + "?tick=500ms")
                .with("prefix", prefix)
                .withLease(LEASE);
    }

    private static void awaitRenewals(LockClient client) {
        long renewals = client.metrics().renewals();
        await().atMost(LEASE).until(() -> client.metrics().renewals() >= renewals + 3);
    }

    private void forcedAfterAReconnection(LockClient client) throws Exception {
        LockHandle hold = client.acquire("n");
        awaitRenewals(client); // it watches its node
        way.resetAll();
        await().atMost(LEASE)
                .until(() ->
                        hold.remainingLease().compareTo(LEASE.multipliedBy(3).dividedBy(5)) > 0);
        awaitRenewals(client);
        other.lock("n").forceUnlock();
        await().atMost(SOON).until(() -> !hold.isValid());
        CompletableFuture<LockHandle> waiting = client.acquireAsync("n").toCompletableFuture();
        waiting.get(LEASE.toSeconds(), TimeUnit.SECONDS).release();
    }

    @Test
    @DisplayName("LO-5: a lent client that forgets its watches")
    void aLentClientThatForgetsItsWatches() throws Exception {
        ZKClientConfig forgets = new ZKClientConfig();
        forgets.setProperty(ZKClientConfig.DISABLE_AUTO_WATCH_RESET, "true");
        try (CuratorFramework lent = CuratorFrameworkFactory.builder()
                .connectString(way.endpoint())
                .sessionTimeoutMs(20_000)
                .retryPolicy(new RetryOneTime(1))
                .zkClientConfig(forgets)
                .build()) {
            lent.start();
            try (LockClient client = LockClient.open(
                    ZooKeeperBackend.using(lent, settings), LockConfig.load().withLease(LEASE))) {
                forcedAfterAReconnection(client);
            }
        }
    }

    @Test
    @DisplayName("LO-5: the property of the JVM does not reach a client of ours")
    void thePropertyDoesNotReachAClientOfOurs() throws Exception {
        System.setProperty(ZKClientConfig.DISABLE_AUTO_WATCH_RESET, "true");
        try (LockClient client = LockClient.open(config(way.endpoint()))) {
            forcedAfterAReconnection(client);
        } finally {
            System.clearProperty(ZKClientConfig.DISABLE_AUTO_WATCH_RESET);
        }
        assertThat(System.getProperty(ZKClientConfig.DISABLE_AUTO_WATCH_RESET)).isNull();
    }
}
