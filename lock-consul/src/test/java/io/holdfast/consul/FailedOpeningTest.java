// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockDeniedException;
import java.io.IOException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rule LK-1: an opening that failed leaves no session, though Consul has made one; its lease is long here, so none ends by itself. */
class FailedOpeningTest {
    private static final String CREATE = "/session/create";
    private static final String ELECTION = "rpc error making call: leadership lost while committing log";

    private final Proxied consul = new Proxied();
    private final String label = "opener-" + UUID.randomUUID();

    @AfterEach
    void end() {
        consul.close();
    }

    /** Requests go to Consul, and some of their answers get lost. */
    private abstract class Way extends Relay {
        final AtomicInteger created = new AtomicInteger();

        Way() throws IOException {
            super(consul.administrator, Mood.WAKES_FOR_NOTHING);
        }

        @Override
        Administrator.Answer pass(String method, String path, String body) {
            Administrator.Answer answer = super.pass(method, path, body);
            if (path.contains(CREATE)) {
                created.incrementAndGet();
            }
            return answered(path, answer);
        }

        /** What the client gets to see of an answer. */
        abstract Administrator.Answer answered(String path, Administrator.Answer answer);

        LockConfig config() {
            return LockConfig.of("consul://" + endpoint())
                    .with("prefix", consul.prefix)
                    .with("session-ttl-min", "1s")
                    .withLabel(label)
                    .with("operation-timeout", "500ms")
                    .with("connect-timeout", "20s")
                    .withLease(Duration.ofMinutes(10));
        }
    }

    private long sessions() {
        return consul.administrator.sessions().stream()
                .filter(session -> session.get("Name").getAsString().contains(label))
                .count();
    }

    /** An election: the session is made, and the answer is an error. */
    @Test
    @DisplayName(
            "LK-1: a session that was made by a request that was answered with an error is gone when the client is open")
    void aSessionWhoseAnswerWasAnError() throws Exception {
        Way way = new Way() {
            @Override
            Administrator.Answer answered(String path, Administrator.Answer answer) {
                return path.contains(CREATE) && created.get() == 1 ? new Administrator.Answer(500, ELECTION) : answer;
            }
        };
        try (way) {
            try (LockClient client = LockClient.open(way.config())) {
                assertThat(way.created).hasValue(2);
                assertThat(sessions()).isEqualTo(1);
                client.acquire("n").release();
            }
            assertThat(sessions()).isZero();
        }
    }

    /** OP-1: it is no matter of rights, and the next try has a session of the node that is there now. */
    @ParameterizedTest(name = "and is back: {0}")
    @ValueSource(booleans = {true, false})
    @DisplayName("OP-1: a node that leaves Consul while a session is opened refuses nobody")
    void aNodeThatLeavesMeanwhile(boolean isBack) throws Exception {
        AtomicInteger looks = new AtomicInteger();
        Way way = new Way() {
            @Override
            Administrator.Answer answered(String path, Administrator.Answer answer) {
                if (!path.startsWith("/v1/catalog/node/") || looks.incrementAndGet() > 1) {
                    return answer;
                }
                consul.administrator.sessions().stream()
                        .filter(session -> session.get("Name").getAsString().contains(label))
                        .forEach(session -> consul.administrator.endSession(
                                session.get("ID").getAsString()));
                return new Administrator.Answer(
                        200,
                        isBack
                                ? answer.body().replaceAll("\"CreateIndex\": ?[0-9]+", "\"CreateIndex\":123456789")
                                : "null");
            }
        };
        try (way) {
            try (LockClient client = LockClient.open(way.config())) {
                assertThat(way.created).hasValue(2);
                client.acquire("n").release();
            }
            assertThat(sessions()).isZero();
        }
    }

    @Test
    @DisplayName("LK-1: a session is gone, too, whose opening failed behind its creation")
    void aSessionWhoseOwnKeyWasNotWritten() throws Exception {
        AtomicInteger transactions = new AtomicInteger();
        Way way = new Way() {
            @Override
            Administrator.Answer answered(String path, Administrator.Answer answer) {
                return path.startsWith("/v1/txn") && transactions.incrementAndGet() == 1
                        ? new Administrator.Answer(500, ELECTION)
                        : answer;
            }
        };
        try (way) {
            try (LockClient client = LockClient.open(way.config())) {
                assertThat(way.created).hasValue(2);
                assertThat(sessions()).isEqualTo(1);
                assertThat(client.metrics().sessions()).isEqualTo(1);
                await().untilAsserted(() -> assertThat(consul.administrator.entries(consul.keys.sessions()))
                        .allMatch(entry -> !entry.isDead()));
            }
            assertThat(sessions()).isZero();
        }
    }

