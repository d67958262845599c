// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.Client;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.holdfast.LockDeniedException;
import io.holdfast.LockException;
import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.LockUnavailableException;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Rule UO-7: what an error answer says of the request, and what is done then, on a server that has carried it out or never got it. */
class EffectTest {
    private final EtcdSettings settings =
            EtcdSettings.DEFAULTS.withPrefix("effect-" + UUID.randomUUID()).withOperationTimeout(Duration.ofSeconds(1));
    private final KitRuntime runtime = new KitRuntime();
    private final Liar liar = new Liar();
    private Etcd etcd;
    private Client jetcd;
    private EtcdBackend backend;
    private long ids;

    @BeforeEach
    void open() {
        String endpoint = Servers.shared(StoreKind.ETCD_3_5).node(1).endpoint();
        etcd = Etcd.at(endpoint);
        jetcd = Client.builder()
                .endpoints("http://" + endpoint)
                .keepaliveWithoutCalls(false)
                .retryDelay(10) // jetcd's own, for login tokens that were refused
                .retryMaxDelay(20)
                .interceptor(liar)
                .build();
        backend = EtcdBackend.using(jetcd, settings);
    }

    @AfterEach
    void nothingIsLeft() {
        etcd.endSessions(settings.prefix());
        assertThat(etcd.under(settings.prefix())).isEmpty();
        backend.close();
        jetcd.close();
        etcd.close();
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

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    RESOURCE_EXHAUSTED | etcdserver: mvcc: database space exceeded
                    RESOURCE_EXHAUSTED | gRPC message exceeds maximum size 4194304: 5000000
                    UNAVAILABLE        | etcdserver: request timed out
                    UNAVAILABLE        | etcdserver: request timed out, possibly due to previous leader failure
                    UNAVAILABLE        | etcdserver: leader changed
                    UNAVAILABLE        | etcdserver: server stopped
                    UNAVAILABLE        | Network closed for unknown reason
                    UNAVAILABLE        | HTTP status code 503
                    DEADLINE_EXCEEDED  | deadline exceeded [remote_addr=/127.0.0.1:2379]
                    CANCELLED          | etcdserver: request canceled
                    DATA_LOSS          | etcdserver: corrupt cluster
                    INTERNAL           | RST_STREAM closed stream
                    UNKNOWN            | raft proposal dropped
                    ABORTED            | some words of a release to come
                    NOT_FOUND          | some words of a release to come
                    """)
    void whatMayHaveBeenCarriedOutIsUndone(Status.Code code, String words) throws Exception {
        LockSession session = session();
        liar.carryOutAndSay(code, words);
        Contender doubtful = contend(session);
        assertThatThrownBy(() -> soon(doubtful.answered())).hasCauseInstanceOf(LockOutcomeUnknownException.class);
        assertThat(soon(doubtful.granted())).isNull();
        liar.tellTheTruth();
        assertThat(inLine()).as("it was carried out").isEqualTo(1);
        soon(doubtful.withdraw());
        assertThat(inLine()).isZero();
        goesOn(session);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    INVALID_ARGUMENT    | etcdserver: request is too large           | unavailable
                    INVALID_ARGUMENT    | etcdserver: revision of auth store is old  | unavailable
                    FAILED_PRECONDITION | etcdserver: not leader                     | unavailable
                    OUT_OF_RANGE        | etcdserver: mvcc: required revision has been compacted | unavailable
                    NOT_FOUND           | etcdserver: requested lease not found      | unavailable
                    UNIMPLEMENTED       | unknown service etcdserverpb.KV            | unavailable
                    PERMISSION_DENIED   | etcdserver: permission denied              | denied
                    UNAUTHENTICATED     | etcdserver: invalid auth token             | denied
                    INVALID_ARGUMENT    | etcdserver: authentication failed, invalid user ID or password | denied
                    """)
    void whatSurelyDidNothingNeedsNoUndo(Status.Code code, String words, String told) throws Exception {
        LockSession session = session();
        liar.dropAndSay(code, words);
        Contender refused = contend(session);
        Class<? extends LockException> type =
                told.equals("denied") ? LockDeniedException.class : LockUnavailableException.class;
        assertThatThrownBy(() -> soon(refused.answered())).hasCauseInstanceOf(type);
        liar.tellTheTruth();
        long before = liar.transactions;
        soon(refused.withdraw());
        assertThat(liar.transactions).as("no undo").isEqualTo(before);
        if (!words.contains("lease not found")) {
            goesOn(session);
        }
    }

