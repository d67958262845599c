// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.spi.LockClock;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.LockScheduler;
import io.holdfast.tck.internal.KitRuntime;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A scheduler that is not ours refuses what a request hands in, and takes it again later. */
class RefusingSchedulerTest {
    private final String prefix = "refused-" + UUID.randomUUID();
    private final String user = "mute-" + UUID.randomUUID();

    private static final class Refusing implements LockRuntime {
        private final LockRuntime usual;
        private final AtomicBoolean refuses = new AtomicBoolean();
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
            return (task, nanos) -> {
                // As it is sent: what an answer plans comes through the same class.
                boolean ofARequest = StackWalker.getInstance()
                        .walk(frames ->
                                frames.anyMatch(frame -> frame.getMethodName().equals("limited")));
                if (refuses.get() && ofARequest) {
                    refused.incrementAndGet();
                    throw new RejectedExecutionException("full");
                }
                return usual.scheduler().schedule(task, nanos);
            };
        }

        @Override
        public Executor executor() {
            return usual.executor();
        }
    }

    /** Its holder may not publish, so that a look is all that tells of the release; renewals come too seldom to help. */
    @Test
    @DisplayName("WA-7: a look that could not be sent is not the last one")
    void aLookThatCouldNotBeSent() throws Exception {
        var address = Servers.shared(StoreKind.REDIS_7).node(1).address();
        String host = "127.0.0.1:" + address.getPort();
        try (Resp redis = Resp.open(address);
                KitRuntime usual = new KitRuntime()) {
            redis.ask("ACL", "SETUSER", user, "on", ">mute", "~*", "&*", "+@all", "-publish");
            Refusing runtime = new Refusing(usual);
            LockConfig patient = LockConfig.of("redis://" + host)
                    .withPrefix(prefix)
                    .withLease(Duration.ofMinutes(5))
                    .with("poll-interval", "500ms");
            try (LockClient holder = LockClient.open(
                            LockConfig.of("redis://" + user + ":mute@" + host).withPrefix(prefix));
                    LockClient client = LockClient.open(patient.withRuntime(runtime))) {
                LockHandle hold = holder.acquire("n");
                CompletableFuture<LockHandle> waiting = client.acquireAsync("n").toCompletableFuture();
                await().until(() -> holder.lock("n").inspect().contenders() == 2);
                runtime.refuses.set(true);
                await().atMost(Duration.ofSeconds(20)).until(() -> runtime.refused.get() > 0);
                runtime.refuses.set(false);
                hold.release();
                LockHandle held = waiting.get(20, TimeUnit.SECONDS);
                assertThat(held.isValid()).isTrue();
                held.release();
            } finally {
                redis.ask("ACL", "DELUSER", user);
            }
        }
    }
}
