// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.lab.proxy.Side;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.spi.LockClock;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.LockScheduler;
import io.holdfast.tck.internal.KitRuntime;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Servers that are slow, and connections that end without a sign: what is held over them is kept. */
class SilentConnectionTest {
    private static final Duration LEASE = Duration.ofSeconds(16);
    private static final int ROUNDS = 2;

    private final String prefix = "silent-" + UUID.randomUUID();
    private final InetSocketAddress server =
            Servers.shared(StoreKind.ZOOKEEPER_3_9).node(1).address();
    private TcpProxy way;

    @BeforeEach
    void open() {
        way = TcpProxy.to(server);
    }

    @AfterEach
    void close() {
        way.close();
    }

    private LockClient client() {
        return LockClient.open(LockConfig.of("zk://" + way.endpoint() + "?tick=500ms&operation-timeout=1s")
                .with("prefix", prefix)
                .withLease(LEASE));
    }

    private static void awaitMostOfTheLease(LockHandle hold) {
        await().atMost(LEASE.multipliedBy(2)).until(() -> {
            assertThat(hold.isValid()).isTrue();
            return hold.remainingLease().compareTo(LEASE.dividedBy(2)) > 0;
        });
    }

    private void dieSilentlyAgainAndAgain(LockClient client) throws Exception {
        LockHandle hold = client.acquire("n");
        for (int i = 0; i < ROUNDS; i++) {
            awaitMostOfTheLease(hold);
            // Later each time, seen from the renewals.
            long renewals = client.metrics().renewals();
            await().pollInterval(Duration.ofMillis(1 + 1_500L * i))
                    .until(() -> client.metrics().renewals() > renewals);
            way.halfOpen(Side.TARGET);
            await().atMost(LEASE).until(() -> hold.remainingLease().compareTo(LEASE.dividedBy(2)) < 0);
        }
        awaitMostOfTheLease(hold);
        assertThat(client.metrics().lost()).isZero();
        hold.release();
    }

    @Test
    @DisplayName("KE-1: a connection that died without a sign is replaced within the lease")
    void aConnectionThatDiedWithoutASignCostsNoHold() throws Exception {
        try (LockClient client = client()) {
            dieSilentlyAgainAndAgain(client);
        }
    }

    /** It closes connections on the client's threads; an executor that is not ours may have none. */
    @Test
    @DisplayName("SP-7: so it is when the client's executor refuses to do it")
    void anExecutorThatRefusesCostsNoHold() throws Exception {
        try (KitRuntime usual = new KitRuntime()) {
            Refusing runtime = new Refusing(usual);
            dieSilently(LockConfig.load().withLease(LEASE).withRuntime(runtime));
            assertThat(runtime.refused.get()).isPositive();
        }
    }

    /** Refuses what a link hands in. */
    private static final class Refusing implements LockRuntime {
        private final LockRuntime usual;
        private final AtomicInteger refused = new AtomicInteger();

        Refusing(LockRuntime usual) {
            this.usual = usual;
        }

        @Override
        public LockClock clock() {
            return usual.clock();
        }

        @Override
        public LockScheduler scheduler() {
            return usual.scheduler();
        }

        @Override
        public Executor executor() {
            return task -> {
                boolean ofALink = StackWalker.getInstance()
                        .walk(frames ->
                                frames.anyMatch(frame -> frame.getClassName().endsWith(".Link")));
                if (ofALink) {
                    refused.incrementAndGet();
                    throw new RejectedExecutionException("refused by the test");
                }
                usual.executor().execute(task);
            };
        }
    }

    /** Its session is longer than the lease, and ZooKeeper's client waits for two thirds of it before it gives a connection up. */
    @Test
    @DisplayName("KE-1: so is that of a lent client")
    void thatOfALentClientCostsNoHold() throws Exception {
        dieSilently(LockConfig.load().withLease(LEASE));
    }

    private void dieSilently(LockConfig overALentClient) throws Exception {
        ZooKeeperSettings settings = ZooKeeperSettings.DEFAULTS
                .withPrefix(prefix)
                .withTick(Duration.ofMillis(500))
                .withOperationTimeout(Duration.ofSeconds(1));
        try (CuratorFramework lent = CuratorFrameworkFactory.newClient(
                way.endpoint(), (int) LEASE.multipliedBy(5).toMillis(), 30_000, new RetryOneTime(1))) {
            lent.start();
            try (LockClient client = LockClient.open(ZooKeeperBackend.using(lent, settings), overALentClient)) {
                dieSilentlyAgainAndAgain(client);
            }
        }
    }

    @Test
    @DisplayName("KE-3: a server that answers within a third of the lease, later than operation-timeout, costs no hold")
    void aSlowServerCostsNoHold() throws Exception {
        try (LockClient client = client();
                Admin admin = new Admin(server)) {
            LockHandle hold = client.acquire("n");
            awaitMostOfTheLease(hold);
            way.replies().delay(LEASE.dividedBy(3));
            int version = versionOfItsNode(admin);
            // So many writes take two leases and more.
            await().atMost(LEASE.multipliedBy(6)).until(() -> {
                assertThat(hold.isValid()).isTrue();
                return versionOfItsNode(admin) >= version + 16;
            });
            way.heal();
            awaitMostOfTheLease(hold);
            assertThat(client.metrics().lost()).isZero();
            CompletableFuture<?> released = CompletableFuture.runAsync(hold::release);
            released.get(LEASE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private int versionOfItsNode(Admin admin) throws Exception {
        String sessions = "/" + prefix + "/%sessions";
        String only = admin.zookeeper().getChildren(sessions, false).get(0);
        return admin.zookeeper().exists(sessions + "/" + only, false).getVersion();
    }
}
