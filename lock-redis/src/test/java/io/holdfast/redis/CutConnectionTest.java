// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.DistributedLock;
import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.lab.proxy.Cut;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.proxy.Wire;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The connection ends in each request and in each answer: at its first byte, and in its middle. */
class CutConnectionTest {
    private static final Duration LEASE = Duration.ofSeconds(4);
    private static final Duration BOUND = Duration.ofSeconds(30);

    private final String prefix = "cut-" + UUID.randomUUID();
    private final LockKeys keys = LockKeys.of(prefix, "n");
    private Resp redis;
    private TcpProxy proxy;
    private LockClient client;
    private LockClient other;

    /** Where the next connection that carries something is cut: ours, but for a rare ping of Redisson's. */
    private enum Place {
        REQUEST_NOT_SENT(true, 0),
        REQUEST_CUT_IN_TWO(true, 60),
        ANSWER_NOT_SENT(false, 0),
        ANSWER_CUT_IN_TWO(false, 3);

        private final boolean request;
        private final long bytes;

        Place(boolean request, long bytes) {
            this.request = request;
            this.bytes = bytes;
        }

        void cut(TcpProxy proxy) {
            Wire wire = request ? proxy.requests() : proxy.replies();
            wire.cutAfter(bytes, Cut.RESET);
        }
    }

    @BeforeEach
    void open() {
        var address = Servers.shared(StoreKind.REDIS_7).node(1).address();
        redis = Resp.open(address);
        proxy = TcpProxy.to(address);
        client = LockClient.open(config(proxy.endpoint()));
        other = LockClient.open(config("127.0.0.1:" + address.getPort()));
    }

    private LockConfig config(String endpoint) {
        return LockConfig.of("redis://" + endpoint)
                .with("prefix", prefix)
                .withLease(LEASE)
                .with("operation-timeout", "1s")
                .with("token-retention", "0s");
    }

    @AfterEach
    void nothingIsLeft() {
        proxy.heal();
        client.close();
        other.close();
        await().atMost(BOUND).until(() -> tombstones().containsAll(redis.list("KEYS", prefix + "*")));
        for (String key : tombstones()) {
            assertThat(redis.number("PTTL", key)).as("goes by itself").isNotEqualTo(-1);
            redis.ask("DEL", key);
        }
        redis.close();
        proxy.close();
    }

    private List<String> tombstones() {
        return redis.list("KEYS", prefix + "*:undone");
    }

    private void oneHolds(LockHandle hold) {
        assertThat(hold.isValid()).isTrue();
        assertThat(redis.text("HGET", keys.state(), "t"))
                .as("the token that the store has is the one of this hold")
                .isEqualTo(Long.toString(hold.fencingToken() / 256));
        assertThat(redis.number("ZCARD", keys.state() + ":line"))
                .as("nobody in line")
                .isZero();
        assertThat(other.tryAcquire("n")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Place.class)
    void acquiring(Place place) throws Exception {
        DistributedLock lock = client.lock("n");
        long cut = proxy.traffic().cut();
        place.cut(proxy);
        assertThat(lock.tryLock(BOUND)).isTrue();
        try {
            assertThat(proxy.traffic().cut()).isGreaterThan(cut);
            assertThat(lock.getHoldCount()).isEqualTo(1);
            assertThat(other.tryAcquire("n")).isEmpty();
        } finally {
            lock.unlock();
        }
        assertThat(lock.isHeldByCurrentThread()).isFalse();
        long begin = System.nanoTime();
        other.acquire("n", BOUND).release();
        assertThat(Duration.ofNanos(System.nanoTime() - begin))
                .as("one release frees it, no lease has to pass")
                .isLessThan(LEASE.minusSeconds(1));
    }

    @ParameterizedTest
    @EnumSource(Place.class)
    void releasing(Place place) throws Exception {
        LockHandle hold = client.acquire("n", BOUND);
        long token = hold.fencingToken();
        CompletableFuture<LockHandle> waiting = other.acquireAsync("n").toCompletableFuture();
        await().until(() -> redis.number("EXISTS", keys.state() + ":line") == 1);
        long cut = proxy.traffic().cut();
        place.cut(proxy);
        hold.release();
        await().atMost(BOUND).until(() -> proxy.traffic().cut() > cut);
        LockHandle next = waiting.get(BOUND.toSeconds(), TimeUnit.SECONDS);
        assertThat(next.fencingToken()).isGreaterThan(token);
        oneHolds(next);
        // The release is sent again as long as it is not confirmed: it must not touch the next holder.
        client.acquire("other", BOUND).release();
        oneHolds(next);
        next.release();
    }

    @ParameterizedTest
    @EnumSource(Place.class)
    void renewing(Place place) throws Exception {
        LockHandle hold = client.acquire("n", BOUND);
        long token = hold.fencingToken();
        for (int i = 0; i < 3; i++) {
            long cut = proxy.traffic().cut();
            place.cut(proxy);
            await().atMost(BOUND).until(() -> proxy.traffic().cut() > cut);
            long renewals = client.metrics().renewals();
            await().atMost(BOUND).until(() -> client.metrics().renewals() > renewals);
            oneHolds(hold);
        }
        assertThat(hold.fencingToken()).isEqualTo(token);
        assertThat(client.metrics().lost()).isZero();
        hold.release();
    }

    /** A round of 450 renewals goes out in three batches; the connection of one of them ends in its middle, in each round. */
    @Test
    void oneFailingBatchStarvesNoOther() throws Exception {
        List<LockHandle> holds = acquire(450);
        for (int round = 0; round < 6; round++) {
            long cut = proxy.traffic().cut();
            proxy.requests().cutAfter(15_000, Cut.RESET);
            await().atMost(BOUND).until(() -> proxy.traffic().cut() > cut);
            long renewals = client.metrics().renewals();
            await().atMost(BOUND).until(() -> client.metrics().renewals() > renewals);
        }
        assertThat(holds).allMatch(LockHandle::isValid);
        assertThat(client.metrics().lost()).isZero();
        holds.forEach(LockHandle::release);
    }

    /** One renewal that the server refuses takes no other along, in its own batch neither. */
    @Test
    void oneRefusedRenewalStarvesNoOther() throws Exception {
        List<LockHandle> holds = acquire(300);
        LockKeys bad = LockKeys.of(prefix, "n17");
        redis.ask("DEL", bad.state());
        redis.ask("SET", bad.state(), "somebody's own");
        await().atMost(BOUND).until(() -> !holds.get(17).isValid());
        long renewals = client.metrics().renewals();
        await().atMost(BOUND).until(() -> client.metrics().renewals() > renewals + 3);
        for (int i = 0; i < holds.size(); i++) {
            assertThat(holds.get(i).isValid()).as("n" + i).isEqualTo(i != 17);
        }
        assertThat(client.metrics().lost()).isEqualTo(1);
        redis.ask("DEL", bad.state());
        holds.forEach(LockHandle::release);
    }

    private List<LockHandle> acquire(int count) throws Exception {
        List<CompletableFuture<LockHandle>> asked = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            asked.add(client.acquireAsync("n" + i).toCompletableFuture());
        }
        List<LockHandle> holds = new ArrayList<>();
        for (CompletableFuture<LockHandle> one : asked) {
            holds.add(one.get(BOUND.toSeconds(), TimeUnit.SECONDS));
        }
        return holds;
    }
}
