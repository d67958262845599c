// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.LockUnavailableException;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import io.holdfast.spi.LockRuntime;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Many lock clients in one session of the ensemble, which outlives them: they cost it little, and leave nothing in it. */
@Tag("long")
class SharedSessionTest {
    private static final int CLIENTS = 1000;
    private static final int WAITS = 300;
    private static final Duration LEASE = Duration.ofSeconds(6);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ZooKeeperSettings settings =
            ZooKeeperSettings.DEFAULTS.withTick(Duration.ofMillis(500)).withOperationTimeout(Duration.ofSeconds(1));
    private StoreServer server;
    private Admin admin;
    private TcpProxy proxy;
    private CuratorFramework lent;

    @BeforeEach
    void start() throws Exception {
        server = StoreKind.ZOOKEEPER_3_9.spec().start();
        admin = new Admin(server.node(1).address());
        proxy = TcpProxy.to(server.node(1).address());
        lent = CuratorFrameworkFactory.builder()
                .connectString(proxy.endpoint())
                .sessionTimeoutMs(60_000)
                .retryPolicy(new RetryOneTime(1))
                .build();
        lent.start();
    }

    @AfterEach
    void end() {
        lent.close();
        proxy.close();
        admin.close();
        server.close();
    }

    private LockClient sharing() {
        return LockClient.open(
                ZooKeeperBackend.using(lent, settings), LockConfig.load().withLease(LEASE));
    }

    private LockClient apart() {
        return LockClient.open(LockConfig.of("zk://" + server.endpoints() + "?tick=500ms&lease=2m"));
    }

    /** Each of a thousand clients renews six times a lease; the servers see eight writes a lease at most. */
    @Test
    void clientsThatShareASessionShareItsRenewals() throws Exception {
        Counters counters = Counters.of(server.node(1));
        List<LockClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(sharing());
            }
            LockClient last = clients.get(CLIENTS - 1);
            long renewals = last.metrics().renewals();
            long begin = System.nanoTime();
            long before = counters.writes();
            await().atMost(LEASE.multipliedBy(4)).until(() -> last.metrics().renewals() >= renewals + 10);
            long writes = counters.writes() - before;
            double leases = (System.nanoTime() - begin) / (double) LEASE.toNanos();
            assertThat((double) writes).as(leases + " leases").isBetween(5 * leases, 8 * leases + 1);
            assertThat(clients).allMatch(client -> client.metrics().lost() == 0);
        } finally {
            clients.forEach(LockClient::close);
        }
        assertThat(admin.nodesUnder("/holdfast")).isEmpty();
    }

    /** One hold of long, and many who give up waiting for it: neither the client nor the server keeps a watch for each. */
    @Test
    void whoGivesUpWaitingLeavesNoWatcher() throws Exception {
        ZooKeeperBackend backend = ZooKeeperBackend.using(lent, settings);
        try (LockClient holder = apart();
                LockClient waiter = LockClient.open(backend, LockConfig.load().withLease(LEASE))) {
            Watches watches = backend.sessions().iterator().next().link().watches();
            LockHandle hold = holder.acquire("n");
            // Curator has one of its own, on the ensemble's configuration.
            int before = watchers(lent.getZookeeperClient().getZooKeeper());
            assertThat(before).isLessThanOrEqualTo(1);
            for (int i = 0; i < WAITS; i++) {
                CompletableFuture<LockHandle> waiting = waiter.acquireAsync("n").toCompletableFuture();
                listening(watches, true);
                waiting.cancel(true);
                listening(watches, false);
            }
            // That of the holder's node; that of a node which has just gone may still be on its way.
            await().untilAsserted(
                            () -> assertThat(watchers(lent.getZookeeperClient().getZooKeeper()))
                                    .as("in the client")
                                    .isLessThanOrEqualTo(before + 1));
            await().untilAsserted(() -> assertThat(Counters.of(server.node(1)).watches())
                    .as("at the server")
                    .isLessThanOrEqualTo(before + 1L));
            hold.release();
            waiter.acquire("n", PATIENCE).release();
        }
    }

    private static void listening(Watches watches, boolean somebody) {
        await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).until(() -> watches.size() > 0 == somebody);
    }

    /** ZooKeeper's client tells nobody how many watchers it keeps. */
    private static int watchers(ZooKeeper client) throws ReflectiveOperationException {
        Method watchManager = ZooKeeper.class.getDeclaredMethod("getWatchManager");
        watchManager.setAccessible(true);
        Object manager = watchManager.invoke(client);
        Method dataWatches = manager.getClass().getDeclaredMethod("getDataWatches");
        dataWatches.setAccessible(true);
        Map<?, ?> watches = (Map<?, ?>) dataWatches.invoke(manager);
        return watches.values().stream()
                .mapToInt(watchers -> ((Collection<?>) watchers).size())
                .sum();
    }

    /** The last client closes while there is no connection: what it held goes when there is one again, though the session lives on. */
    @Test
    void whatAClosedClientCouldNotRemoveGoesWithTheNextConnection() throws Exception {
        try (LockClient other = apart()) {
            LockClient closed = sharing();
            closed.acquire("n");
            proxy.refuse();
            proxy.resetAll();
            await().atMost(PATIENCE).until(() -> !lent.getZookeeperClient().isConnected());
            closed.close();
            assertThat(other.tryAcquire("n")).isEmpty();
            proxy.accept();
            other.acquire("n", PATIENCE).release();
        }
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(admin.nodesUnder("/holdfast")).isEmpty());
    }

    /** A link that stands and cannot be proved: whoever asked for it is refused, and with him it goes. */
    @Test
    void aLinkThatItsOnlyClientCouldNotJoinIsEnded() throws Exception {
        ZooKeeperBackend backend = ZooKeeperBackend.using(lent, settings.withPrefix("another"));
        try (LockClient another = LockClient.open(backend, LockConfig.load().withLease(LEASE))) {
            assertThat(another.lease()).isEqualTo(LEASE);
            LockRuntime runtime = backend.sessions().iterator().next().link().runtime();
            // Nothing is young enough for such a lease, so the link is renewed until that fails.
            Duration tooShort = Duration.ofNanos(3);
            CompletableFuture<Link> joining = new SharedLinks(lent)
                    .join(new LinkPlan(settings, new LockPaths("/holdfast"), "test", tooShort, "test", runtime, true));
            await().atMost(PATIENCE).until(() -> admin.nodesUnder("/holdfast").size() == 1);
            proxy.refuse();
            proxy.resetAll();
            assertThatThrownBy(() -> joining.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .hasCauseInstanceOf(LockUnavailableException.class);
            proxy.accept();
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(admin.nodesUnder("/holdfast"))
                    .isEmpty());
        }
    }
}
