// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.LockUnavailableException;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What ends watches, leases and connections: those who wait look again and never hang, and whose lease died never wins. */
class OutageTest {
    private static final Duration LEASE = Duration.ofMinutes(5);

    private StoreServer server;
    private TcpProxy proxy;
    private Etcd etcd;
    private LockClient holder;
    private LockClient waiter;

    @BeforeEach
    void start() {
        server = StoreKind.ETCD_3_4.spec().durable().start();
        etcd = Etcd.at(server.node(1).endpoint());
        proxy = TcpProxy.to(server.node(1).address());
        holder = LockClient.open(LockConfig.of("etcd://" + server.endpoints()).withLease(LEASE));
        waiter = LockClient.open(LockConfig.of("etcd://" + proxy.endpoint()).withLease(LEASE));
    }

    @AfterEach
    void end() {
        proxy.heal();
        holder.close();
        waiter.close();
        etcd.close();
        proxy.close();
        server.close();
    }

    private CompletableFuture<LockHandle> waitFor(String name) {
        CompletableFuture<LockHandle> waiting = waiter.acquireAsync(name).toCompletableFuture();
        await().until(() -> etcd.line("holdfast", name).size() == 2);
        return waiting;
    }

    /** With a lease of five minutes no renewal helps out before 50 s have passed. */
    private static void isServedSoon(CompletableFuture<LockHandle> waiting) throws Exception {
        waiting.get(20, TimeUnit.SECONDS).release();
    }

    @Test
    void aWatchWhoseConnectionBreaksIsOpenedAnewAndMissesNothing() throws Exception {
        LockHandle hold = holder.acquire("n");
        CompletableFuture<LockHandle> waiting = waitFor("n");
        Metrics metrics = new Metrics(server.node(1).endpoint());
        await().until(() -> metrics.open("Watch") == 1);
        proxy.refuse();
        proxy.resetAll();
        hold.release(); // nobody hears it
        proxy.accept();
        isServedSoon(waiting);
    }

    @Test
    void aRestartOfTheServerMissesNothing() throws Exception {
        LockHandle hold = holder.acquire("n");
        CompletableFuture<LockHandle> waiting = waitFor("n");
        server.restart();
        hold.release();
        isServedSoon(waiting);
    }

    @Test
    void compactionEndsNoWait() throws Exception {
        LockHandle hold = holder.acquire("n");
        CompletableFuture<LockHandle> waiting = waitFor("n");
        for (int i = 0; i < 50; i++) {
            etcd.put("else/" + i, "x", 0);
        }
        KeyValue last = etcd.under("else/").get(0);
        Etcd.answer(etcd.client.getKVClient().compact(last.getModRevision()));
        proxy.resetAll(); // a watch that went on from its revision would be cancelled now
        Etcd.answer(etcd.client
                .getKVClient()
                .compact(Etcd.answer(etcd.client.getKVClient().get(LockKeys.bytes("x")))
                        .getHeader()
                        .getRevision()));
        hold.release();
        isServedSoon(waiting);
    }

    /** etcd#11456, #16221, #19597: a waiter whose lease died never wins, and learns that it is out of line at once. */
    @Test
    void aWaiterWhoseLeaseDiedContendsAnewBehindTheOthers() throws Exception {
        LockHandle hold = holder.acquire("n");
        CompletableFuture<LockHandle> waiting = waitFor("n");
        KeyValue dead = etcd.line("holdfast", "n").get(1);
        etcd.revoke(dead.getLease());
        await().atMost(Duration.ofSeconds(20))
                .until(() -> etcd.line("holdfast", "n").size() == 2
                        && etcd.line("holdfast", "n").get(1).getLease() != dead.getLease());
        hold.release();
        LockHandle won = waiting.get(20, TimeUnit.SECONDS);
        assertThat(etcd.line("holdfast", "n").get(0).getLease()).isNotEqualTo(dead.getLease());
        assertThat(won.isValid()).isTrue();
        won.release();
    }

    /** Grants of a lease that was revoked are lost with the next renewal, and the next acquisition has a new session. */
    @Test
    void aRevokedLeaseLosesTheHoldsAndTheNextAcquisitionOpensANewSession() throws Exception {
        try (LockClient client =
                LockClient.open(LockConfig.of("etcd://" + server.endpoints()).withLease(Duration.ofSeconds(6)))) {
            LockHandle hold = client.acquire("n");
            etcd.revoke(etcd.line("holdfast", "n").get(0).getLease());
            await().atMost(Duration.ofSeconds(6)).until(() -> !hold.isValid());
            LockHandle next = client.acquire("n", Duration.ofSeconds(20));
            assertThat(next.fencingToken()).isGreaterThan(hold.fencingToken());
            assertThat(client.metrics().sessions()).isEqualTo(2);
            next.release();
        }
    }

