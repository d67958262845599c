// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.lab.proxy.Cut;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.proxy.Wire;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The connection ends at each packet of an acquisition and a release, before the server has it or before its answer is back: where
 * Curator's recipes leave a node that wins later, forget one, or are held by nobody (CURATOR-79, CURATOR-678). More of
 * what was reported of them is in {@link CuratorIssuesTest}.
 */
class ConnectionLossTest {
    private static final Duration LEASE = Duration.ofSeconds(8);
    private static final int PATIENCE_SECONDS = 30;

    private final String prefix = "loss-" + UUID.randomUUID();
    private Admin admin;
    private TcpProxy proxy;
    private LockClient flaky;
    private LockClient steady;

    @BeforeEach
    void open() throws Exception {
        InetSocketAddress address =
                Servers.shared(StoreKind.ZOOKEEPER_3_9).node(1).address();
        admin = new Admin(address);
        proxy = TcpProxy.to(address);
        flaky = LockClient.open(config(proxy.endpoint()));
        steady = LockClient.open(config("127.0.0.1:" + address.getPort()));
        flaky.acquire("n").release(); // makes the container
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
        steady.close();
        await().atMost(LEASE.plusSeconds(20))
                .untilAsserted(() -> assertThat(admin.nodesUnder("/" + prefix)).isEmpty());
        admin.close();
        proxy.close();
    }

    /** Create and list are some 200 bytes, their answers some 250; a ping may come in between. */
    private static Stream<Integer> bytes() {
        return Stream.iterate(0, bytes -> bytes < 280, bytes -> bytes + 40);
    }

    private void acquiringOver(Function<TcpProxy, Wire> direction, int bytes) throws Exception {
        direction.apply(proxy).cutAfter(bytes, Cut.RESET);
        LockHandle hold = flaky.acquire("n", Duration.ofSeconds(PATIENCE_SECONDS));
        assertThat(hold.isValid()).isTrue();
        assertThat(steady.tryAcquire("n")).as("beside the holder").isEmpty();
        proxy.heal();
        hold.release();
        LockHandle next = steady.acquire("n", Duration.ofSeconds(PATIENCE_SECONDS));
        assertThat(next.fencingToken()).isGreaterThan(hold.fencingToken());
        await().atMost(Duration.ofSeconds(PATIENCE_SECONDS))
                .untilAsserted(() -> assertThat(admin.contenders("/" + prefix + "/n"))
                        .as("the holder alone")
                        .isEqualTo(1));
        next.release();
    }

    @ParameterizedTest
    @MethodSource("bytes")
    void theConnectionEndsWithinTheRequestsOfAnAcquisition(int bytes) throws Exception {
        acquiringOver(TcpProxy::requests, bytes);
    }

    @ParameterizedTest
    @MethodSource("bytes")
    void theConnectionEndsWithinTheAnswersToAnAcquisition(int bytes) throws Exception {
        acquiringOver(TcpProxy::replies, bytes);
    }

    private static Stream<Integer> bytesOfARelease() {
        return Stream.of(0, 20, 60);
    }

    private void releasingOver(Function<TcpProxy, Wire> direction, int bytes) throws Exception {
        LockHandle hold = flaky.acquire("n", Duration.ofSeconds(PATIENCE_SECONDS));
        CompletableFuture<LockHandle> waiting = steady.acquireAsync("n").toCompletableFuture();
        await().until(() -> admin.contenders("/" + prefix + "/n") == 2);
        direction.apply(proxy).cutAfter(bytes, Cut.RESET);
        hold.release();
        assertThat(hold.isValid()).isFalse();
        LockHandle next = waiting.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        proxy.heal();
        // The client that released into nowhere can hold again.
        CompletableFuture<LockHandle> again = flaky.acquireAsync("n").toCompletableFuture();
        next.release();
        again.get(PATIENCE_SECONDS, TimeUnit.SECONDS).release();
    }

    @ParameterizedTest
    @MethodSource("bytesOfARelease")
    void theConnectionEndsWithinTheRequestOfARelease(int bytes) throws Exception {
        releasingOver(TcpProxy::requests, bytes);
    }

    @ParameterizedTest
    @MethodSource("bytesOfARelease")
    void theConnectionEndsWithinTheAnswerToARelease(int bytes) throws Exception {
        releasingOver(TcpProxy::replies, bytes);
    }

    /** CURATOR-79: whoever gives up while the request is on its way leaves nothing, however late the request arrives. */
    @Test
    void aRequestThatArrivesAfterItsSenderGaveUpIsUndone() throws Exception {
        proxy.requests().freeze();
        Thread waiter = new Thread(() -> {
            try {
                flaky.lock("n").lockInterruptibly();
            } catch (InterruptedException expected) {
                // as told
            }
        });
        waiter.start();
        await().until(() -> flaky.metrics().contends() >= 2);
        waiter.interrupt();
        waiter.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        assertThat(waiter.isAlive()).isFalse();
        proxy.requests().thaw();
        steady.acquire("n", Duration.ofSeconds(PATIENCE_SECONDS)).release();
        await().atMost(Duration.ofSeconds(PATIENCE_SECONDS))
                .untilAsserted(
                        () -> assertThat(admin.contenders("/" + prefix + "/n")).isZero());
    }

    /** LO-6: the connection breaks and comes back within the lease, and nothing is lost. */
    @Test
    void aBrokenConnectionLosesNothing() throws Exception {
        LockHandle hold = flaky.acquire("n", Duration.ofSeconds(PATIENCE_SECONDS));
        long token = hold.fencingToken();
        for (int i = 0; i < 3; i++) {
            proxy.resetAll();
            await().atMost(LEASE)
                    .until(() -> hold.remainingLease()
                                    .compareTo(LEASE.multipliedBy(3).dividedBy(5))
                            > 0);
        }
        assertThat(hold.isValid()).isTrue();
        assertThat(hold.fencingToken()).isEqualTo(token);
        assertThat(flaky.metrics().lost()).isZero();
        hold.release();
    }
}
