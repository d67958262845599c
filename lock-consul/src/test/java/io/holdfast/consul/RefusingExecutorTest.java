// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.ecwid.consul.v1.ConsulRawClient;
import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.spi.LockClock;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.LockScheduler;
import io.holdfast.tck.internal.KitRuntime;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.http.impl.client.HttpClients;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** An executor that is not ours refuses what a part of the backend hands in, as one does that is full or was shut down. */
class RefusingExecutorTest {
    /** No renewal comes to anybody's help within the test's bounds. */
    private static final Duration RARELY_RENEWED = Duration.ofMinutes(5);

    private final Proxied consul = new Proxied();
    private final KitRuntime usual = new KitRuntime();

    @AfterEach
    void end() {
        consul.close();
        usual.close();
    }

    /** Refuses, while it is told to, what comes from one class. */
    private final class Refusing implements LockRuntime {
        private final Set<String> from;
        private final AtomicBoolean refuses = new AtomicBoolean();
        private final AtomicInteger refused = new AtomicInteger();
        private final AtomicInteger ran = new AtomicInteger();

        Refusing(String... from) {
            this.from = Set.of(from);
        }

        /** The class that a lambda or an inner class is part of. */
        private static String classOf(String name) {
            return name.replaceFirst("\\$.*", "").replaceFirst(".*\\.", "");
        }

        private void ask() {
            boolean theirs = StackWalker.getInstance()
                    .walk(frames -> frames.anyMatch(frame -> from.contains(classOf(frame.getClassName()))));
            if (theirs) {
                ran.incrementAndGet();
            }
            if (refuses.get() && theirs) {
                refused.incrementAndGet();
                throw new RejectedExecutionException("full");
            }
        }

        @Override
        public LockClock clock() {
            return usual.clock();
        }

        @Override
        public LockScheduler scheduler() {
            return (task, nanos) -> {
                ask();
                return usual.scheduler().schedule(task, nanos);
            };
        }

        @Override
        public Executor executor() {
            return task -> {
                ask();
                usual.executor().execute(task);
            };
        }
    }

    /** The query that all share is to go on after its pause, and finds no thread. */
    @Test
    @DisplayName("WA-7: a query that found no thread goes on all the same")
    void aQueryThatFoundNoThread() throws Exception {
        Refusing runtime = new Refusing("Watch", "Tasks");
        try (LockClient holder = LockClient.open(consul.steady());
                LockClient client = LockClient.open(consul.steady()
                        .withLease(RARELY_RENEWED)
                        .with("wait-connections", "0")
                        .withRuntime(runtime))) {
            LockHandle first = holder.acquire("a");
            LockHandle second = holder.acquire("b");
            CompletableFuture<LockHandle> early = client.acquireAsync("a").toCompletableFuture();
            await().until(() -> consul.line("a").size() == 2);
            runtime.refuses.set(true);
            holder.acquire("noise").release();
            await().atMost(Duration.ofSeconds(20)).until(() -> runtime.refused.get() > 0);
            runtime.refuses.set(false);
            CompletableFuture<LockHandle> late = client.acquireAsync("b").toCompletableFuture();
            await().until(() -> consul.line("b").size() == 2);
            second.release();
            late.get(20, TimeUnit.SECONDS).release();
            first.release();
            early.get(20, TimeUnit.SECONDS).release();
        }
    }

    /** None is to be had for longer: whoever waits begins anew with its next renewal. */
    @Test
    @DisplayName("WA-7: a query that found no thread again and again begins anew")
    void aQueryThatWasGivenUp() throws Exception {
        Refusing runtime = new Refusing("Watch", "Tasks");
        try (LockClient holder = LockClient.open(consul.steady());
                LockClient client = LockClient.open(consul.steady()
                        .withLease(Duration.ofSeconds(6))
                        .with("poll-interval", "1s")
                        .with("wait-connections", "0")
                        .withRuntime(runtime))) {
            LockHandle hold = holder.acquire("a");
            CompletableFuture<LockHandle> waiting = client.acquireAsync("a").toCompletableFuture();
            await().until(() -> consul.line("a").size() == 2);
            runtime.refuses.set(true);
            await().atMost(Duration.ofSeconds(20)).until(() -> runtime.refused.get() > 5);
            runtime.refuses.set(false);
            int refused = runtime.refused.get();
            runtime.ran.set(0);
            await().atMost(Duration.ofSeconds(20)).until(() -> runtime.ran.get() > 5);
            assertThat(runtime.refused.get()).isEqualTo(refused);
            hold.release();
            waiting.get(20, TimeUnit.SECONDS).release();
        }
    }

    /** What no thread of its own client asks for any more is asked for by who lives. */
    @Test
    @DisplayName("LK-1: the end of a session is asked for though its client's threads have ended")
    void theEndOfASessionWhoseThreadsHaveEnded() throws Exception {
        AtomicReference<String> lost = new AtomicReference<>();
        AtomicBoolean healed = new AtomicBoolean();
        Refusing runtime = new Refusing("Unclosed");
        Relay way = new Relay(consul.administrator, Relay.Mood.WAKES_FOR_NOTHING) {
            @Override
            Administrator.Answer pass(String method, String path, String body) {
                String old = lost.get();
                if (old == null || healed.get()) {
                    return super.pass(method, path, body);
                }
                if (path.contains("/session/renew/" + old) || path.contains("~session/" + old)) {
                    return new Administrator.Answer(404, path.contains("renew") ? "Session id not found" : "", "1");
                }
                return body.contains("\"delete") && body.contains(old)
                        ? new Administrator.Answer(500, "No cluster leader")
                        : super.pass(method, path, body);
            }
        };
        ConsulBackend backend = ConsulBackend.using(
                new ConsulRawClient(
                        HttpClients.createDefault(),
                        "127.0.0.1",
                        Integer.parseInt(way.endpoint().replaceFirst(".*:", "")),
                        ConsulRawClient.DEFAULT_PATH),
                ConsulSettings.DEFAULTS
                        .withPrefix(consul.prefix)
                        .withShortestLease(Duration.ofSeconds(1))
                        .withOperationTimeout(Duration.ofSeconds(2)));
        LockConfig config = LockConfig.load().withPrefix(consul.prefix).withLease(Duration.ofSeconds(6));
        try (way;
                LockClient other = LockClient.open(backend, config);
                LockClient client = LockClient.open(backend, config.withRuntime(runtime))) {
            client.acquire("n");
            String old = consul.line("n").get(0).session();
            runtime.refuses.set(true);
            lost.set(old);
            await().atMost(Duration.ofMinutes(1)).until(() -> runtime.refused.get() > 0);
            await().atMost(Duration.ofMinutes(1)).until(() -> consul.administrator.sessions().stream()
                    .noneMatch(one -> one.get("ID").getAsString().equals(old)));
            healed.set(true);
            await().atMost(Duration.ofMinutes(1))
                    .untilAsserted(() -> assertThat(consul.administrator.entries(consul.keys.root()))
                            .extracting(KeyEntry::key)
                            .noneMatch(key -> key.contains(old)));
            assertThat(client.metrics().sessions()).isEqualTo(1);
            assertThat(other.metrics().sessions())
                    .as("a new one would have swept")
                    .isEqualTo(1);
        } finally {
            backend.close();
        }
    }
}
