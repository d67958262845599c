// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockConfigException;
import io.holdfast.LockDeniedException;
import io.holdfast.LockHandle;
import io.holdfast.LockUnavailableException;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.server.auth.DigestAuthenticationProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the servers, or we, refuse: in our exceptions, with what to do. */
class RefusalTest {
    private final StoreServer server = Servers.shared(StoreKind.ZOOKEEPER_3_9);
    private final String prefix = "refusal-" + UUID.randomUUID();

    private LockConfig config(String userInfo) {
        return LockConfig.of("zk://" + userInfo + server.endpoints() + "?tick=500ms&lease=5s&prefix=" + prefix);
    }

    /** The servers of these tests have a tick of 500 ms and serve sessions of 1 s to 120 s. */
    @Test
    void aLeaseThatTheServersDoNotGrantIsAnErrorThatNamesTheirRange() {
        assertThatThrownBy(() -> LockClient.open(config("").withLease(Duration.ofMinutes(3))))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContainingAll("PT3M", "PT4S to PT2M");
        assertThatThrownBy(() -> LockClient.open(config("").with("tick", "10ms").withLease(Duration.ofMillis(500))))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContainingAll("PT0.5S", "PT1S to PT2M");
    }

    @Test
    void aLeaseOfFewerThanEightTicksIsAnErrorThatNamesBoth() {
        assertThatThrownBy(() -> LockClient.open(config("").withLease(Duration.ofMillis(3_999))))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContainingAll("3999ms", "4s");
    }

    @Test
    void aLentClientWhoseSessionIsShorterThanTheLeaseIsRefused() {
        try (CuratorFramework lent = CuratorFrameworkFactory.builder()
                .connectString(server.endpoints())
                .sessionTimeoutMs(10_000)
                .retryPolicy(new RetryOneTime(1))
                .build()) {
            lent.start();
            ZooKeeperBackend backend = ZooKeeperBackend.using(
                    lent, ZooKeeperSettings.DEFAULTS.withPrefix(prefix).withTick(Duration.ofMillis(500)));
            assertThatThrownBy(() -> LockClient.open(backend, LockConfig.load().withLease(Duration.ofSeconds(11))))
                    .isInstanceOf(LockConfigException.class)
                    .hasMessageContainingAll("PT11S", "PT10S");
        }
    }

    @Test
    void aLentClientThatWasNotStartedIsSaidToBeSo() {
        try (CuratorFramework lent = CuratorFrameworkFactory.newClient(server.endpoints(), new RetryOneTime(1))) {
            assertThatThrownBy(() -> LockClient.open(ZooKeeperBackend.using(lent), LockConfig.load()))
                    .isInstanceOf(LockConfigException.class)
                    .hasStackTraceContaining("Curator client");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "zk:",
                "zk://h/a//b",
                "zk://h/../b",
                "zk://h/zookeeper/x",
                "zk://h/a%20b",
                "zk://h?prefix=zookeeper",
                "zk://h?acl=all",
                "zk://h?tick=0s",
                "zk://:pw@h",
                "zk://a%3Ab:pw@h"
            })
    void wrongAddressesAndSettingsAreRefusedBeforeAnyRequest(String url) {
        assertThatThrownBy(() -> LockClient.open(LockConfig.of(url)))
                .isInstanceOf(LockConfigException.class)
                .satisfies(e -> assertThat(stack(e)).doesNotContain("pw@"));
    }

    /** Of a key a file is made, which would be left behind. */
    @Test
    void aWrongPathIsRefusedBeforeTheKeyIsLookedAt() {
        LockConfig config = LockConfig.of("zks://127.0.0.1/zookeeper/x")
                .with("tls.certificate", "/not/there.pem")
                .with("tls.key", "/not/there.pem");
        assertThatThrownBy(() -> LockClient.open(config))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("own node /zookeeper");
    }

    @Test
    void nobodyAtTheAddressIsUnavailableInTime() {
        LockConfig nobody = LockConfig.of("zk://127.0.0.1:1?connect-timeout=1s");
        long began = System.nanoTime();
        assertThatThrownBy(() -> LockClient.open(nobody))
                .isInstanceOf(LockUnavailableException.class)
                .hasMessageContaining("127.0.0.1:1");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(8));
    }

    /** CREATOR_ALL: what one user made, another may not use, with a wrong password or none. */
    @Test
    void otherUsersAreDeniedAndNoPasswordIsShown() throws Exception {
        try (LockClient owner = LockClient.open(config("app:right@"))) {
            owner.acquire("n").release();
            assertThatThrownBy(() -> LockClient.open(config("app:wrong-secret@")))
                    .isInstanceOf(LockDeniedException.class)
                    .satisfies(e -> assertThat(stack(e)).doesNotContain("wrong-secret"));
            assertThatThrownBy(() -> LockClient.open(config(""))).isInstanceOf(LockDeniedException.class);
            LockClient.open(config("app:right@")).close();
        }
    }

    @Test
    void rightsThatAreMissingForOneLockAreDeniedWhenItIsAskedFor() throws Exception {
        try (Admin admin = new Admin(server.node(1).address());
                LockClient client = LockClient.open(config(""))) {
            List<ACL> others = Collections.singletonList(new ACL(
                    ZooDefs.Perms.ALL, new Id("digest", DigestAuthenticationProvider.generateDigest("other:pw"))));
            admin.zookeeper().create("/" + prefix + "/theirs", new byte[0], others, CreateMode.PERSISTENT);
            assertThatThrownBy(() -> client.tryAcquire("theirs"))
                    .isInstanceOf(LockDeniedException.class)
                    .hasMessageContaining("theirs");
            assertThatThrownBy(() -> client.lock("theirs").inspect()).isInstanceOf(LockDeniedException.class);
            LockHandle hold = client.acquire("ours");
            assertThat(client.list()).extracting(info -> info.name()).containsExactly("ours");
            hold.release();
        }
    }

    /** Whoever waits and may not look at the line any more keeps its place, and holds once it may. */
    @Test
    void rightsThatAreTakenFromAWaiterDelayIt() throws Exception {
        String container = "/" + prefix + "/n";
        List<ACL> noReading = Collections.singletonList(new ACL(
                ZooDefs.Perms.CREATE | ZooDefs.Perms.DELETE | ZooDefs.Perms.ADMIN, ZooDefs.Ids.ANYONE_ID_UNSAFE));
        try (Admin admin = new Admin(server.node(1).address());
                LockClient one = LockClient.open(config(""));
                LockClient two = LockClient.open(config(""))) {
            LockHandle hold = one.acquire("n");
            CompletableFuture<LockHandle> waiting = two.acquireAsync("n").toCompletableFuture();
            await().until(() -> admin.contenders(container) == 2);
            admin.zookeeper().setACL(container, noReading, -1);
            long renewals = two.metrics().renewals();
            hold.release();
            await().atMost(Duration.ofSeconds(20)).until(() -> two.metrics().renewals() >= renewals + 3);
            assertThat(waiting).isNotDone();
            admin.zookeeper().setACL(container, ZooDefs.Ids.OPEN_ACL_UNSAFE, -1);
            waiting.get(20, TimeUnit.SECONDS).release();
        }
    }

    private static String stack(Throwable failure) {
        StringWriter out = new StringWriter();
        failure.printStackTrace(new PrintWriter(out));
        return out.toString();
    }
}