    /** gRPC alone would wait longer and longer before it connects again, up to two minutes. */
    @Test
    void afterALongOutageLocksAreBackWithinSeconds() throws Exception {
        waiter.acquire("n").release();
        proxy.refuse();
        proxy.resetAll();
        long outage = System.nanoTime() + TimeUnit.SECONDS.toNanos(25);
        while (System.nanoTime() - outage < 0) { // gRPC's waits have grown beyond 10 s by then
            assertThatThrownBy(() -> waiter.acquire("n", Duration.ofSeconds(2)))
                    .isInstanceOf(LockUnavailableException.class);
        }
        proxy.accept();
        long begin = System.nanoTime();
        waiter.acquire("n", Duration.ofSeconds(30)).release();
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(8));
    }

    /** Rule WA-7: the next renewal looks at the key before. The connection is sound, the event alone is lost. */
    @Test
    void aLostWakeUpCostsASixthOfTheLease() throws Exception {
        LockHandle hold = holder.acquire("n");
        try (Client deaf = Client.builder()
                        .endpoints("http://" + server.endpoints())
                        .interceptor(new DeafToEvents())
                        .build();
                LockClient patient = LockClient.open(
                        EtcdBackend.using(deaf), LockConfig.load().withLease(Duration.ofSeconds(12)))) {
            CompletableFuture<LockHandle> waiting = patient.acquireAsync("n").toCompletableFuture();
            Metrics metrics = new Metrics(server.node(1).endpoint());
            await().until(() -> metrics.open("Watch") == 1);
            hold.release();
            waiting.get(10, TimeUnit.SECONDS).release();
        }
    }

    /** Hears that a watch was created, and nothing after that. */
    private static final class DeafToEvents implements ClientInterceptor {
        @Override
        public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            ClientCall<Q, A> call = next.newCall(method, options);
            if (!method.getFullMethodName().endsWith("/Watch")) {
                return call;
            }
            return new SimpleForwardingClientCall<>(call) {
                @Override
                public void start(Listener<A> listener, Metadata headers) {
                    super.start(
                            new SimpleForwardingClientCallListener<>(listener) {
                                @Override
                                public void onMessage(A message) {
                                    if (((WatchResponse) message).getEventsCount() == 0) {
                                        super.onMessage(message);
                                    }
                                }
                            },
                            headers);
                }
            };
        }
    }

    /** Rule CL-3: nothing of jetcd, gRPC, netty or ours goes on. */
    @Test
    void closingLeavesNoThread() throws Exception {
        Set<Thread> before = threads();
        try (LockClient one = LockClient.open(LockConfig.of("etcd://" + server.endpoints()));
                LockClient two = LockClient.open(LockConfig.of("etcd://" + server.endpoints()))) {
            LockHandle hold = one.acquire("n");
            CompletableFuture<LockHandle> waiting = two.acquireAsync("n").toCompletableFuture();
            assertThat(waiting).isNotDone();
            assertThat(leftBy(before)).isNotEmpty();
            hold.release();
            waiting.get(20, TimeUnit.SECONDS).release();
        }
        // gRPC keeps what its channels share for a second after the last one, with which these two go.
        etcd.close();
        holder.close();
        waiter.close();
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(leftBy(before)).isEmpty());
        etcd = Etcd.at(server.node(1).endpoint());
    }

    /** A timer of Failsafe's, which jetcd uses unless it has an executor like ours, lives as long as the JVM. */
    private static Set<String> leftBy(Set<Thread> before) {
        return threads().stream()
                .filter(thread -> !thread.getName().startsWith("Failsafe") || !before.contains(thread))
                .map(Thread::getName)
                .collect(Collectors.toSet());
    }

    private static Set<Thread> threads() {
        List<String> theirs =
                List.of("holdfast-", "grpc-", "jetcd", "vert.x", "netty", "globalEventExecutor", "Failsafe");
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> theirs.stream().anyMatch(thread.getName()::startsWith))
                .filter(thread -> !thread.getName().startsWith("holdfast-proxy-")) // the kit's
                .collect(Collectors.toSet());
    }
}
