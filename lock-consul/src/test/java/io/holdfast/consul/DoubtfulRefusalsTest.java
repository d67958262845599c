// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockException;
import io.holdfast.LockHandle;
import io.holdfast.spi.LockClock;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.LockScheduler;
import io.holdfast.tck.internal.KitRuntime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Refusals that are the answer to one copy of a contend, while somebody on the way has sent another one. */
class DoubtfulRefusalsTest {
    private static final Duration BOUND = Duration.ofSeconds(20);
    /** More contenders than one transaction takes. */
    private static final int MANY = 70;

    private static final String NO_LEADER = "No cluster leader";

    private final Proxied consul = new Proxied();

    @AfterEach
    void end() {
        consul.close();
    }

    /** Stands between, by a test's own rules. */
    private abstract class Way extends Relay {
        Way() throws IOException {
            super(consul.administrator, Mood.WAKES_FOR_NOTHING);
        }

        LockConfig config() {
            return LockConfig.of("consul://" + endpoint())
                    .with("prefix", consul.prefix)
                    .with("session-ttl-min", "1s")
                    .withLease(Duration.ofSeconds(30));
        }
    }

    private static boolean contends(String body) {
        return body.contains("check-not-exists") && body.contains("get-tree");
    }

    /** UO-4: as of a proxy that asks two servers, one of which has no leader, and is the faster one to say so. */
    @Test
    @DisplayName("UO-4: a copy that comes after its contend was refused creates nothing that stays")
    void aCopyOfARefusedContend() throws Exception {
        AtomicReference<String> refused = new AtomicReference<>();
        Way hedging = new Way() {
            @Override
            Administrator.Answer pass(String method, String path, String body) {
                return contends(body) && refused.compareAndSet(null, body)
                        ? new Administrator.Answer(500, NO_LEADER)
                        : super.pass(method, path, body);
            }
        };
        try (hedging;
                LockClient client = LockClient.open(hedging.config());
                LockClient other = LockClient.open(consul.steady())) {
            assertThatThrownBy(() -> client.tryAcquire("n")).isInstanceOf(LockException.class);
            // Whatever undoes it is done when another contend of the client was.
            await().atMost(BOUND).until(() -> client.metrics().waiting() == 0);
            await().atMost(BOUND)
                    .until(() -> consul.administrator
                                    .ask("PUT", "/v1/txn", refused.get())
                                    .status()
                            == 409);
            assertThat(consul.line("n")).isEmpty();
            other.acquire("n", BOUND).release();
        }
    }

    /** UO-4: the first copy was carried out, the second one is refused, and what there is to see then cannot be looked at. */
    @Test
    @DisplayName("UO-4: a contend whose copy is refused, and after which Consul fails, is undone")
    void aRefusalAfterWhichNothingIsAnswered() throws Exception {
        AtomicInteger contends = new AtomicInteger();
        AtomicBoolean down = new AtomicBoolean();
        Way twice = new Way() {
            @Override
            Administrator.Answer pass(String method, String path, String body) {
                if (down.get() && method.equals("GET") && path.contains("/v1/kv/")) {
                    down.set(false);
                    return new Administrator.Answer(500, NO_LEADER);
                }
                if (contends(body) && body.contains("\"delete-cas\"") && contends.incrementAndGet() == 1) {
                    // Carried out, with the place given up; a stranger
                    // writes that key; the copy is refused at the deletion.
                    String old = key(body, "delete-cas");
                    super.pass(method, path, body);
                    consul.administrator.put(old, "a stranger's");
                    down.set(true);
                }
                return super.pass(method, path, body);
            }
        };
        try (twice;
                LockClient other = LockClient.open(consul.steady())) {
            LockClient client = LockClient.open(twice.config().with("handoff-limit", "0"));
            try {
                LockHandle hold = client.acquire("n");
                CompletableFuture<LockHandle> next = client.acquireAsync("n").toCompletableFuture();
                hold.release();
                next.get(BOUND.toSeconds(), TimeUnit.SECONDS).release();
                assertThat(contends.get()).isPositive();
                assertThat(down.get()).isFalse();
                consul.line("n").stream()
                        .filter(entry -> entry.session().isEmpty())
                        .forEach(entry -> consul.administrator.delete(entry.key()));
                other.acquire("n", BOUND).release();
                await().atMost(BOUND).until(() -> consul.line("n").isEmpty());
            } finally {
                client.close();
            }
        }
    }

