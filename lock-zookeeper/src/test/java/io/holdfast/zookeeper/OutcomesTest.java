// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockDeniedException;
import io.holdfast.LockException;
import io.holdfast.LockHandle;
import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.LockUnavailableException;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rule UO-1: what each of ZooKeeper's codes says of a request, as docs/backends/zookeeper.md has it. */
class OutcomesTest {
    private static final Duration LEASE = Duration.ofSeconds(8);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int OF_THE_FUTURE = -999;

    /** With these the request may have been carried out. */
    private static final Set<Code> UNKNOWN = EnumSet.of(
            Code.CONNECTIONLOSS,
            Code.OPERATIONTIMEOUT,
            Code.REQUESTTIMEOUT,
            Code.SYSTEMERROR,
            Code.RUNTIMEINCONSISTENCY,
            Code.DATAINCONSISTENCY,
            Code.MARSHALLINGERROR,
            Code.APIERROR,
            Code.INVALIDCALLBACK,
            Code.UNKNOWNSESSION);

    private static final Set<Code> DENIED =
            EnumSet.of(Code.NOAUTH, Code.AUTHFAILED, Code.INVALIDACL, Code.SESSIONCLOSEDREQUIRESASLAUTH);

    private final InetSocketAddress server =
            Servers.shared(StoreKind.ZOOKEEPER_3_9).node(1).address();
    private final ZooKeeperSettings settings = ZooKeeperSettings.DEFAULTS
            .withPrefix("outcomes-" + UUID.randomUUID())
            .withTick(Duration.ofMillis(500));
    private final FaultyHandle faults = new FaultyHandle();
    private Admin admin;
    private CuratorFramework lent;
    private LockClient client;

    @BeforeEach
    void open() throws Exception {
        admin = new Admin(server);
        lent = CuratorFrameworkFactory.builder()
                .connectString("127.0.0.1:" + server.getPort())
                .sessionTimeoutMs(20_000)
                .retryPolicy(new RetryOneTime(1))
                .zookeeperFactory(faults)
                .build();
        lent.start();
        client = LockClient.open(
                ZooKeeperBackend.using(lent, settings), LockConfig.load().withLease(LEASE));
    }

    @AfterEach
    void close() {
        client.close();
        lent.close();
        admin.close();
    }

    private int contenders() throws Exception {
        return admin.contenders("/" + settings.prefix() + "/n");
    }

    @Test
    void everyCodeIsOfTheKindThatThePageHas() {
        for (Code code : Code.values()) {
            if (code != Code.OK) {
                LockException ours = new Failures("test").of(Failures.ofCode(code.intValue(), "/n"), "contend");
                Class<?> expected = UNKNOWN.contains(code)
                        ? LockOutcomeUnknownException.class
                        : DENIED.contains(code) ? LockDeniedException.class : LockUnavailableException.class;
                assertThat(ours).as(code.name()).isExactlyInstanceOf(expected);
            }
        }
        assertThat(new Failures("test").of(Failures.ofCode(OF_THE_FUTURE, "/n"), "contend"))
                .isInstanceOf(LockOutcomeUnknownException.class);
    }

    private static Stream<Integer> unknown() {
        return Stream.concat(UNKNOWN.stream().map(Code::intValue), Stream.of(OF_THE_FUTURE));
    }

    @ParameterizedTest
    @MethodSource("unknown")
    @DisplayName("UO-1, UO-2: a contend that was carried out and answered with an error is undone")
    void whatWasCarriedOutAllTheSameIsUndone(int code) throws Exception {
        client.acquire("n").release(); // makes the container
        faults.answerNext(code, true);
        LockHandle hold = client.acquire("n", PATIENCE);
        await().atMost(PATIENCE).until(() -> contenders() == 1);
        assertThat(hold.isValid()).isTrue();
        hold.release();
        await().atMost(PATIENCE).until(() -> contenders() == 0);
    }

    @Test
    @DisplayName("UO-1: a refusal did nothing, and is no reason to undo anything")
    void whatWasRefusedIsTriedAgain() throws Exception {
        client.acquire("n").release();
        for (Code code : new Code[] {Code.THROTTLEDOP, Code.SESSIONMOVED, Code.QUOTAEXCEEDED}) {
            faults.answerNext(code.intValue(), false);
            client.acquire("n", PATIENCE).release();
        }
        assertThat(contenders()).isZero();
    }

    @Test
    void whatIsNotOfZooKeepersClientIsUnknownToo() {
        assertThat(new Failures("test").of(new IllegalStateException("?"), "contend"))
                .isInstanceOf(LockOutcomeUnknownException.class);
        assertThat(Failures.is(new KeeperException.NoNodeException(), Code.NONODE))
                .isTrue();
    }
}
