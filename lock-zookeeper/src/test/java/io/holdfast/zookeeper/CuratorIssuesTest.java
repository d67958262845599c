// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.LockLoss;
import io.holdfast.ReleaseOutcome;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.spi.BackendConfig;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ZKClientConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What users have reported of the locks of Curator's recipes, and does not happen here.
 *
 * <p>Also: CURATOR-79 in {@link ConnectionLossTest#aRequestThatArrivesAfterItsSenderGaveUpIsUndone}, CURATOR-604 on a lent client in
 * {@link LentClientTest#theSessionExpiresWhileOneHoldsAndOneWaits}, CURATOR-678 at each packet of a release in {@link
 * ConnectionLossTest#theConnectionEndsWithinTheRequestOfARelease}.
 */
@Tag("long")
class CuratorIssuesTest {
    private static final Duration LEASE = Duration.ofSeconds(4);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String prefix = "issues-" + UUID.randomUUID();
    private final InetSocketAddress server =
            Servers.shared(StoreKind.ZOOKEEPER_3_9).node(1).address();
    private Admin admin;
    private TcpProxy proxy;
    private ZooKeeperBackend backend;
    private LockClient flaky;
    private LockClient steady;

    @BeforeEach
    void open() throws Exception {
        admin = new Admin(server);
        proxy = TcpProxy.to(server);
        BackendConfig flakily = BackendConfig.of(config(proxy.endpoint()));
        ZooKeeperSettings settings = ZooKeeperSettings.of(flakily);
        CuratorSettings curator = CuratorSettings.of(flakily, settings);
        backend = new ZooKeeperBackend(new ZooKeeperLine(new OwnLinks(curator), settings, curator.paths(), "flaky"));
        flaky = LockClient.open(backend, config(proxy.endpoint()));
        steady = LockClient.open(config("127.0.0.1:" + server.getPort()));
    }

    private LockConfig config(String endpoint) {
        return LockConfig.of("zk://" + endpoint + "?tick=500ms&operation-timeout=1s")
                .with("prefix", prefix)
                .withLease(LEASE);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        proxy.heal();
        flaky.close();
        backend.close();
        steady.close();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(admin.nodesUnder("/" + prefix)).isEmpty());
        admin.close();
        proxy.close();
    }

    private void cutOff() {
        proxy.requests().freeze();
        proxy.replies().freeze();
    }

    /** CURATOR-405: there, whoever hears nothing more from the servers is never told that he lost what he held. */
    @Test
    void aHolderThatHearsNothingMoreLosesTheLockByItsOwnClock() throws Exception {
        LockHandle hold = flaky.acquire("n", PATIENCE);
        CompletableFuture<LockLoss> told = new CompletableFuture<>();
        hold.onLost(told::complete);
        long begin = System.nanoTime();
        cutOff();
        LockLoss loss = told.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        Duration after = Duration.ofNanos(System.nanoTime() - begin);
        assertThat(after).isLessThan(LEASE.plusMillis(500));
        assertThat(loss.fencingToken()).isEqualTo(hold.fencingToken());
        assertThat(hold.isValid()).isFalse();
    }

    /** CURATOR-460: there, the old leader goes on for a time that nobody has agreed upon with the servers, beside the new one. */
    @Test
    void theNextHoldsOnlyAfterTheOneThatWasCutOffHasLost() throws Exception {
        LockHandle hold = flaky.acquire("n", PATIENCE);
        CompletableFuture<Long> lostAt = new CompletableFuture<>();
        hold.onLost(loss -> lostAt.complete(System.nanoTime()));
        CompletableFuture<Long> nextAt = steady.acquireAsync("n")
                .thenApply(next -> {
                    long now = System.nanoTime();
                    next.release();
                    return now;
                })
                .toCompletableFuture();
        await().until(() -> admin.contenders("/" + prefix + "/n") == 2);
        cutOff();
        assertThat(nextAt.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                        - lostAt.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .as("nanoseconds from one hold to the next")
                .isPositive();
    }

    /** CURATOR-465: there, a lock has no way to say that it is lost, however that came about. */
    @Test
    void aHolderWhoseNodeOrSessionIsEndedByOthersIsToldOnce() throws Exception {
        List<LockLoss> told = new CopyOnWriteArrayList<>();
        LockHandle deleted = flaky.acquire("n", PATIENCE);
        deleted.onLost(told::add);
        String node = admin.zookeeper().getChildren("/" + prefix + "/n", false).get(0);
        admin.zookeeper().delete("/" + prefix + "/n/" + node, -1);
        await().atMost(PATIENCE).until(() -> !told.isEmpty());
        assertThat(deleted.isValid()).isFalse();

        LockHandle expired = flaky.acquire("n", PATIENCE);
        expired.onLost(told::add);
        Admin.end(server, new ZKClientConfig(), handle());
        await().atMost(PATIENCE).until(() -> told.size() > 1);
        assertThat(expired.isValid()).isFalse();
        flaky.acquire("n", PATIENCE).release();
        assertThat(told)
                .extracting(LockLoss::fencingToken)
                .containsExactly(deleted.fencingToken(), expired.fencingToken());
    }

    /** CURATOR-604: there, whoever is back in a new session takes the old one's node for its own, until the servers delete it. */
    @Test
    void theNodeOfAnEarlierSessionIsNobodysHold() throws Exception {
        LockHandle hold = flaky.acquire("n", PATIENCE);
        cutOff();
        await().atMost(PATIENCE).until(() -> !hold.isValid());
        proxy.heal();
        LockHandle again = flaky.acquire("n", PATIENCE);
        String holder = Line.of(admin.zookeeper().getChildren("/" + prefix + "/n", false))
                .first();
        long owner =
                admin.zookeeper().exists("/" + prefix + "/n/" + holder, false).getEphemeralOwner();
        assertThat(owner).as("the session of who holds").isEqualTo(handle().getSessionId());
        assertThat(again.fencingToken()).isGreaterThan(hold.fencingToken());
        assertThat(again.release()).isEqualTo(ReleaseOutcome.RELEASED);
    }

    /** CURATOR-678: there, a release without a connection forgets the node, which then blocks everybody, its own client too. */
    @Test
    void aReleaseWithoutAConnectionIsMadeUpFor() throws Exception {
        LockHandle hold = flaky.acquire("n", PATIENCE);
        proxy.refuse();
        proxy.resetAll();
        hold.release();
        proxy.accept();
        // Within the session's timeout, so it is the node that goes and not the session.
        flaky.acquire("n", LEASE.dividedBy(2)).release();
        steady.acquire("n", PATIENCE).release();
    }

    private ZooKeeper handle() {
        return backend.sessions().iterator().next().link().handle();
    }
}