    private static String key(String body, String verb) {
        String after = body.substring(body.indexOf("\"" + verb + "\""));
        return after.substring(after.indexOf("\"Key\":\"") + 7).split("\"", 2)[0];
    }

    /** An executor that is not ours may refuse a task, against what it promises. */
    @Test
    @DisplayName("UO-2: an executor that refuses once does not end the undoing")
    void undoingOutlivesARefusal() throws Exception {
        AtomicInteger lost = new AtomicInteger();
        Way lossy = new Way() {
            @Override
            Administrator.Answer pass(String method, String path, String body) {
                Administrator.Answer answer = super.pass(method, path, body);
                return contends(body) && lost.incrementAndGet() <= 2
                        ? new Administrator.Answer(500, "rpc error making call: EOF")
                        : answer;
            }
        };
        try (lossy;
                KitRuntime usual = new KitRuntime()) {
            Refusing runtime = new Refusing(usual);
            try (LockClient client = LockClient.open(lossy.config().withRuntime(runtime))) {
                client.acquire("n", BOUND).release();
                assertThat(runtime.refused.get()).isPositive();
                await().atMost(BOUND).until(() -> consul.line("n").isEmpty());
            }
        }
    }

    /** Refuses the first undo. */
    private static final class Refusing implements LockRuntime {
        private final LockRuntime usual;
        private final AtomicInteger refused = new AtomicInteger();

        Refusing(LockRuntime usual) {
            this.usual = usual;
        }

        @Override
        public LockClock clock() {
            return usual.clock();
        }

        @Override
        public LockScheduler scheduler() {
            return usual.scheduler();
        }

        @Override
        public Executor executor() {
            return task -> {
                boolean undo = StackWalker.getInstance()
                        .walk(frames ->
                                frames.anyMatch(frame -> frame.getClassName().endsWith("Undoing")));
                if (undo && refused.compareAndSet(0, 1)) {
                    throw new RejectedExecutionException("for once");
                }
                usual.executor().execute(task);
            };
        }
    }

    /** LK-1: a close that breaks off after its first request leaves what tells the next client that there is something. */
    @Test
    @DisplayName(
            "LK-1: a close of more keys than one request takes, broken off after the first, leaves nothing for good")
    void aCloseThatBreaksOff() throws Exception {
        AtomicInteger closing = new AtomicInteger();
        AtomicBoolean gone = new AtomicBoolean();
        Way breaks = new Way() {
            @Override
            Administrator.Answer pass(String method, String path, String body) {
                boolean closes = closing.get() > 0;
                if (closes && body.contains("\"delete-cas\"")) {
                    return new Administrator.Answer(500, NO_LEADER); // or nothing would be left for the end
                }
                boolean deletes = closes && body.contains("\"delete\"");
                if (gone.get() || (deletes && closing.incrementAndGet() > 2)) {
                    gone.set(true);
                    return new Administrator.Answer(500, NO_LEADER);
                }
                return super.pass(method, path, body);
            }
        };
        try (breaks) {
            LockClient client = LockClient.open(breaks.config()
                    .with("wait-connections", "0")
                    .with("close-timeout", "6s")
                    .with("operation-timeout", "1s")
                    .withLease(Duration.ofSeconds(20)));
            LockClient holder = LockClient.open(consul.steady());
            List<CompletableFuture<LockHandle>> waiting = new ArrayList<>();
            List<LockHandle> held = new ArrayList<>();
            for (int i = 0; i < MANY; i++) {
                held.add(holder.acquire("n" + i));
                waiting.add(client.acquireAsync("n" + i).toCompletableFuture());
            }
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> consul.administrator.entries(consul.keys.root()).stream()
                                    .filter(LockKeys::isContender)
                                    .count()
                            == 2 * MANY);
            assertThat(held).allMatch(LockHandle::isValid);
            assertThat(waiting).noneMatch(CompletableFuture::isDone);
            closing.set(1);
            client.close();
            assertThat(gone).as("it took more than one request").isTrue();
            holder.close();
            consul.administrator.entries(consul.keys.root()).stream()
                    .map(KeyEntry::session)
                    .distinct()
                    .forEach(consul.administrator::endSession);
            await().atMost(BOUND).untilAsserted(() -> {
                try (LockClient next = LockClient.open(consul.steady())) {
                    assertThat(next.metrics().sessions()).isEqualTo(1);
                    await().atMost(Duration.ofSeconds(5))
                            .untilAsserted(() -> assertThat(consul.administrator.entries(consul.keys.root()))
                                    .filteredOn(LockKeys::isContender)
                                    .isEmpty());
                }
            });
        }
    }
}
