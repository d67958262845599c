// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.DistributedLock;
import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.ReleaseOutcome;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rules SP-4 and RE-3: what goes over the wire, by the server's own count. */
@SuppressWarnings("LockNotBeforeTry") // re-entries are what is counted
class RequestCountTest {
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

    private LockConfig config() {
        return LockConfig.of("redis://" + server.endpoints()).withLease(Duration.ofMinutes(10));
    }

    @Test
    void acquireIsOneCommandReleaseOneAndReentryNone() {
        try (LockClient client = LockClient.open(config())) {
            DistributedLock lock = client.lock("n");
            cycle(lock); // teaches the server the scripts
            redis.line("CONFIG RESETSTAT");
            for (int i = 0; i < 100; i++) {
                cycle(lock);
            }
            assertThat(redis.calls("evalsha"))
                    .as("100 acquired and released, 200 re-entries")
                    .isEqualTo(200);
            assertThat(redis.calls("eval")).isZero();
            assertThat(redis.calls("publish")).as("nobody waits").isZero();
        }
    }

    private static void cycle(DistributedLock lock) {
        lock.lock();
        try {
            lock.lock();
            lock.lock();
            assertThat(lock.getHoldCount()).isEqualTo(3);
            lock.unlock();
            lock.unlock();
        } finally {
            lock.unlock();
        }
    }

    @Test
    void monitorShowsOneCommandForEach() throws Exception {
        try (LockClient client = LockClient.open(config());
                Resp monitor = Resp.open(server.node(1).address())) {
            cycle(client.lock("n"));
            assertThat(monitor.text("MONITOR")).isEqualTo("OK");
            client.acquire("n").release();
            redis.ask("ECHO", "the end");
            List<String> sent = new ArrayList<>();
            List<String> called = new ArrayList<>();
            for (String line = monitor.next(); !line.contains("the end"); line = monitor.next()) {
                if (line.contains(" lua]")) { // what a script calls
                    called.add(line);
                } else if (!line.contains("\"PING\"")) { // a connection's, and not ours
                    sent.add(line);
                }
            }
            assertThat(sent).hasSize(2).allMatch(line -> line.contains("\"EVALSHA\""));
            assertThat(called)
                    .as("of a lock that nobody else wants, five and four")
                    .hasSize(9);
        }
    }

    /** 150 renewals are one flight: sent together, whatever the round trip takes. */
    @Test
    void aRenewalRoundIsOneFlight() throws Exception {
        try (TcpProxy proxy = TcpProxy.to(server.node(1).address());
                LockClient client = LockClient.open(
                        LockConfig.of("redis://" + proxy.endpoint()).withLease(Duration.ofSeconds(6)))) {
            List<CompletableFuture<LockHandle>> holds = new ArrayList<>();
            for (int i = 0; i < 150; i++) {
                holds.add(client.acquireAsync("n" + i).toCompletableFuture());
            }
            for (CompletableFuture<LockHandle> hold : holds) {
                hold.get(30, TimeUnit.SECONDS);
            }
            redis.line("CONFIG RESETSTAT");
            long flights = proxy.traffic().flights();
            // The first round meets a server that does not know the script: one of them teaches it.
            long calls = 150 + 149 + 3 * 150;
            await().atMost(Duration.ofSeconds(30)).until(() -> redis.calls("evalsha") >= calls);
            assertThat(redis.calls("evalsha")).isEqualTo(calls);
            assertThat(redis.calls("eval")).isEqualTo(1);
            // Each connection is asked by Redisson now and then whether it lives.
            assertThat(proxy.traffic().flights() - flights - redis.calls("ping"))
                    .as("one a round, and one more for the script")
                    .isLessThanOrEqualTo(5);
        }
    }

    /** A hand-over: one release, one message, and no other request of those who wait. */
    @Test
    void aReleaseWakesOneWaiterAndNobodyElse() throws Exception {
        List<LockClient> clients = new ArrayList<>();
        try {
            List<CompletableFuture<LockHandle>> waiting = new ArrayList<>();
            LockClient first = LockClient.open(config());
            clients.add(first);
            LockHandle hold = first.acquire("n");
            for (int i = 0; i < 8; i++) {
                // The first three would look every poll interval.
                LockClient client = LockClient.open(config().with("poll-interval", "5m"));
                clients.add(client);
                waiting.add(client.acquireAsync("n").toCompletableFuture());
                int place = i + 1;
                await().until(() -> redis.number("ZCARD", "holdfast:{n}:line") == place);
            }
            redis.line("CONFIG RESETSTAT");
            hold.release();
            for (CompletableFuture<LockHandle> next : waiting) {
                next.get(20, TimeUnit.SECONDS).release();
            }
            assertThat(redis.calls("publish")).isEqualTo(8);
            assertThat(redis.calls("evalsha")).as("nine releases, nothing else").isEqualTo(9);
        } finally {
            clients.forEach(LockClient::close);
        }
    }

    @Test
    void clientsOnOneRedissonClientShareOneSubscriptionAndLeaveItAsItWas() throws Exception {
        org.redisson.config.Config lent = new org.redisson.config.Config();
        lent.useSingleServer().setAddress("redis://" + server.endpoints());
        org.redisson.api.RedissonClient redisson = org.redisson.Redisson.create(lent);
        try {
            RedisBackend backend = RedisBackend.using(redisson);
            List<LockClient> clients = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                clients.add(LockClient.open(i % 2 == 0 ? backend : RedisBackend.using(redisson), LockConfig.load()));
            }
            assertThat(redis.list("PUBSUB", "CHANNELS", "holdfast:*")).hasSize(1);
            // A Redisson client of many connections keeps no order between the requests of one thread.
            List<CompletableFuture<ReleaseOutcome>> all = new ArrayList<>();
            clients.forEach(
                    c -> all.add(c.acquireAsync("n").toCompletableFuture().thenApply(LockHandle::release)));
            for (CompletableFuture<ReleaseOutcome> one : all) {
                assertThat(one.get(60, TimeUnit.SECONDS)).isEqualTo(ReleaseOutcome.RELEASED);
            }
            clients.forEach(LockClient::close);
            await().untilAsserted(() ->
                    assertThat(redis.list("PUBSUB", "CHANNELS", "holdfast:*")).isEmpty());
            assertThat(redisson.isShutdown()).isFalse();
        } finally {
            redisson.shutdown();
        }
    }
}
