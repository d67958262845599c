// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.ReleaseOutcome;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.imps.CuratorFrameworkState;
import org.apache.curator.retry.RetryOneTime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rules SP-4 and RE-3: what goes over the wire, by the server's own count. */
class RequestCountTest {
    private static final int CYCLES = 100;

    /** Pings, and the renewals of a lease of two minutes, in the seconds that a test takes. */
    private static final int ASIDE = 5;

    private StoreServer server;
    private Admin admin;
    private Counters counters;

    @BeforeEach
    void start() throws Exception {
        server = StoreKind.ZOOKEEPER_3_9.spec().start();
        admin = new Admin(server.node(1).address());
        counters = Counters.of(server.node(1));
    }

    @AfterEach
    void end() throws Exception {
        admin.close();
        server.close();
    }

    private LockConfig config() {
        return LockConfig.of("zk://" + server.endpoints() + "?tick=500ms").withLease(Duration.ofMinutes(2));
    }

    @Test
    void acquireIsAWriteAndAListReleaseAWriteAndReentryNothing() throws Exception {
        try (LockClient client = LockClient.open(config())) {
            cycle(client); // makes the container
            long before = counters.requests();
            for (int i = 0; i < CYCLES; i++) {
                cycle(client);
            }
            assertThat(counters.requests() - before).isBetween(3L * CYCLES, 3L * CYCLES + ASIDE);
        }
    }

    @SuppressWarnings("LockNotBeforeTry") // re-entries are what is counted
    private static void cycle(LockClient client) {
        var lock = client.lock("n");
        lock.lock();
        try {
            lock.lock();
            lock.lock();
            assertThat(lock.getHoldCount()).isEqualTo(3);
            lock.unlock();
            lock.unlock();
        } finally {
            lock.unlock();
        }
    }

    /** Each of those that wait asks five things: create, list, watch; and when it wakes list, and delete to release. */
    @Test
    void aReleaseWakesOneWaiterAndNobodyElse() throws Exception {
        int waiters = 8;
        List<LockClient> clients = new ArrayList<>();
        try {
            clients.add(LockClient.open(config()));
            LockHandle hold = clients.get(0).acquire("n");
            for (int i = 0; i < waiters; i++) {
                clients.add(LockClient.open(config()));
            }
            List<CompletableFuture<LockHandle>> waiting = new ArrayList<>();
            for (int i = 1; i <= waiters; i++) {
                waiting.add(clients.get(i).acquireAsync("n").toCompletableFuture());
                int place = i + 1;
                await().until(() -> admin.contenders("/holdfast/n") == place);
            }
            await().until(() -> counters.watches() == waiters);
            long before = counters.requests();
            hold.release();
            for (CompletableFuture<LockHandle> next : waiting) {
                next.get(20, TimeUnit.SECONDS).release();
            }
            assertThat(counters.requests() - before)
                    .as("nine releases, eight lists")
                    .isBetween(2L * waiters + 1, 2L * waiters + 1 + 2 * ASIDE);
            assertThat(counters.watches()).isZero();
        } finally {
            clients.forEach(LockClient::close);
        }
    }

    @Test
    void clientsOnOneCuratorClientShareItsSessionAndLeaveItAsItWas() throws Exception {
        try (CuratorFramework lent = CuratorFrameworkFactory.builder()
                .connectString(server.endpoints())
                .sessionTimeoutMs(60_000)
                .retryPolicy(new RetryOneTime(1))
                .namespace("app")
                .build()) {
            lent.start();
            ZooKeeperSettings settings = ZooKeeperSettings.DEFAULTS.withTick(Duration.ofMillis(500));
            ZooKeeperBackend backend = ZooKeeperBackend.using(lent, settings);
            List<LockClient> clients = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                ZooKeeperBackend one = i % 2 == 0 ? backend : ZooKeeperBackend.using(lent, settings);
                clients.add(LockClient.open(one, LockConfig.load()));
            }
            assertThat(admin.nodesUnder("/app/holdfast")).as("one session").hasSize(1);
            List<CompletableFuture<ReleaseOutcome>> all = new ArrayList<>();
            clients.forEach(
                    c -> all.add(c.acquireAsync("n").toCompletableFuture().thenApply(LockHandle::release)));
            for (CompletableFuture<ReleaseOutcome> one : all) {
                assertThat(one.get(60, TimeUnit.SECONDS)).isEqualTo(ReleaseOutcome.RELEASED);
            }
            clients.get(3).acquire("left");
            clients.forEach(LockClient::close);
            assertThat(admin.nodesUnder("/app")).as("what is left").isEmpty();
            assertThat(lent.getState()).isEqualTo(CuratorFrameworkState.STARTED);
            assertThat(counters.connections())
                    .as("the administrator's, the lent one, and who asks")
                    .isEqualTo(3);
        }
    }
}
