// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.LockInfo;
import io.holdfast.LockUnavailableException;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What inspect and list show of waiters that died, of a crowded database, and of names that somebody else wrote to. */
class InspectionTest {
    private StoreServer server;
    private Resp redis;

    @BeforeEach
    void start() {
        server = StoreKind.REDIS_7.spec().start();
        redis = Resp.open(server.node(1).address());
    }

    @AfterEach
    void end() {
        redis.close();
        server.close();
    }

    private LockConfig config(String endpoint) {
        return LockConfig.of("redis://" + endpoint).withLease(Duration.ofSeconds(2));
    }

    @Test
    @DisplayName("IN-2: who waited and died counts no more")
    void deadWaiters() throws Exception {
        TcpProxy proxy = TcpProxy.to(server.node(1).address());
        try (proxy;
                LockClient looking = LockClient.open(config(server.endpoints()));
                LockClient dying = LockClient.open(config(proxy.endpoint()).with("close-timeout", "1s"));
                LockClient alive = LockClient.open(config(server.endpoints()))) {
            LockHandle hold = looking.acquire("n");
            CompletableFuture<LockHandle> dead = dying.acquireAsync("n").toCompletableFuture();
            await().until(() -> looking.lock("n").inspect().contenders() == 2);
            CompletableFuture<LockHandle> living = alive.acquireAsync("n").toCompletableFuture();
            await().until(() -> looking.lock("n").inspect().contenders() == 3);
            proxy.requests().blackHole();
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> looking.lock("n").inspect().contenders() == 2);
            assertThat(looking.list()).extracting(LockInfo::contenders).containsExactly(2);
            assertThat(living).isNotDone();
            dead.cancel(true);
            living.cancel(true);
            hold.release();
        }
    }

    @Test
    @DisplayName("IN-2: one name that cannot be read, or a huge label, hides no other")
    void foreignNames() throws Exception {
        // Long enough for twenty megabytes on a busy machine.
        LockConfig patient =
                config(server.endpoints()).with("operation-timeout", "30s").withLease(Duration.ofMinutes(2));
        try (LockClient client = LockClient.open(patient)) {
            LockHandle good = client.acquire("good");
            redis.ask("HSET", "holdfast:{bad}", "h", "x", "x", "9999999999999999 1000 0 c s me", "t", "not a number");
            redis.ask("SET", "holdfast:{worse}:line", "somebody's own");
            redis.ask("HSET", "holdfast:{worse}", "h", "x", "x", "9999999999999999 1000 0 c s me", "t", "17");
            redis.ask(
                    "HSET",
                    "holdfast:{huge}",
                    "h",
                    "x",
                    "x",
                    "9999999999999999 1000 0 c s " + "L".repeat(20_000_000),
                    "t",
                    "17000000");
            assertThat(client.list()).extracting(LockInfo::name).containsExactlyInAnyOrder("good", "huge");
            assertThat(client.lock("huge").inspect().toString()).hasSizeLessThan(2_000);
            good.release();
        }
    }

    @Test
    @DisplayName("IN-2: a database with many other keys: a listing ends in its time, and asks no more after it")
    void crowdedDatabase() throws Exception {
        redis.ask("EVAL", "for i = 1, 300000 do redis.call('SET', 'other:' .. i, '') end return 1", 0);
        try (LockClient client = LockClient.open(config(server.endpoints()).with("operation-timeout", "30s"))) {
            LockHandle hold = client.acquire("n");
            assertThat(client.list()).extracting(LockInfo::name).containsExactly("n");
            hold.release();
        }
        try (TcpProxy slow = TcpProxy.to(server.node(1).address());
                LockClient client = LockClient.open(config(slow.endpoint()).with("operation-timeout", "500ms"))) {
            slow.replies().delay(Duration.ofMillis(30), Duration.ZERO);
            assertThatThrownBy(client::list).isInstanceOf(LockUnavailableException.class);
            // The step that was under way may still be answered.
            long before = redis.calls("scan");
            await().during(Duration.ofSeconds(1))
                    .atMost(Duration.ofSeconds(3))
                    .until(() -> redis.calls("scan") <= before + 1);
        }
    }
}
