// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockException;
import io.holdfast.LockHandle;
import io.holdfast.lab.server.ServerNode;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The leader of three members is killed, or stopped, while four clients take turns. */
@Tag("long")
@SuppressWarnings("SystemOut") // the figures
class LeaderTest {
    private static final Duration LEASE = Duration.ofSeconds(6);

    /**
     * Until somebody holds again: an election of 1 s, what a lease begun anew takes, and the silence of a stopped member that
     * gRPC waits out, 10 s and a request's time, before it goes around it.
     */
    private static final Duration BOUND = Duration.ofSeconds(30);

    @ParameterizedTest
    @EnumSource(names = {"ETCD_3_4", "ETCD_3_5"})
    void killingTheLeaderKeepsTokensInOrderAndWaitersAreServed(StoreKind kind) throws Exception {
        harm(kind, ServerNode::kill, ServerNode::start).checkExclusion();
    }

    /** By token only: a leader that goes on may have leases revoked before it learns that it is none, on 3.5.16 too (etcd#15247). */
    @ParameterizedTest
    @EnumSource(names = {"ETCD_3_4", "ETCD_3_5"})
    void stoppingTheLeaderKeepsTokensInOrderAndWaitersAreServed(StoreKind kind) throws Exception {
        harm(kind, ServerNode::pause, ServerNode::resume);
    }

    private static Turns harm(StoreKind kind, Consumer<ServerNode> harm, Consumer<ServerNode> heal) throws Exception {
        try (StoreServer server = kind.spec().nodes(3).durable().start()) {
            LockConfig config = LockConfig.of("etcd://" + server.endpoints())
                    .withLease(LEASE)
                    .with("operation-timeout", "1s");
            Turns turns = new Turns();
            List<LockClient> clients = new ArrayList<>();
            List<Thread> threads = new ArrayList<>();
            try {
                for (int i = 0; i < 4; i++) {
                    LockClient client = LockClient.open(config);
                    clients.add(client);
                    threads.add(new Thread(() -> turns.take(client)));
                }
                threads.forEach(Thread::start);
                turns.awaitMore(200);
                ServerNode leader = server.leader().orElseThrow();
                harm.accept(leader);
                long begin = System.nanoTime();
                turns.awaitMore(1);
                double first = (System.nanoTime() - begin) / 1e9;
                turns.awaitMore(50);
                System.out.printf(
                        Locale.ROOT,
                        "%s: after the leader the next hold in %.1f s, 50 more in %.1f s%n",
                        kind,
                        first,
                        (System.nanoTime() - begin) / 1e9);
                heal.accept(leader);
                turns.awaitMore(200);
            } finally {
                turns.stop.set(true);
                for (Thread thread : threads) {
                    thread.join(60_000);
                }
                clients.forEach(LockClient::close);
            }
            turns.checkOrder();
            return turns;
        }
    }

    private static final long STAY_NANOS = 1_000_000;

    /** Who held, by token, and whether two did at once. */
    private static final class Turns {
        private final AtomicBoolean stop = new AtomicBoolean();
        private final AtomicLong last = new AtomicLong();
        private final Set<LockHandle> inside = ConcurrentHashMap.newKeySet();
        private final AtomicInteger holds = new AtomicInteger();
        private final List<String> wrongOrder = new CopyOnWriteArrayList<>();
        private final AtomicInteger together = new AtomicInteger();

        void take(LockClient client) {
            while (!stop.get()) {
                try (LockHandle hold = client.acquire("n", Duration.ofSeconds(60))) {
                    enter(hold);
                } catch (LockException unavailable) {
                    // Out of reach for as long as a wait may take; the next turn asks again.
                } catch (InterruptedException e) {
                    return;
                }
            }
        }

        /** Stays inside for a while, or two could be there together only within microseconds. */
        private void enter(LockHandle hold) {
            inside.add(hold);
            long begin = System.nanoTime();
            boolean alone = true;
            while (alone && System.nanoTime() - begin < STAY_NANOS) {
                alone = isAlone(hold);
                Thread.onSpinWait();
            }
            long before = last.getAndAccumulate(hold.fencingToken(), Math::max);
            // A hold that is not valid any more proves nothing: its successor may have been there already.
            if (hold.isValid()) {
                if (before >= hold.fencingToken()) {
                    wrongOrder.add(hold.fencingToken() + " after " + before);
                }
            }
            if (!alone) {
                together.incrementAndGet();
            }
            holds.incrementAndGet();
            inside.remove(hold);
        }

        /** Whether no other hold is valid while this one is: asked last, this one was valid as the others were. */
        private boolean isAlone(LockHandle hold) {
            return inside.stream().noneMatch(other -> other != hold && other.isValid() && hold.isValid());
        }

        void awaitMore(int count) {
            int wanted = holds.get() + count;
            await().atMost(BOUND.plusMillis(100L * count)).until(() -> holds.get() >= wanted);
        }

        void checkOrder() {
            assertThat(wrongOrder).as("tokens out of order").isEmpty();
        }

        void checkExclusion() {
            assertThat(together.get()).as("two holds at once").isZero();
        }
    }
}
