// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.api.TxnResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Contender.Answer;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import io.holdfast.tck.internal.KitRuntime;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Contenders without an engine: their stages complete on every path (rule SP-3), and their removal is asked for once (UO-2). */
class ContenderTest {
    private final EtcdSettings settings = EtcdSettings.DEFAULTS
            .withPrefix("contender-" + UUID.randomUUID())
            .withOperationTimeout(Duration.ofSeconds(1));
    private final KitRuntime runtime = new KitRuntime();
    private final Mangled answers = new Mangled();
    private TcpProxy proxy;
    private Etcd etcd;
    private Client jetcd;
    private EtcdBackend backend;
    private long ids;

    @BeforeEach
    void open() {
        var node = Servers.shared(StoreKind.ETCD_3_4).node(1);
        etcd = Etcd.at(node.endpoint());
        proxy = TcpProxy.to(node.address());
        jetcd = Client.builder()
                .endpoints("http://" + proxy.endpoint())
                .keepaliveWithoutCalls(false)
                .interceptor(answers)
                .build();
        backend = EtcdBackend.using(jetcd, settings);
    }

    @AfterEach
    void nothingIsLeft() {
        proxy.heal();
        etcd.endSessions(settings.prefix());
        assertThat(etcd.under(settings.prefix())).isEmpty();
        backend.close();
        jetcd.close();
        etcd.close();
        proxy.close();
        runtime.close();
    }

    private static <T> T soon(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private LockSession session() throws Exception {
        SessionEvents deaf = new SessionEvents() {
            @Override
            public void sessionLost(String why) {}

            @Override
            public void grantLost(Grant grant, String why) {}
        };
        return soon(backend.openSession(new SessionOptions(Duration.ofMinutes(5), "test", runtime), deaf));
    }

    private Contender contend(LockSession session) {
        Contender contender = session.contend(LockRequest.exclusive("n", ++ids, true, null));
        contender.start();
        return contender;
    }

    private int inLine() {
        return etcd.line(settings.prefix(), "n").size();
    }

    /** A second undo under way could delete the key of a later contender in the same slot. */
    @Test
    void twoWithdrawalsAtOnceAskEtcdOnce() throws Exception {
        LockSession session = session();
        proxy.replies().blackHole();
        Contender unanswered = contend(session);
        await().until(() -> inLine() == 1);
        assertThatThrownBy(() -> soon(unanswered.answered()))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(LockOutcomeUnknownException.class);
        proxy.heal();
        proxy.resetAll();
        proxy.requests().freeze();
        long before = answers.transactions;
        CompletionStage<?> one = unanswered.withdraw();
        CompletionStage<?> two = unanswered.withdraw();
        proxy.requests().thaw();
        soon(one);
        soon(two);
        soon(unanswered.withdraw());
        assertThat(inLine()).isZero();
        assertThat(answers.transactions - before)
                .as("an undo, and the deletion of what it found")
                .isEqualTo(2);
    }

    /** One that failed is asked for again. */
    @Test
    void aWithdrawalWithoutAnswerIsAskedForAgain() throws Exception {
        LockSession session = session();
        Contender holding = contend(session);
        assertThat(soon(holding.answered())).isEqualTo(Answer.GRANTED);
        proxy.replies().blackHole();
        CompletionStage<?> lost = holding.withdraw();
        assertThatThrownBy(() -> soon(lost)).hasCauseInstanceOf(LockOutcomeUnknownException.class);
        proxy.heal();
        proxy.resetAll();
        soon(holding.withdraw());
        assertThat(inLine()).isZero();
    }

    @Test
    void whoWaitsWhenTheBackendIsClosedIsTold() throws Exception {
        Contender holding = contend(session());
        assertThat(soon(holding.answered())).isEqualTo(Answer.GRANTED);
        Contender waiting = contend(session());
        assertThat(soon(waiting.answered())).isEqualTo(Answer.WAITING);
        assertThat(waiting.granted().toCompletableFuture()).isNotDone();
        backend.close();
        assertThat(soon(waiting.granted())).isNull();
        assertThat(soon(holding.granted())).as("what was granted stays so").isNotNull();
    }

    /** The request is on its way as the session ends: its answer still comes, and the wait ends with it. */
    @Test
    void whoseAnswerComesAfterTheSessionEndedIsToldToo() throws Exception {
        Contender holding = contend(session());
        assertThat(soon(holding.answered())).isEqualTo(Answer.GRANTED);
        LockSession session = session();
        proxy.replies().freeze();
        Contender asked = contend(session);
        await().until(() -> inLine() == 2);
        backend.close();
        assertThat(asked.granted().toCompletableFuture()).isNotDone();
        proxy.replies().thaw();
        assertThat(soon(asked.answered())).isEqualTo(Answer.WAITING);
        assertThat(soon(asked.granted())).isNull();
    }

    @Test
    void anAnswerThatIsNoneLeavesNoStageOpenAndIsUndone() throws Exception {
        LockSession session = session();
        answers.empty = true;
        Contender puzzled = contend(session);
        assertThatThrownBy(() -> soon(puzzled.answered())).hasCauseInstanceOf(LockOutcomeUnknownException.class);
        assertThat(soon(puzzled.granted())).isNull();
        assertThat(inLine()).isEqualTo(1);
        answers.empty = false;
        soon(puzzled.withdraw());
        assertThat(inLine()).isZero();
        Contender next = contend(session);
        assertThat(soon(next.answered())).isEqualTo(Answer.GRANTED);
        soon(next.withdraw());
    }

    /** Counts transactions, and can take out of their answers all that was asked for. */
    private static final class Mangled implements ClientInterceptor {
        volatile boolean empty;
        volatile long transactions;

        @Override
        public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            ClientCall<Q, A> call = next.newCall(method, options);
            if (!method.getFullMethodName().endsWith("/Txn")) {
                return call;
            }
            return new SimpleForwardingClientCall<>(call) {
                @Override
                public void start(Listener<A> listener, Metadata headers) {
                    count();
                    super.start(
                            new SimpleForwardingClientCallListener<>(listener) {
                                @Override
                                @SuppressWarnings("unchecked")
                                public void onMessage(A message) {
                                    super.onMessage(
                                            empty
                                                    ? (A) ((TxnResponse) message)
                                                            .toBuilder()
                                                                    .clearResponses()
                                                                    .build()
                                                    : message);
                                }
                            },
                            headers);
                }
            };
        }

        private synchronized void count() {
            transactions++;
        }
    }
}
