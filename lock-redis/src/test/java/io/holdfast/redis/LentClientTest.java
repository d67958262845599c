// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.ForceOutcome;
import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.LockInfo;
import io.holdfast.lab.server.ServerNode;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.tck.internal.KitRuntime;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/** Lock clients over one Redisson client of the program's own, each with a runtime of its own; they come and go. */
class LentClientTest {
    private final RedisSettings settings =
            RedisSettings.DEFAULTS.withPrefix("lent-" + UUID.randomUUID()).withTokenRetention(Duration.ZERO);
    private final ServerNode server = Servers.shared(StoreKind.REDIS_7).node(1);
    private final KitRuntime ofTheFirst = new KitRuntime();
    private RedissonClient lent;

    @BeforeEach
    void open() {
        Config config = new Config();
        config.useSingleServer().setAddress("redis://" + server.endpoint());
        lent = Redisson.create(config);
    }

    @AfterEach
    void close() {
        lent.shutdown();
        ofTheFirst.close();
    }

    @Test
    @DisplayName("CL-4: what is asked through the second client does not need the runtime of the first")
    void questionsOutliveTheFirstClientsRuntime() throws Exception {
        try (KitRuntime ofTheSecond = new KitRuntime();
                RedisBackend backend = RedisBackend.using(lent, settings)) {
            LockClient first = LockClient.open(backend, LockConfig.load().withRuntime(ofTheFirst));
            try (LockClient second = LockClient.open(backend, LockConfig.load().withRuntime(ofTheSecond))) {
                first.close();
                ofTheFirst.close();
                LockHandle hold = second.acquire("n");
                assertThat(second.lock("n").inspect().isHeld()).isTrue();
                assertThat(second.list()).extracting(LockInfo::name).containsExactly("n");
                assertThat(second.diagnose()).isNotEmpty();
                assertThat(second.forceUnlock("n", hold.fencingToken())).isEqualTo(ForceOutcome.RELEASED);
            }
        }
        assertThat(lent.isShutdown()).isFalse();
        try (Resp redis = Resp.open(server.address())) {
            assertThat(redis.list("KEYS", settings.prefix() + "*")).isEmpty();
        }
    }
}
