// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.LockLostException;
import io.holdfast.lab.server.ServerNode;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Three servers of which some fail while clients contend. */
@Tag("long")
class EnsembleFaultsTest {
    private static final int CLIENTS = 6;
    private static final Duration LEASE = Duration.ofSeconds(8);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final List<Long> tokens = new ArrayList<>();
    private final AtomicIntegerArray holds = new AtomicIntegerArray(CLIENTS);
    private final AtomicBoolean enough = new AtomicBoolean();
    private StoreServer servers;

    @BeforeEach
    void start() {
        servers = StoreKind.ZOOKEEPER_3_9.spec().nodes(3).durable().start();
    }

    @AfterEach
    void end() {
        servers.close();
    }

    private LockConfig config(String endpoints) {
        return LockConfig.of("zk://" + endpoints + "?tick=500ms&outage-timeout=2m")
                .withLease(LEASE);
    }

    /** Takes the lock again and again; whatever is recorded was held validly just then. */
    private Void contend(int number) throws Exception {
        try (LockClient client = LockClient.open(config(servers.endpoints()))) {
            while (!enough.get()) {
                LockHandle hold = client.acquire("n", PATIENCE);
                synchronized (tokens) {
                    if (hold.isValid()) {
                        tokens.add(hold.fencingToken());
                        holds.incrementAndGet(number);
                    }
                }
                try {
                    hold.release();
                } catch (LockLostException lost) {
                    // It was lost in the fault, and said so.
                }
            }
        }
        return null;
    }

    private void everyClientHoldsAgain() {
        int[] before = new int[CLIENTS];
        for (int i = 0; i < CLIENTS; i++) {
            before[i] = holds.get(i);
        }
        await().atMost(PATIENCE).until(() -> {
            for (int i = 0; i < CLIENTS; i++) {
                if (holds.get(i) < before[i] + 2) {
                    return false;
                }
            }
            return true;
        });
    }

    private void underLoad(Runnable faults) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Future<Void>> all = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                int number = i;
                all.add(pool.submit(() -> contend(number)));
            }
            everyClientHoldsAgain();
            faults.run();
            enough.set(true);
            for (Future<Void> one : all) {
                one.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
        } finally {
            enough.set(true);
            pool.shutdownNow();
        }
        for (int i = 1; i < tokens.size(); i++) {
            assertThat(tokens.get(i)).as("token " + i).isGreaterThan(tokens.get(i - 1));
        }
    }

    private ServerNode leader() {
        await().atMost(PATIENCE).until(() -> servers.leader().isPresent());
        return servers.leader().orElseThrow();
    }

    @Test
    void killedLeadersCostTimeAndNeitherOrderNorWaiters() throws Exception {
        underLoad(() -> {
            for (int i = 0; i < 2; i++) {
                ServerNode leader = leader();
                leader.kill();
                everyClientHoldsAgain();
                leader.start();
                everyClientHoldsAgain();
            }
        });
    }

    @Test
    void aStoppedLeaderCostsTimeAndNeitherOrderNorWaiters() throws Exception {
        underLoad(() -> {
            ServerNode leader = leader();
            leader.pause();
            everyClientHoldsAgain();
            leader.resume();
            everyClientHoldsAgain();
        });
    }

    /**
     * A follower that has lost its leader answers reads and pings for syncLimit ticks, here five seconds. What its client holds ends
     * with the lease all the same, for no write is acknowledged.
     */
    @Test
    void aFollowerWithoutItsQuorumProlongsNothing() throws Exception {
        ServerNode leader = leader();
        ServerNode follower = servers.nodes().stream()
                .filter(node -> node != leader)
                .findFirst()
                .orElseThrow();
        Duration shortest = Duration.ofSeconds(4);
        try (LockClient client = LockClient.open(config(follower.endpoint()).withLease(shortest));
                Admin reader = new Admin(follower.address())) {
            LockHandle hold = client.acquire("n");
            await().until(() -> client.metrics().renewals() >= 3 && hold.isValid());
            long stopped = System.nanoTime();
            servers.nodes().stream().filter(node -> node != follower).forEach(ServerNode::pause);
            await().pollInterval(Duration.ofMillis(5)).atMost(PATIENCE).until(() -> !hold.isValid());
            Duration held = Duration.ofNanos(System.nanoTime() - stopped);
            assertThat(held).isLessThan(shortest.plusMillis(200));
            assertThat(reader.contenders("/holdfast/n"))
                    .as("what the follower still shows as held")
                    .isEqualTo(1);
            servers.nodes().forEach(ServerNode::resume);
            client.acquire("n", PATIENCE).release();
        }
    }
}