    /** The answer of a member that does not serve now is that to one copy: a proxy that asks two members has sent another one. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    RESOURCE_EXHAUSTED  | etcdserver: too many requests
                    UNAVAILABLE         | etcdserver: not capable
                    UNAVAILABLE         | etcdserver: no leader
                    UNAVAILABLE         | etcdserver: rpc not supported for learner
                    """)
    @DisplayName("UO-4: a copy of a contend that one member refused creates nothing that stays")
    void aCopyOfWhatOneMemberRefused(Status.Code code, String words) throws Exception {
        LockSession session = session();
        liar.carryOutAndSay(code, words);
        Contender refused = contend(session);
        assertThatThrownBy(() -> soon(refused.answered())).isNotNull();
        liar.tellTheTruth();
        assertThat(inLine()).as("the other copy was carried out").isEqualTo(1);
        soon(refused.withdraw());
        assertThat(inLine()).isZero();
        goesOn(session);
    }

    /** What a member did not look at goes to another one, or to the same one again. */
    @ParameterizedTest
    @CsvSource({"etcdserver: no leader", "etcdserver: rpc not supported for learner"})
    void whatAMemberDidNotLookAtIsAskedAgain(String words) throws Exception {
        LockSession session = session();
        liar.dropAndSay(Status.Code.UNAVAILABLE, words);
        Contender patient = contend(session);
        long before = liar.transactions;
        await().until(() -> liar.transactions > before);
        liar.tellTheTruth();
        assertThat(soon(patient.answered())).isEqualTo(Answer.GRANTED);
        soon(patient.withdraw());
    }

    /** The engine asks again for what has this outcome, until close-timeout has passed. */
    @ParameterizedTest
    @CsvSource({
        "UNAVAILABLE, etcdserver: no leader, true",
        "UNAVAILABLE, etcdserver: not capable, true",
        "RESOURCE_EXHAUSTED, etcdserver: too many requests, true",
        "UNAVAILABLE, etcdserver: leader changed, true",
        "PERMISSION_DENIED, etcdserver: permission denied, false",
    })
    @DisplayName("CL-1: the end of a session that a member does not serve now has an unknown outcome")
    void theEndOfASession(Status.Code code, String words, boolean again) throws Exception {
        LockSession session = session();
        liar.about = "/LeaseRevoke";
        liar.dropAndSay(code, words);
        assertThatThrownBy(() -> soon(session.close()))
                .hasCauseInstanceOf(again ? LockOutcomeUnknownException.class : LockDeniedException.class);
        liar.tellTheTruth();
        soon(session.close());
    }

    private void goesOn(LockSession session) throws Exception {
        Contender next = contend(session);
        assertThat(soon(next.answered())).isEqualTo(Answer.GRANTED);
        soon(next.withdraw());
    }

    @Test
    @DisplayName("the page's table is the code's")
    void thePageSaysTheSame() throws Exception {
        String page = Files.readString(Path.of("../docs/backends/etcd.md"));
        for (Effect.Answer answer : Effect.TABLE) {
            String effect = answer.elsewhere() ? "nothing; asked again" : Effect.shown(answer.effect());
            String words =
                    answer.words().isEmpty() ? "any" : "`" + answer.words().strip() + "`";
            assertThat(page).contains("| `" + answer.code() + "` | " + words + " | " + effect + " |");
        }
    }

    @ParameterizedTest
    @EnumSource(Status.Code.class)
    void whatIsNotInTheTableIsOpen(Status.Code code) {
        Effect effect = Effect.of(
                code.toStatus().withDescription("words that nobody knows").asRuntimeException());
        List<String> any = Effect.TABLE.stream()
                .filter(answer -> answer.words().isEmpty())
                .map(answer -> answer.code().name())
                .toList();
        assertThat(effect).isEqualTo(any.contains(code.name()) ? Effect.NONE : Effect.OPEN);
        assertThat(code.name().toLowerCase(Locale.ROOT)).isNotEmpty();
    }

    /** Lets requests of one kind through and tells another answer, or does not let them through. */
    private static final class Liar implements ClientInterceptor {
        private volatile Status lie;
        private volatile boolean drops;
        volatile String about = "/Txn";
        volatile long transactions;

        void carryOutAndSay(Status.Code code, String words) {
            drops = false;
            lie = code.toStatus().withDescription(words);
        }

        void dropAndSay(Status.Code code, String words) {
            drops = true;
            lie = code.toStatus().withDescription(words);
        }

        void tellTheTruth() {
            lie = null;
        }

        private synchronized void count() {
            transactions++;
        }

        @Override
        public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            Status said = lie;
            boolean mayPass = !drops;
            if (!method.getFullMethodName().endsWith(about)) {
                return next.newCall(method, options);
            }
            count();
            if (said == null) {
                return next.newCall(method, options);
            }
            if (!mayPass) {
                return new Refused<>(said);
            }
            return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
                @Override
                public void start(Listener<A> listener, Metadata headers) {
                    super.start(
                            new SimpleForwardingClientCallListener<>(listener) {
                                @Override
                                public void onMessage(A message) {}

                                @Override
                                public void onClose(Status status, Metadata trailers) {
                                    super.onClose(said, trailers);
                                }
                            },
                            headers);
                }
            };
        }
    }

    /** A call that is refused as it is sent. */
    private static final class Refused<Q, A> extends ClientCall<Q, A> {
        private final Status said;
        private Listener<A> listener;

        Refused(Status said) {
            this.said = said;
        }

        @Override
        public void start(Listener<A> answers, Metadata headers) {
            listener = answers;
        }

        @Override
        public void request(int messages) {}

        @Override
        public void cancel(String why, Throwable cause) {}

        @Override
        public void sendMessage(Q message) {}

        @Override
        public void halfClose() {
            listener.onClose(said, new Metadata());
        }
    }
}
