// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockException;
import io.holdfast.LockHandle;
import io.holdfast.ReleaseOutcome;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Contends that were answered, and that come once more, as from a proxy that repeats what it thinks was lost. */
class LateCopyTest {
    private final String prefix = "copies-" + UUID.randomUUID();
    private final Copier copier = new Copier();
    private Etcd etcd;
    private Client jetcd;
    private LockClient client;
    private LockClient other;

    @BeforeEach
    void open() {
        String endpoint = Servers.shared(StoreKind.ETCD_3_4).node(1).endpoint();
        etcd = Etcd.at(endpoint);
        jetcd = Client.builder()
                .endpoints("http://" + endpoint)
                .keepaliveWithoutCalls(false)
                .interceptor(copier)
                .build();
        LockConfig config =
                LockConfig.of("etcd://" + endpoint).with("prefix", prefix).withLease(Duration.ofMinutes(10));
        client = LockClient.open(EtcdBackend.using(jetcd, EtcdSettings.DEFAULTS.withPrefix(prefix)), config);
        other = LockClient.open(config);
    }

    @AfterEach
    void nothingIsLeft() {
        client.close();
        other.close();
        assertThat(etcd.under(prefix)).isEmpty();
        jetcd.close();
        etcd.close();
    }

    @Test
    @DisplayName("UO-4: a copy of an answered contend that comes after the release creates nothing")
    void afterTheRelease() throws Exception {
        for (int i = 0; i < 4; i++) {
            client.acquire("n" + i).release();
        }
        assertThat(copier.contends).hasSize(4);
        createNothing();
        other.acquire("n0", Duration.ofSeconds(5)).release();
    }

