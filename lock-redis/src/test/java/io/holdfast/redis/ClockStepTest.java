// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.FencedGuard;
import io.holdfast.FencingRegressionException;
import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.LockLostException;
import io.holdfast.ReleaseOutcome;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The server's wall clock is set forward and back by a minute, many leases: tokens decide, and nothing hangs. */
@Tag("long")
class ClockStepTest {
    private static final Duration LEASE = Duration.ofSeconds(4);
    private static final Duration STEP = Duration.ofMinutes(1);

    /** A lease, a poll interval, and time for a machine that has other work. */
    private static final Duration BOUND = LEASE.plusSeconds(16);

    private StoreServer server;
    private Resp redis;

    @BeforeEach
    void start() {
        server = StoreKind.REDIS_7.spec().withMovableClock().start();
        redis = Resp.open(server.node(1).address());
    }

    @AfterEach
    void end() {
        redis.close();
        server.close();
    }

    private LockClient open(String endpoint) {
        return LockClient.open(LockConfig.of("redis://" + endpoint).withLease(LEASE));
    }

    private LockClient open() {
        return open(server.endpoints());
    }

    private CompletableFuture<LockHandle> inLine(LockClient client) {
        CompletableFuture<LockHandle> waiting = client.acquireAsync("n").toCompletableFuture();
        await().until(() -> redis.number("EXISTS", "holdfast:{n}:line") == 1);
        return waiting;
    }

    /** Class B: a step forward gives the lock away under its holder. The new token is higher, and the old holder is told. */
    @Test
    void aStepForwardGivesTheLockAwayUnderAHigherToken() throws Exception {
        TcpProxy proxy = TcpProxy.to(server.node(1).address());
        try (proxy;
                LockClient first = open(proxy.endpoint());
                LockClient second = open()) {
            LockHandle old = first.acquire("n");
            CompletableFuture<LockHandle> waiting = inLine(second);
            // Or else its renewal might come before the other's look, and keep the lock.
            proxy.requests().freeze();
            server.moveClock(STEP);
            LockHandle next = waiting.get(BOUND.toSeconds(), TimeUnit.SECONDS);
            assertThat(next.fencingToken()).isGreaterThan(old.fencingToken());
            proxy.heal();
            await().atMost(BOUND).until(() -> !old.isValid());
            await().atMost(BOUND).until(() -> first.metrics().lost() == 1);
            assertThat(next.isValid()).isTrue();
            assertThat(next.release()).isEqualTo(ReleaseOutcome.RELEASED);
        }
    }

    @Test
    void afterAStepBackTheHolderGoesOnAndTheNextTokenIsHigher() throws Exception {
        try (LockClient first = open();
                LockClient second = open()) {
            LockHandle hold = first.acquire("n");
            CompletableFuture<LockHandle> waiting = inLine(second);
            server.moveClock(STEP.negated());
            long renewals = first.metrics().renewals();
            await().atMost(BOUND).until(() -> first.metrics().renewals() >= renewals + 4);
            assertThat(hold.isValid()).isTrue();
            assertThat(waiting).isNotDone();
            assertThat(hold.release()).isEqualTo(ReleaseOutcome.RELEASED);
            LockHandle next = waiting.get(BOUND.toSeconds(), TimeUnit.SECONDS);
            assertThat(next.fencingToken()).isGreaterThan(hold.fencingToken());
            long last = next.fencingToken();
            next.release();
            // Nobody is left, and the clock is still behind the last token.
            LockHandle again = first.acquire("n", BOUND);
            assertThat(again.fencingToken()).isGreaterThan(last);
        }
    }

    /** The mark of the dead holder is a minute ahead: it is cut back to a lease from when it is seen. */
    @Test
    void afterAStepBackTheDeadHoldUpNobodyForLongerThanALease() throws Exception {
        TcpProxy proxy = TcpProxy.to(server.node(1).address());
        try (proxy;
                LockClient dead = open(proxy.endpoint());
                LockClient next = open()) {
            LockHandle hold = dead.acquire("n");
            CompletableFuture<LockHandle> waiting = inLine(next);
            proxy.requests().freeze();
            server.moveClock(STEP.negated());
            LockHandle taken = waiting.get(BOUND.toSeconds(), TimeUnit.SECONDS);
            assertThat(taken.fencingToken()).isGreaterThan(hold.fencingToken());
            assertThat(hold.isValid()).as("its lease passed on our own clock").isFalse();
            proxy.heal();
        }
    }

    /** Steps while four clients count under the lock: no token comes twice, no count of a fenced counter is lost, none waits. */
    @Test
    void whileManyCountTokensDecideAndNothingHangs() throws Exception {
        Counter counter = new Counter();
        AtomicBoolean stop = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<LockClient> clients = new ArrayList<>();
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                LockClient client = open();
                clients.add(client);
                all.add(threads.submit(new Visitor(client, counter, stop, new Random(i))));
            }
            for (long minutes : new long[] {1, 0, -1, 0, -1, 1, 0, 1, 2, 1, 0}) {
                server.moveClock(STEP.multipliedBy(minutes));
                int before = counter.tokens.size();
                // Six visits later, each client's hold and mark have met the step.
                await("after the step to " + minutes + " min")
                        .atMost(BOUND.multipliedBy(2))
                        .until(() -> counter.tokens.size() >= before + 6);
            }
            stop.set(true);
            for (Future<?> one : all) {
                one.get(60, TimeUnit.SECONDS);
            }
        } finally {
            stop.set(true);
            clients.forEach(LockClient::close);
            threads.shutdownNow();
        }
        System.out.printf(
                "clock steps: %d grants, %d counts, %d writes refused by the guard%n",
                counter.tokens.size(), counter.value, counter.refused);
        assertThat(counter.tokens).doesNotHaveDuplicates();
        assertThat(counter.value).as("every accepted write counts").isEqualTo(counter.accepted);
        assertThat(counter.accepted).isPositive();
    }

    /** A counter in a place that checks tokens, as docs/fencing.md asks for. */
    private static final class Counter {
        private final FencedGuard guard = new FencedGuard();
        private final ConcurrentLinkedQueue<Long> tokens = new ConcurrentLinkedQueue<>();
        private int value;
        private int accepted;
        private int refused;

        synchronized int read(long token) {
            return guard.accepts(token) ? value : -1;
        }

        synchronized void write(long token, int next) {
            if (guard.accepts(token)) {
                value = next;
                accepted++;
            } else {
                refused++;
            }
        }
    }

    private record Visitor(LockClient client, Counter counter, AtomicBoolean stop, Random random)
            implements Callable<Void> {
        @Override
        public Void call() throws Exception {
            while (!stop.get()) {
                try (LockHandle hold = client.acquire("n", BOUND.multipliedBy(2))) {
                    visit(hold);
                } catch (LockLostException | FencingRegressionException told) {
                    // A step forward gave the lock away; the loser is told, and contends anew.
                }
            }
            return null;
        }

        private void visit(LockHandle hold) {
            long token = hold.fencingToken();
            counter.tokens.add(token);
            int seen = counter.read(token);
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(random.nextInt(300));
            await().pollInterval(Duration.ofMillis(5)).until(() -> System.nanoTime() - end > 0);
            if (seen >= 0) {
                counter.write(token, seen + 1);
            }
        }
    }
}
