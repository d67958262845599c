// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.lab.proxy.Side;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/** A server that is slow, connections that die without a word, and a pool that is full: holds are kept (rules KE-1 and KE-3). */
class SlowServerTest {
    private final String prefix = "slow-" + UUID.randomUUID();
    private TcpProxy proxy;

    @BeforeEach
    void start() {
        proxy = TcpProxy.to(Servers.shared(StoreKind.REDIS_7).node(1).address());
    }

    @AfterEach
    void end() {
        proxy.close();
    }

    private LockConfig config(Duration lease) {
        return LockConfig.of("redis://" + proxy.endpoint())
                .with("prefix", prefix)
                .with("token-retention", "0s")
                .withLease(lease);
    }

    private static void keptFor(LockClient client, LockHandle hold, Duration time) {
        long begin = System.nanoTime();
        await().atMost(time.plusSeconds(30)).until(() -> {
            assertThat(hold.isValid()).isTrue();
            return System.nanoTime() - begin > time.toNanos();
        });
        assertThat(client.metrics().lost()).isZero();
    }

    @Test
    @DisplayName("KE-3: every answer takes a third of a lease, and more than operation-timeout")
    void slowAnswers() throws Exception {
        Duration lease = Duration.ofSeconds(6);
        try (LockClient client = LockClient.open(config(lease).with("operation-timeout", "500ms"))) {
            LockHandle hold = client.acquire("n");
            proxy.replies().delay(Duration.ofMillis(2_100), Duration.ZERO);
            keptFor(client, hold, lease.multipliedBy(3));
            proxy.heal();
            hold.release();
        }
    }

    @Test
    @DisplayName("KE-1: connections that died without a word cost no hold, with a short lease either")
    void halfOpenConnections() throws Exception {
        Duration lease = Duration.ofSeconds(3);
        // One hold: several are renewed by a batch, for which
        // Redisson takes another connection while the last one waits.
        try (LockClient client = LockClient.open(config(lease))) {
            LockHandle hold = client.acquire("n");
            long rounds = client.metrics().renewals();
            await().atMost(Duration.ofSeconds(20)).until(() -> client.metrics().renewals() > rounds);
            for (int i = 0; i < 3; i++) {
                proxy.halfOpen(Side.TARGET);
                keptFor(client, hold, lease.multipliedBy(2));
            }
        }
    }

    @Test
    @DisplayName("KE-3: a lent client whose connections are all taken")
    void fullPool() throws Exception {
        Config config = new Config();
        config.useSingleServer()
                .setAddress("redis://" + proxy.endpoint())
                .setConnectionMinimumIdleSize(2)
                .setConnectionPoolSize(12);
        RedissonClient lent = Redisson.create(config);
        Duration lease = Duration.ofSeconds(4);
        RedisBackend backend = RedisBackend.using(
                lent, RedisSettings.DEFAULTS.withPrefix(prefix).withTokenRetention(Duration.ZERO));
        try (LockClient client = LockClient.open(backend, config(lease))) {
            LockHandle hold = client.acquire("n");
            for (int i = 0; i < 30; i++) {
                lent.getBlockingQueue(prefix + "-empty").takeAsync();
            }
            keptFor(client, hold, lease.multipliedBy(2));
        } finally {
            lent.shutdown();
        }
    }
}
