// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The server has gone back to data of before the grant, as after a fail-over or a restart from a file that lags. */
class LostDataTest {
    private static final Duration LEASE = Duration.ofSeconds(6);

    private final String prefix = "gone-back-" + UUID.randomUUID();
    private final LockKeys keys = LockKeys.of(prefix, "n");
    private Resp redis;
    private LockClient client;

    @BeforeEach
    void open() {
        redis = Resp.open(Servers.shared(StoreKind.REDIS_7).node(1).address());
        client = LockClient.open(config());
    }

    private LockConfig config() {
        return LockConfig.of("redis://" + Servers.shared(StoreKind.REDIS_7).endpoints())
                .with("prefix", prefix)
                .with("token-retention", "0s")
                .withLease(LEASE);
    }

    @AfterEach
    void leaveNothing() {
        client.close();
        redis.list("KEYS", prefix + "*").forEach(key -> redis.ask("DEL", key));
        redis.close();
    }

    private void isLostWithinARound(LockHandle hold) {
        await().atMost(LEASE.dividedBy(2)).until(() -> !hold.isValid());
    }

    @Test
    @DisplayName("LO-5: a holder that the server has in line learns so within a round, and leaves the line")
    void inLineAgain() throws Exception {
        LockHandle hold = client.acquire("n");
        String id = redis.text("HGET", keys.state(), "h");
        redis.ask("HSET", keys.state(), "h", "other.1", "other.1", "9999999999999999 99000000 0 c s somebody");
        redis.ask("ZADD", keys.state() + ":line", "1", id);
        isLostWithinARound(hold);
        await().atMost(Duration.ofSeconds(5)).until(() -> redis.number("ZCARD", keys.state() + ":line") == 0);
    }

    @Test
    @DisplayName("LO-5: a holder that the server has by another token gives that grant back")
    void byAnotherToken() throws Exception {
        LockHandle hold = client.acquire("n");
        redis.ask("HSET", keys.state(), "t", hold.fencingToken() / 256 + 5);
        isLostWithinARound(hold);
        await().atMost(Duration.ofSeconds(2)).until(() -> redis.text("HGET", keys.state(), "h") == null);
        try (LockClient other = LockClient.open(config())) {
            assertThat(other.tryAcquire("n")).isPresent();
        }
    }
}