    @Test
    @DisplayName("UO-4: copies of contends that were under way together create nothing")
    void ofManyAtOnce() throws Exception {
        List<CompletableFuture<LockHandle>> asked = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            asked.add(client.acquireAsync("n" + i).toCompletableFuture());
        }
        for (CompletableFuture<LockHandle> one : asked) {
            one.get(20, TimeUnit.SECONDS).release();
        }
        assertThat(copier.contends).hasSize(50);
        createNothing();
    }

    @Test
    @DisplayName("UO-4: a copy of a try that was refused creates nothing")
    void ofATry() throws Exception {
        LockHandle hold = other.acquire("n");
        assertThat(client.tryAcquire("n")).isEmpty();
        hold.release();
        assertThat(copier.contends).hasSize(1);
        createNothing();
    }

    @Test
    @DisplayName("UO-4: a copy that comes after its client has closed creates nothing")
    void afterTheClose() throws Exception {
        client.acquire("n").release();
        client.close();
        copier.contends.forEach(contend -> assertThat(contend).satisfies(LateCopyTest::fails));
        assertThat(etcd.line(prefix, "n")).isEmpty();
    }

    /** Where there is no space, a lane goes on to name the contend whose key was deleted. */
    @Test
    @DisplayName("UO-2, UO-7: a copy of an undo that comes late touches no later contender of its slot")
    void ofAnUndo() throws Exception {
        copier.fates.add(txn -> isContend(txn) ? Fate.LOSE_ANSWER : Fate.PASS);
        copier.fates.add(txn -> isUndo(txn) ? Fate.KEEP : Fate.PASS);
        copier.fates.add(txn -> isUndo(txn) ? Fate.NO_SPACE : Fate.PASS);
        assertThatThrownBy(() -> client.tryAcquire("n")).isInstanceOf(LockException.class);
        await().atMost(Duration.ofSeconds(20)).until(() -> copier.fates.isEmpty());
        await().until(() -> client.metrics().names() == 0); // it is undone, and its slot and lane are free
        assertThat(etcd.line(prefix, "n")).isEmpty();
        copier.fates.add(txn -> isContend(txn) ? Fate.KEEP_SILENT : Fate.PASS);
        CompletableFuture<LockHandle> sameLane = client.acquireAsync("other").toCompletableFuture();
        await().until(() -> copier.fates.isEmpty());
        LockHandle hold = client.acquire("n", Duration.ofSeconds(20));
        List<KeyValue> line = etcd.line(prefix, "n");
        assertThat(LockKeys.text(line.get(0).getKey())).as("the slot").endsWith("-0");
        assertThat(copier.kept).hasSize(2);
        assertThat(copier.kept.get(0).get().getSucceeded()).isFalse();
        assertThat(etcd.line(prefix, "n"))
                .extracting(KeyValue::getKey)
                .containsExactly(line.get(0).getKey());
        assertThat(other.tryAcquire("n")).isEmpty();
        assertThat(hold.release()).isEqualTo(ReleaseOutcome.RELEASED);
        sameLane.cancel(true);
    }

    /** By data that went back, or by an administrator. */
    @Test
    @DisplayName(
            "ME-9: a session whose lane is older than it was, or gone, is lost, and its client goes on with another one")
    void aLaneThatIsGone() throws Exception {
        client.acquire("n").release();
        etcd.under(prefix + "/%session/").stream()
                .map(KeyValue::getKey)
                .map(LockKeys::text)
                .filter(key -> key.endsWith("-0"))
                .forEach(etcd::delete);
        client.acquire("n", Duration.ofSeconds(20)).release();
    }

    private static void fails(Supplier<TxnResponse> contend) {
        try {
            assertThat(contend.get().getSucceeded()).isFalse();
        } catch (io.grpc.StatusRuntimeException refused) {
            assertThat(refused).hasMessageContaining("requested lease not found");
        }
    }

    private void createNothing() {
        for (Supplier<TxnResponse> contend : copier.contends) {
            assertThat(contend.get().getSucceeded()).isFalse();
        }
        assertThat(etcd.under(prefix))
                .filteredOn(kv -> !LockKeys.text(kv.getKey()).contains("%session"))
                .isEmpty();
    }

    /** It puts a key and reads the line; an undo puts one too, and reads none. */
    private static boolean isContend(TxnRequest txn) {
        return txn.getSuccessList().stream().anyMatch(RequestOp::hasRequestPut)
                && txn.getSuccessList().stream().anyMatch(RequestOp::hasRequestRange);
    }

    private static boolean isUndo(TxnRequest txn) {
        return txn.getSuccessList().stream().anyMatch(RequestOp::hasRequestPut)
                && txn.getFailureList().stream().anyMatch(RequestOp::hasRequestTxn);
    }

    /** What becomes of a request. */
    private enum Fate {
        PASS,
        LOSE_ANSWER,
        /** It stays under way until it is sent by the test; its client hears that the connection broke. */
        KEEP,
        /** Its client hears nothing. */
        KEEP_SILENT,
        NO_SPACE
    }

    /** Keeps each contend that is sent, so that it can be sent again, and what is to come late. */
    private static final class Copier implements ClientInterceptor {
        final List<Supplier<TxnResponse>> contends = new CopyOnWriteArrayList<>();
        final List<Supplier<TxnResponse>> kept = new CopyOnWriteArrayList<>();

        /** For the next requests; each one is used up by the first that does not pass it. */
        final Deque<Function<TxnRequest, Fate>> fates = new ConcurrentLinkedDeque<>();

        private synchronized Fate fate(TxnRequest txn) {
            Fate fate = fates.isEmpty() ? Fate.PASS : fates.getFirst().apply(txn);
            if (fate != Fate.PASS) {
                fates.removeFirst();
            }
            return fate;
        }

        @Override
        public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
                private Listener<A> told;
                private volatile boolean loses;
                private volatile boolean deaf;

                @Override
                public void start(Listener<A> listener, Metadata headers) {
                    told = listener;
                    super.start(
                            new SimpleForwardingClientCallListener<>(listener) {
                                @Override
                                public void onMessage(A message) {
                                    if (!loses && !deaf) {
                                        super.onMessage(message);
                                    }
                                }

                                @Override
                                public void onClose(Status status, Metadata trailers) {
                                    if (!deaf) {
                                        super.onClose(loses ? Status.UNKNOWN : status, trailers);
                                    }
                                }
                            },
                            headers);
                }

                @Override
                public void sendMessage(Q message) {
                    if (!(message instanceof TxnRequest txn)) {
                        super.sendMessage(message);
                        return;
                    }
                    CallOptions later = options.withDeadline(null);
                    Supplier<TxnResponse> copy =
                            () -> (TxnResponse) ClientCalls.blockingUnaryCall(next, method, later, message);
                    if (isContend(txn)) {
                        contends.add(copy);
                    }
                    switch (fate(txn)) {
                        case PASS -> super.sendMessage(message);
                        case LOSE_ANSWER -> {
                            loses = true;
                            super.sendMessage(message);
                        }
                        case KEEP -> keep(copy, Status.UNKNOWN);
                        case KEEP_SILENT -> keep(copy, null);
                        case NO_SPACE ->
                            keep(
                                    null,
                                    Status.RESOURCE_EXHAUSTED.withDescription(
                                            "etcdserver: mvcc: database space exceeded"));
                    }
                }

                private void keep(Supplier<TxnResponse> copy, Status answer) {
                    if (copy != null) {
                        kept.add(copy);
                    }
                    deaf = true;
                    super.cancel("kept", null);
                    if (answer != null) {
                        told.onClose(answer, new Metadata());
                    }
                }

                @Override
                public void halfClose() {
                    if (!deaf) {
                        super.halfClose();
                    }
                }
            };
        }
    }
}
