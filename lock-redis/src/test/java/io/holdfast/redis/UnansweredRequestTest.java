// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.DistributedLock;
import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockException;
import io.holdfast.LockHandle;
import io.holdfast.LockMetrics;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Requests that the server carries out and whose answers never come: where Redisson's own locks are held twice, for ever or by
 * nobody.
 */
@SuppressWarnings("LockNotBeforeTry") // what lock and unlock do is what is tested
class UnansweredRequestTest {
    private static final Duration LEASE = Duration.ofSeconds(3);

    private final String prefix = "unanswered-" + UUID.randomUUID();
    private final LockKeys keys = LockKeys.of(prefix, "n");
    private Resp redis;
    private TcpProxy proxy;
    private LockClient flaky;
    private LockClient steady;

    @BeforeEach
    void open() {
        var address = Servers.shared(StoreKind.REDIS_7).node(1).address();
        redis = Resp.open(address);
        proxy = TcpProxy.to(address);
        flaky = LockClient.open(config(proxy.endpoint()).with("operation-timeout", "300ms"));
        steady = LockClient.open(config("127.0.0.1:" + address.getPort()));
    }

    private LockConfig config(String endpoint) {
        return LockConfig.of("redis://" + endpoint)
                .with("prefix", prefix)
                .withLease(LEASE)
                .with("token-retention", "0s");
    }

    @AfterEach
    void nothingIsLeft() {
        proxy.heal();
        flaky.close();
        steady.close();
        // Tombstones stay for a lease.
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(redis.list("KEYS", prefix + "*"))
                .isEmpty());
        redis.close();
        proxy.close();
    }

    private LockMetrics metrics() {
        return flaky.metrics();
    }

    /** redisson#7367: the request is sent again after its answer was lost, and the second one counts as a re-entry. */
    @Test
    void anAnswerCutOffGivesNoSecondLevel() throws Exception {
        DistributedLock lock = flaky.lock("n");
        proxy.replies().blackHole();
        CompletableFuture<Boolean> acquired = CompletableFuture.supplyAsync(() -> {
            lock.lock();
            int levels = lock.getHoldCount();
            lock.unlock();
            return levels == 1;
        });
        await().until(() -> redis.number("EXISTS", keys.state()) == 1);
        proxy.heal();
        proxy.resetAll();
        assertThat(acquired.get(30, TimeUnit.SECONDS)).as("one level").isTrue();
        assertThat(steady.lock("n").tryLock(Duration.ofSeconds(10)))
                .as("free after one unlock")
                .isTrue();
        steady.lock("n").unlock();
    }

    /** "lock() after a timed-out lock() has hold count 2". */
    @Test
    void lockingAgainAfterATimeoutHoldsOnce() throws Exception {
        DistributedLock lock = flaky.lock("n");
        proxy.replies().blackHole();
        try {
            boolean got = lock.tryLock(Duration.ofMillis(600));
            assertThat(got).as("without an answer nothing is held").isFalse();
        } catch (LockException expected) {
            assertThat(expected).hasMessageContaining("'n'");
        }
        assertThat(lock.isHeldByCurrentThread()).isFalse();
        proxy.heal();
        proxy.resetAll();
        lock.lock();
        assertThat(lock.getHoldCount()).isEqualTo(1);
        assertThat(redis.number("ZCARD", keys.state() + ":line")).isZero();
        lock.unlock();
        assertThat(lock.isHeldByCurrentThread()).isFalse();
        assertThat(steady.lock("n").tryLock(Duration.ofSeconds(10))).isTrue();
        steady.lock("n").unlock();
    }

    /** The late request of an acquisition that was given up creates nothing, whenever it arrives (rule UO-2). */
    @Test
    void aRequestDeliveredAfterItsUndoCreatesNothing() throws Exception {
        DistributedLock lock = flaky.lock("n");
        proxy.requests().freeze();
        CompletableFuture<Void> tried = CompletableFuture.runAsync(() -> {
            try {
                assertThat(lock.tryLock(Duration.ofMillis(500))).isFalse();
            } catch (LockException expected) {
                // No answer: nothing is held.
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        tried.get(30, TimeUnit.SECONDS);
        proxy.requests().thaw(); // contend and undo arrive now, together
        LockHandle steadyHold = steady.acquire("n", Duration.ofSeconds(20));
        assertThat(steadyHold.isValid()).isTrue();
        steadyHold.release();
        await().atMost(Duration.ofSeconds(20))
                .until(() -> redis.script(Script.INSPECT, keys, "", "0").equals("free 0"));
    }

    /** redisson#6844, #7272: a lock is renewed after its release, or no longer renewed while it is held. */
    @Test
    void aReleaseWithoutAnswerStaysReleased() throws Exception {
        DistributedLock lock = flaky.lock("n");
        lock.lock();
        proxy.replies().blackHole();
        lock.unlock();
        assertThat(lock.isHeldByCurrentThread()).isFalse();
        assertThat(steady.lock("n").tryLock(Duration.ofSeconds(10))).isTrue();
        String held = redis.text("HGET", keys.state(), "h");
        proxy.heal();
        proxy.resetAll();
        // The release is sent again, and does not touch the new holder; nor does a renewal.
        long before = flaky.metrics().contends();
        flaky.lock("other").lock();
        flaky.lock("other").unlock();
        assertThat(flaky.metrics().contends()).isGreaterThan(before);
        assertThat(redis.text("HGET", keys.state(), "h")).isEqualTo(held);
        assertThat(steady.lock("n").isHeldByCurrentThread()).isTrue();
        steady.lock("n").unlock();
    }

    /** Rule KE-2: renewals without answer lose nothing while others in time are answered. */
    @Test
    void renewalsWithoutAnswerLoseNothing() throws Exception {
        LockHandle hold = flaky.acquire("n", Duration.ofSeconds(10));
        long token = hold.fencingToken();
        for (int i = 0; i < 4; i++) {
            proxy.replies().blackHole();
            long renewals = metrics().renewals();
            await().atMost(Duration.ofSeconds(10)).until(() -> metrics().renewals() > renewals);
            proxy.heal();
            proxy.resetAll();
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> hold.remainingLease()
                                    .compareTo(LEASE.multipliedBy(3).dividedBy(5))
                            > 0);
        }
        assertThat(hold.isValid()).isTrue();
        assertThat(hold.fencingToken()).isEqualTo(token);
        assertThat(metrics().lost()).isZero();
        hold.release();
    }

    /** The message of a hand-over is lost: the first in line looks for itself after a poll interval (rule WA-7). */
    @Test
    void aLostMessageCostsAPollInterval() throws Exception {
        LockHandle first = steady.acquire("n", Duration.ofSeconds(10));
        // Its renewals come every 10 s; only the look of its own is sooner.
        try (LockClient patient = LockClient.open(
                config(proxy.endpoint()).withLease(Duration.ofMinutes(1)).with("poll-interval", "500ms"))) {
            CompletableFuture<LockHandle> waiting = patient.acquireAsync("n").toCompletableFuture();
            await().until(() -> redis.number("ZCARD", keys.state() + ":line") == 1);
            // The contender's entry names a channel that nobody listens to.
            String id = redis.list("ZRANGE", keys.state() + ":line", "0", "0").get(0);
            String entry = redis.text("HGET", keys.state(), id);
            redis.ask("HSET", keys.state(), id, entry.replace(prefix + ":wake", prefix + ":lost"));
            long begin = System.nanoTime();
            first.release();
            LockHandle second = waiting.get(8, TimeUnit.SECONDS);
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(8));
            second.release();
        }
    }
}
