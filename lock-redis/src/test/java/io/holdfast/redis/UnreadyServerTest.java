// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockDeniedException;
import io.holdfast.LockException;
import io.holdfast.LockHandle;
import io.holdfast.LockUnavailableException;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A server that answers and does not serve: it reads its data, or is in protected mode. */
class UnreadyServerTest {
    private static final Duration LEASE = Duration.ofMinutes(2);

    /** With 5 ms each, it loads for 50 s, unless it is told to hurry. */
    private static final int KEYS = 10_000;

    /** For as long as it reads its data it answers {@code -LOADING}; what was held before is there after it. */
    @Test
    void whileItLoadsNothingIsTakenAndAWaitRidesThrough() throws Exception {
        try (StoreServer server = StoreKind.REDIS_7
                        .spec()
                        .durable()
                        .line("key-load-delay 5000")
                        .line("loading-process-events-interval-bytes 1024")
                        .start();
                LockClient client = open(server, LEASE)) {
            LockHandle hold = client.acquire("held");
            fill(server);
            server.kill();
            CompletableFuture<Void> started = CompletableFuture.runAsync(server::start);
            awaitLoading(server);
            List<LockException> refusals = new ArrayList<>();
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                try {
                    return client.tryAcquire("new").isPresent() || started.isDone();
                } catch (LockException e) {
                    refusals.add(e);
                    return stack(e).contains("LOADING");
                }
            });
            assertThat(started).as("it loads still").isNotDone();
            assertThat(refusals.get(refusals.size() - 1)).isInstanceOf(LockUnavailableException.class);
            assertThatThrownBy(() -> open(server, LEASE)).isInstanceOf(LockUnavailableException.class);
            assertThat(started).as("it loads still").isNotDone();
            try (Resp redis = Resp.open(server.node(1).address())) {
                redis.line("CONFIG SET key-load-delay 0");
            }
            assertThat(client.acquire("new", Duration.ofMinutes(1)).isValid()).isTrue();
            started.join();
            assertThat(hold.isValid()).isTrue();
            assertThat(client.lock("held").inspect().isHeld()).isTrue();
        }
    }

    private static LockClient open(StoreServer server, Duration lease) {
        return LockClient.open(LockConfig.of("redis://" + server.endpoints()).withLease(lease));
    }

    private static void awaitLoading(StoreServer server) {
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            try (Resp redis = Resp.open(server.node(1).address())) {
                redis.line("PING");
                return false;
            } catch (UncheckedIOException notYet) {
                return false;
            } catch (Resp.Refusal refusal) {
                return refusal.getMessage().startsWith("LOADING");
            }
        });
    }

    private static void fill(StoreServer server) {
        try (Resp redis = Resp.open(server.node(1).address())) {
            String script = "for i = 1, " + KEYS + " do redis.call('SET', 'filler' .. i, 'x') end";
            redis.ask("EVAL", script, "0");
            // Else it would read its log, and look up for requests once in a thousand commands only.
            redis.line("BGREWRITEAOF");
            await().until(() -> redis.text("INFO", "persistence")
                    .lines()
                    .toList()
                    .containsAll(List.of("aof_rewrite_in_progress:0", "aof_rewrite_scheduled:0")));
        }
    }

    /** Redis refuses clients from other hosts as long as no password is set; here, from an address that is not of the loopback. */
    @Test
    void protectedModeIsDeniedWithWhatRedisSays() throws Exception {
        try (StoreServer server =
                        StoreKind.REDIS_7.spec().line("protected-mode yes").start();
                Relay relay = Relay.fromAnotherAddress(server.node(1).address())) {
            assertThatThrownBy(() -> LockClient.open(LockConfig.of("redis://" + relay.endpoint())))
                    .isInstanceOf(LockDeniedException.class)
                    .hasStackTraceContaining("protected mode");
            try (Resp redis = Resp.open(server.node(1).address())) {
                redis.line("CONFIG SET protected-mode no");
            }
            LockClient.open(LockConfig.of("redis://" + relay.endpoint())).close();
        }
    }

    private static String stack(Throwable failure) {
        java.io.StringWriter out = new java.io.StringWriter();
        failure.printStackTrace(new java.io.PrintWriter(out));
        return out.toString();
    }
}