    /**
     * In a client that lives, whose session was ended: the write of the next one's own keys is overtaken by their deletion, and the answer
     * to that session's end is lost.
     */
    @Test
    @DisplayName("LK-1: an opening whose write comes late leaves no keys of a session that is found no more")
    void aWriteThatComesWhileItsSessionIsEnded() throws Exception {
        AtomicBoolean armed = new AtomicBoolean();
        AtomicReference<String> write = new AtomicReference<>();
        AtomicInteger ends = new AtomicInteger();
        Relay way = new Relay(consul.administrator, Relay.Mood.WAKES_FOR_NOTHING) {
            @Override
            Administrator.Answer pass(String method, String path, String body) {
                boolean opens = armed.get() && body.contains("-journal") && !body.contains("\"delete");
                if (opens && write.compareAndSet(null, body)) {
                    return new Administrator.Answer(500, ELECTION);
                }
                if (ends(path, write.get()) && ends.incrementAndGet() == 1) {
                    assertThat(super.pass("PUT", "/v1/txn", write.get()).status())
                            .isEqualTo(200);
                    super.pass(method, path, body);
                    return new Administrator.Answer(500, ELECTION);
                }
                return super.pass(method, path, body);
            }
        };
        try (way) {
            LockConfig config = LockConfig.of("consul://" + way.endpoint())
                    .with("prefix", consul.prefix)
                    .with("session-ttl-min", "1s")
                    .withLabel(label)
                    .withLease(Duration.ofMinutes(10));
            try (LockClient client = LockClient.open(config)) {
                consul.administrator.sessions().stream()
                        .filter(session -> session.get("Name").getAsString().contains(label))
                        .forEach(session -> consul.administrator.endSession(
                                session.get("ID").getAsString()));
                // Or there would be something left already that the next session sees, and looks for all of it.
                consul.administrator
                        .entries(consul.keys.root())
                        .forEach(entry -> consul.administrator.delete(entry.key()));
                armed.set(true);
                client.acquire("n").release();
                await().until(() -> ends.get() > 0);
            }
            assertThat(sessions()).isZero();
            assertThat(consul.administrator.entries(consul.keys.root())).isEmpty();
        }
    }

    private static boolean ends(String path, @Nullable String write) {
        String[] parts = path.split("/destroy/", 2);
        return parts.length == 2 && write != null && write.contains(parts[1]);
    }

    /** What does not pass is not tried again: it has to clean up behind itself. */
    @Test
    @DisplayName("LK-1: an opening that is refused for good takes its session back")
    void aSessionThatMayNotBeUsed() throws Exception {
        AtomicInteger transactions = new AtomicInteger();
        Way way = new Way() {
            @Override
            Administrator.Answer answered(String path, Administrator.Answer answer) {
                return path.startsWith("/v1/txn") && transactions.incrementAndGet() == 1
                        ? new Administrator.Answer(403, "Permission denied")
                        : answer;
            }
        };
        try (way) {
            assertThatThrownBy(() -> LockClient.open(way.config())).isInstanceOf(LockDeniedException.class);
            assertThat(way.created).hasValue(1);
            assertThat(sessions()).isZero();
        }
    }

    /** In a client that lives: the request itself is late, and nothing is there when the next try looks. */
    @Test
    @DisplayName(
            "LK-1: a session that is made after its opening was given up goes with the client's next renewal or its close")
    void aSessionThatIsMadeLate() throws Exception {
        CountDownLatch open = new CountDownLatch(1);
        AtomicInteger asked = new AtomicInteger();
        CompletableFuture<Void> late = new CompletableFuture<>();
        Relay way = new Relay(consul.administrator, Relay.Mood.WAKES_FOR_NOTHING) {
            @Override
            Administrator.Answer pass(String method, String path, String body) {
                if (!path.contains(CREATE) || asked.incrementAndGet() != 2) {
                    return super.pass(method, path, body);
                }
                CompletableFuture.runAsync(() -> {
                    awaitQuietly(open);
                    super.pass(method, path, body);
                    late.complete(null);
                });
                return new Administrator.Answer(500, ELECTION);
            }
        };
        try (way) {
            LockConfig config = LockConfig.of("consul://" + way.endpoint())
                    .with("prefix", consul.prefix)
                    .with("session-ttl-min", "1s")
                    .withLabel(label)
                    .withLease(Duration.ofMinutes(10));
            try (LockClient client = LockClient.open(config)) {
                consul.administrator.sessions().stream()
                        .filter(session -> session.get("Name").getAsString().contains(label))
                        .forEach(session -> consul.administrator.endSession(
                                session.get("ID").getAsString()));
                client.acquire("n").release(); // in another session, the second to be asked for of which is late
                assertThat(asked).hasValue(3);
                open.countDown();
                late.join();
                assertThat(sessions()).isEqualTo(2);
            }
            assertThat(sessions()).isZero();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
