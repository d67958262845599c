// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.ForceOutcome;
import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.LockUnavailableException;
import io.holdfast.ReleaseOutcome;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.spi.StoredLock;
import io.holdfast.spi.line.Entry;
import io.holdfast.spi.line.Ticket;
import io.holdfast.tck.internal.KitRuntime;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.retry.RetryNTimes;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ZKClientConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Lock clients over one Curator client of the program's own: its session ends, its connection breaks, and it goes on. */
class LentClientTest {
    private static final Duration LEASE = Duration.ofSeconds(8);
    private static final int PATIENCE_SECONDS = 30;

    private final InetSocketAddress server =
            Servers.shared(StoreKind.ZOOKEEPER_3_9).node(1).address();
    private final ZooKeeperSettings settings = ZooKeeperSettings.DEFAULTS
            .withPrefix("lent-" + UUID.randomUUID())
            .withTick(Duration.ofMillis(500))
            .withOperationTimeout(Duration.ofSeconds(1));
    private final KitRuntime ofTheFirst = new KitRuntime();
    private Admin admin;
    private TcpProxy proxy;
    private CuratorFramework lent;
    private LockClient one;
    private LockClient two;

    @BeforeEach
    void open() throws Exception {
        admin = new Admin(server);
        proxy = TcpProxy.to(server);
        lent = CuratorFrameworkFactory.builder()
                .connectString(proxy.endpoint())
                .sessionTimeoutMs(20_000)
                // Retries of its own, which must do nothing to our requests.
                .retryPolicy(new RetryNTimes(10, 50))
                .build();
        lent.start();
        one = LockClient.open(
                ZooKeeperBackend.using(lent, settings), LockConfig.load().withLease(LEASE));
        two = LockClient.open(
                ZooKeeperBackend.using(lent, settings), LockConfig.load().withLease(LEASE));
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        proxy.heal();
        one.close();
        two.close();
        await().atMost(Duration.ofSeconds(PATIENCE_SECONDS))
                .untilAsserted(() ->
                        assertThat(admin.nodesUnder("/" + settings.prefix())).isEmpty());
        lent.close();
        ofTheFirst.close();
        proxy.close();
        admin.close();
    }

    /** CURATOR-604: whoever reconnects in a new session must not take its old node for its own. */
    @Test
    void theSessionExpiresWhileOneHoldsAndOneWaits() throws Exception {
        LockHandle hold = one.acquire("n");
        CompletableFuture<LockHandle> waiting = two.acquireAsync("n").toCompletableFuture();
        await().until(() -> admin.contenders("/" + settings.prefix() + "/n") == 2);
        Admin.end(server, new ZKClientConfig(), lent.getZookeeperClient().getZooKeeper());
        LockHandle next = waiting.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(hold.isValid()).isFalse();
        assertThat(next.isValid()).isTrue();
        assertThat(next.fencingToken()).isGreaterThan(hold.fencingToken());
        assertThat(one.metrics().lost()).isEqualTo(1);
        assertThat(two.metrics().lost()).isZero();
        assertThat(next.release()).isEqualTo(ReleaseOutcome.RELEASED);
        one.acquire("n", Duration.ofSeconds(PATIENCE_SECONDS)).release();
    }

    /** The lease passes here, and the session lives on in the ensemble: what it still has there is removed. */
    @Test
    void aLeaseThatPassesBeforeTheSessionLeavesNothingBehind() throws Exception {
        LockHandle hold = one.acquire("n");
        proxy.requests().freeze();
        proxy.replies().freeze();
        await().atMost(LEASE.plusSeconds(5)).until(() -> !hold.isValid());
        proxy.heal();
        try (LockClient other = LockClient.open(LockConfig.of("zk://127.0.0.1:" + server.getPort() + "?tick=500ms")
                .with("prefix", settings.prefix())
                .withLease(LEASE))) {
            LockHandle next = other.acquire("n", Duration.ofSeconds(PATIENCE_SECONDS));
            assertThat(next.fencingToken()).isGreaterThan(hold.fencingToken());
            assertThat(hold.isValid()).isFalse();
            next.release();
        }
        one.acquire("n", Duration.ofSeconds(PATIENCE_SECONDS)).release();
    }

    @Test
    void aBrokenConnectionLosesNothing() throws Exception {
        LockHandle hold = one.acquire("n");
        for (int i = 0; i < 3; i++) {
            proxy.resetAll();
            await().atMost(LEASE)
                    .until(() -> hold.remainingLease()
                                    .compareTo(LEASE.multipliedBy(3).dividedBy(5))
                            > 0);
        }
        assertThat(hold.isValid()).isTrue();
        assertThat(one.metrics().lost()).isZero();
        hold.release();
    }

    /** The list of an attempt that found no container comes to be read after the next attempt has made the node. */
    @Test
    void aListThatIsReadLateIsNotTakenForThatOfALaterAttempt() throws Exception {
        try (CuratorFramework sleepy = CuratorFrameworkFactory.builder()
                .connectString("127.0.0.1:" + server.getPort())
                .sessionTimeoutMs(20_000)
                .retryPolicy(new RetryNTimes(10, 50))
                .zookeeperFactory(SleepyHandle.factory())
                .build()) {
            sleepy.start();
            try (LockClient client = LockClient.open(
                    ZooKeeperBackend.using(sleepy, settings), LockConfig.load().withLease(LEASE))) {
                LockHandle hold = client.acquire("new", Duration.ofSeconds(PATIENCE_SECONDS));
                assertThat(admin.contenders("/" + settings.prefix() + "/new"))
                        .as("the holder alone")
                        .isEqualTo(1);
                hold.release();
            }
        }
    }

