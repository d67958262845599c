// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockDeniedException;
import io.holdfast.LockHandle;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The password is changed in the store and in {@code password-file} while locks are held, and connections are cut. */
class PasswordChangeTest {
    private static final Duration LEASE = Duration.ofSeconds(3);

    @Test
    void aChangedPasswordEndsNoLock(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("password"), "first\n");
        try (StoreServer server = StoreKind.REDIS_7.spec().start();
                Resp redis = Resp.open(server.node(1).address())) {
            redis.line("ACL SETUSER locker on >first ~* &* +@all");
            LockConfig config = LockConfig.of("redis://locker@" + server.endpoints())
                    .withLease(LEASE)
                    .with("password-file", file.toString());
            try (LockClient client = LockClient.open(config);
                    LockClient other = LockClient.open(config)) {
                LockHandle hold = client.acquire("n");
                CompletableFuture<LockHandle> waiting = other.acquireAsync("n").toCompletableFuture();
                await().until(() -> redis.number("EXISTS", "holdfast:{n}:line") == 1);

                Files.writeString(file, "second\n");
                redis.line("ACL SETUSER locker resetpass >second");
                redis.line("CLIENT KILL USER locker");
                long changed = System.nanoTime();
                await().atMost(Duration.ofSeconds(30)).until(() -> {
                    assertThat(hold.isValid()).isTrue();
                    return System.nanoTime() - changed > LEASE.multipliedBy(3).toNanos();
                });
                Files.delete(file); // the last one known serves on
                redis.line("CLIENT KILL USER locker");
                hold.release();
                waiting.get(20, TimeUnit.SECONDS).release();
                assertThat(client.metrics().lost()).isZero();
            }
            Files.writeString(file, "first\n");
            assertThatThrownBy(() -> LockClient.open(config)).isInstanceOf(LockDeniedException.class);
        }
    }
}
