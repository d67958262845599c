// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.LockLostException;
import io.holdfast.lab.server.ServerNode;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.redisson.Redisson;
import org.redisson.api.RScript.ReturnType;
import org.redisson.api.RedissonClient;
import org.redisson.client.RedisException;
import org.redisson.client.codec.StringCodec;
import org.redisson.config.Config;

/** FT-8 on Redis, with holds of a lock client of its own. */
class FencedScriptsTest {
    private static final String ADD = "return redis.call('INCRBY', KEYS[1], ARGV[1])";

    private final ServerNode server = Servers.shared(StoreKind.REDIS_7).node(1);
    private final String key = "fenced-" + UUID.randomUUID();
    private RedissonClient client;
    private LockClient locks;
    private FencedScripts fenced;

    @BeforeEach
    void open() {
        Config config = new Config();
        config.useSingleServer().setAddress("redis://" + server.endpoint());
        client = Redisson.create(config);
        fenced = FencedScripts.of(client).withPrefix(key + ":");
        locks = LockClient.open(RedisBackend.using(client, RedisSettings.DEFAULTS.withPrefix(key)), LockConfig.load());
    }

    @AfterEach
    void close() {
        locks.close();
        client.getKeys().deleteByPattern(key + "*");
        client.shutdown();
    }

    private long added(LockHandle hold, int amount) {
        return (long) fenced.run(hold, ADD, ReturnType.LONG, List.of(key), amount);
    }

    private String stored(String of) {
        return client.<String>getBucket(of, StringCodec.INSTANCE).get();
    }

    /** As a hold looks to who was stopped since he asked, or with another token. */
    private static LockHandle seen(LockHandle hold, long token) {
        return (LockHandle) Proxy.newProxyInstance(
                LockHandle.class.getClassLoader(), new Class<?>[] {LockHandle.class}, (proxy, method, arguments) -> {
                    try {
                        return switch (method.getName()) {
                            case "isValid" -> true;
                            case "fencingToken" -> token;
                            default -> method.invoke(hold, arguments);
                        };
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    @DisplayName("FT-8: after a later holder's script an earlier holder's does not run")
    void olderIsRefused() throws Exception {
        LockHandle old = locks.acquire("account");
        assertThat(added(old, 1)).isEqualTo(1);
        assertThat(added(old, 2)).isEqualTo(3);
        LockHandle unaware = seen(old, old.fencingToken());
        old.release();
        try (LockHandle next = locks.acquire("account")) {
            assertThat(added(next, 4)).isEqualTo(7);
            assertThatThrownBy(() -> added(unaware, 8))
                    .isInstanceOf(LockLostException.class)
                    .hasMessageContaining("token " + next.fencingToken() + ";") // and nothing of the client's own words
                    .hasMessageNotContaining("params");
        }
        assertThatThrownBy(() -> added(old, 8)).isInstanceOf(LockLostException.class);
        assertThat(stored(key)).isEqualTo("7");
    }

    @Test
    @DisplayName("FT-8: tokens are compared in all their bits, and by value whatever their length")
    void tokensAreCompared() throws Exception {
        long large = (1L << 60) + 1;
        try (LockHandle hold = locks.acquire("account")) {
            for (long token : new long[] {9, 10, 99, 100, large, large + 1}) {
                added(seen(hold, token), 1);
                assertThatThrownBy(() -> added(seen(hold, token - 1), 1)).isInstanceOf(LockLostException.class);
            }
        }
        assertThat(stored(key)).isEqualTo("6");
        assertThat(stored(key + ":account")).isEqualTo("" + (large + 1));
    }

    @Test
    @DisplayName("FT-8: a script has its own keys and values only, and its errors are its own")
    void scriptsSeeTheirOwn() throws Exception {
        try (LockHandle hold = locks.acquire("account")) {
            assertThat(fenced.run(hold, "return #KEYS * 10 + #ARGV", ReturnType.LONG, List.of(key, key), 1, 2, 3))
                    .isEqualTo(23L);
            assertThat(fenced.run(hold, "return ARGV[1]", ReturnType.VALUE, List.of(), "a b"))
                    .isEqualTo("a b");
            assertThatThrownBy(() -> fenced.run(hold, "return fence", ReturnType.VALUE, List.of()))
                    .isInstanceOf(RedisException.class);
            assertThatThrownBy(() -> fenced.run(hold, "return redis.error_reply('NO')", ReturnType.VALUE, List.of()))
                    .isInstanceOf(RedisException.class)
                    .hasMessageContaining("NO");
        }
        assertThatThrownBy(() -> fenced.withPrefix("")).isInstanceOf(IllegalArgumentException.class);
    }
}