    /** Curator tells on a thread of its own: a session's end may be told when the next one is open, and things are held in it. */
    @Test
    void theEndOfTheSessionBeforeIsNotTakenForThatOfTheNext() throws Exception {
        ZooKeeperBackend backend = ZooKeeperBackend.using(lent, settings);
        try (LockClient late = LockClient.open(backend, LockConfig.load().withLease(LEASE))) {
            LockHandle hold = late.acquire("n");
            backend.sessions().iterator().next().link().stateChanged(lent, ConnectionState.LOST);
            assertThat(hold.isValid()).isTrue();
            assertThat(late.metrics().lost()).isZero();
            assertThat(hold.release()).isEqualTo(ReleaseOutcome.RELEASED);
        }
    }

    /**
     * The process stands still between the look at its session and its contend, longer than its lease: the session is closed, and
     * what others share lives on. The node would stay at the head of the line.
     */
    @Test
    void aContendThatComesAfterItsSessionWasClosedMakesNothing() throws Exception {
        ZooKeeperBackend backend = ZooKeeperBackend.using(lent, settings);
        try (LockClient client = LockClient.open(backend, LockConfig.load().withLease(LEASE))) {
            client.acquire("n").release();
            ZooKeeperSession session = backend.sessions().iterator().next();
            session.end().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            Entry late = session.enter(new Ticket("n", 1_000), true, null, new CompletableFuture<>())
                    .toCompletableFuture()
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(late.failure()).isInstanceOf(LockUnavailableException.class);
            assertThat(late.isUndecided()).isFalse();
            assertThat(admin.contenders("/" + settings.prefix() + "/n")).isZero();
        }
    }

    @Test
    void clientsWithOtherSettingsAreNotServedWithThoseOfTheFirst() throws Exception {
        ZooKeeper handle = lent.getZookeeperClient().getZooKeeper();
        handle.addAuthInfo("digest", "u:p".getBytes(StandardCharsets.UTF_8));
        ZooKeeperSettings ofTheirOwn = settings.withPrefix("own-" + UUID.randomUUID());
        try (LockClient open = LockClient.open(
                        ZooKeeperBackend.using(lent, ofTheirOwn),
                        LockConfig.load().withLease(LEASE));
                LockClient own = LockClient.open(
                        ZooKeeperBackend.using(lent, ofTheirOwn.withCreatorOnly(true)),
                        LockConfig.load().withLease(LEASE))) {
            LockHandle hold = own.acquire("n");
            String line = "/" + ofTheirOwn.prefix() + "/n";
            String node = handle.getChildren(line, false).get(0);
            assertThat(handle.getACL(line + "/" + node, null).toString()).doesNotContain("'world,'anyone");
            hold.release();
            assertThat(open.tryAcquire("n")).isPresent();
        }
    }

    /** Nobody has a session: the question makes its own, which the next one joins or makes anew. */
    @Test
    @DisplayName("CL-4: what is asked when the first client is gone does not need its runtime")
    void questionsOutliveTheFirstClientsRuntime() throws Exception {
        LockHandle hold = one.acquire("n");
        try (ZooKeeperBackend backend = ZooKeeperBackend.using(lent, settings)) {
            LockClient.open(backend, LockConfig.load().withLease(LEASE).withRuntime(ofTheFirst))
                    .close();
            ofTheFirst.close();
            assertThat(soon(backend.inspect("n")).isHeld()).isTrue();
            assertThat(soon(backend.list())).extracting(StoredLock::name).containsExactly("n");
            assertThat(soon(backend.diagnose())).isNotEmpty();
            assertThat(soon(backend.forceRelease("n", OptionalLong.empty()))).isEqualTo(ForceOutcome.RELEASED);
        }
        await().atMost(LEASE).until(() -> !hold.isValid());
    }

    @Test
    @DisplayName("CL-4: what nobody answers fails in time, whosever session it was asked in")
    void aQuestionIsLimitedWhenTheClientOfItsSessionIsClosedMeanwhile() throws Exception {
        // Before a connection without an answer is replaced, two fifths
        // of a lease after the last one, which ends the question too.
        ZooKeeperSettings patient = settings.withOperationTimeout(Duration.ofSeconds(2));
        LockConfig hasty = LockConfig.load().withLease(LEASE).with("close-timeout", "500ms");
        try (ZooKeeperBackend backend = ZooKeeperBackend.using(lent, patient)) {
            LockClient first = LockClient.open(backend, hasty.withRuntime(ofTheFirst));
            proxy.replies().freeze();
            CompletableFuture<StoredLock> unanswered = backend.inspect("n").toCompletableFuture();
            first.close();
            ofTheFirst.close();
            assertThat(unanswered)
                    .failsWithin(Duration.ofSeconds(PATIENCE_SECONDS))
                    .withThrowableThat()
                    .withMessageContaining("operation-timeout");
            proxy.heal();
        }
    }

    private static <T> T soon(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
}
