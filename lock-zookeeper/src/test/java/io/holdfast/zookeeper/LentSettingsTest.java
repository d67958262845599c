// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.ACLProvider;
import org.apache.curator.framework.imps.GzipCompressionProvider;
import org.apache.curator.framework.state.SessionConnectionStateErrorPolicy;
import org.apache.curator.retry.RetryForever;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.ACL;
import org.junit.jupiter.api.Test;

/** What a lent Curator client may be set to, and what becomes of locks over it: the table in docs/backends/zookeeper.md. */
class LentSettingsTest {
    private static final Duration LEASE = Duration.ofSeconds(8);
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final String prefix = "settings-" + UUID.randomUUID();
    private final ZooKeeperSettings settings =
            ZooKeeperSettings.DEFAULTS.withPrefix(prefix).withTick(Duration.ofMillis(500));

    /** Whatever could change a request of Curator's own. */
    private static CuratorFrameworkFactory.Builder withEverything(String servers) {
        return CuratorFrameworkFactory.builder()
                .connectString(servers)
                .sessionTimeoutMs(20_000)
                .connectionTimeoutMs(1)
                .retryPolicy(new RetryForever(10))
                .connectionStateErrorPolicy(new SessionConnectionStateErrorPolicy())
                .canBeReadOnly(true)
                .ensembleTracker(true)
                .enableCompression()
                .compressionProvider(new GzipCompressionProvider())
                .defaultData("default".getBytes(StandardCharsets.UTF_8))
                .authorization("digest", "u:p".getBytes(StandardCharsets.UTF_8))
                .aclProvider(new ACLProvider() {
                    @Override
                    public List<ACL> getDefaultAcl() {
                        return ZooDefs.Ids.CREATOR_ALL_ACL;
                    }

                    @Override
                    public List<ACL> getAclForPath(String path) {
                        return ZooDefs.Ids.READ_ACL_UNSAFE;
                    }
                });
    }

    private void exclude(CuratorFramework lent, String uri) throws Exception {
        lent.start();
        try (LockClient over = LockClient.open(
                        ZooKeeperBackend.using(lent, settings),
                        LockConfig.load().withLease(LEASE).withLabel("lent"));
                LockClient beside = LockClient.open(LockConfig.of(uri + "?tick=500ms")
                        .with("prefix", prefix)
                        .withLease(LEASE))) {
            LockHandle hold = over.acquire("n");
            assertThat(beside.tryAcquire("n")).isEmpty();
            assertThat(beside.lock("n").inspect().toString()).contains("lent");
            CompletableFuture<LockHandle> waiting = beside.acquireAsync("n").toCompletableFuture();
            hold.release();
            LockHandle next = waiting.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(over.tryAcquire("n")).isEmpty();
            assertThat(next.fencingToken()).isGreaterThan(hold.fencingToken());
            next.release();
        }
    }

    @Test
    void nothingThatChangesCuratorsRequestsChangesOurs() throws Exception {
        String endpoints = Servers.shared(StoreKind.ZOOKEEPER_3_9).endpoints();
        try (CuratorFramework lent = withEverything(endpoints).build()) {
            exclude(lent, "zk://" + endpoints);
        }
    }

    @Test
    void aNamespaceIsThePathOfTheUri() throws Exception {
        String endpoints = Servers.shared(StoreKind.ZOOKEEPER_3_9).endpoints();
        try (CuratorFramework lent =
                withEverything(endpoints).namespace("app-" + prefix).build()) {
            exclude(lent, "zk://" + endpoints + "/app-" + prefix);
        }
    }

    @Test
    void aChrootIsThePathOfTheUri() throws Exception {
        String endpoints = Servers.shared(StoreKind.ZOOKEEPER_3_9).endpoints();
        try (Admin admin = new Admin(
                        Servers.shared(StoreKind.ZOOKEEPER_3_9).node(1).address());
                CuratorFramework lent = CuratorFrameworkFactory.builder()
                        .connectString(endpoints + "/root-" + prefix)
                        .sessionTimeoutMs(20_000)
                        .retryPolicy(new RetryForever(10))
                        .build()) {
            admin.zookeeper().create("/root-" + prefix, new byte[0], ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.CONTAINER);
            exclude(lent, "zk://" + endpoints + "/root-" + prefix);
        }
    }

    /** Such a server shows what it has written down, agreed to by others or not: a holder may be missing there that holds. */
    @Test
    void aServerWithoutItsQuorumIsNotBelieved() throws Exception {
        String endpoints = Servers.shared(StoreKind.ZOOKEEPER_3_9).endpoints();
        FaultyHandle faults = new FaultyHandle();
        try (CuratorFramework lent =
                withEverything(endpoints).zookeeperFactory(faults).build()) {
            lent.start();
            try (LockClient over = LockClient.open(
                            ZooKeeperBackend.using(lent, settings),
                            LockConfig.load().withLease(LEASE));
                    LockClient beside = LockClient.open(LockConfig.of("zk://" + endpoints + "?tick=500ms")
                            .with("prefix", prefix)
                            .withLease(LEASE))) {
                LockHandle hold = beside.acquire("n");
                CompletableFuture<LockHandle> waiting = over.acquireAsync("n").toCompletableFuture();
                await().until(() -> beside.lock("n").inspect().contenders() == 2);
                faults.withoutQuorum(true);
                hold.release();
                assertThat(waiting).failsWithin(Duration.ofSeconds(1));
                faults.withoutQuorum(false);
                waiting.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).release();
            }
        }
    }
}
