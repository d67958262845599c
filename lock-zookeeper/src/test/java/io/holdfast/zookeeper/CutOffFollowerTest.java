// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.lab.server.ServerNode;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.zookeeper.KeeperException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Rules ME-1 and ME-2: a follower that its leader does not hear goes on answering reads for syncLimit ticks, here ten seconds, while
 * the leader ends its sessions after four and gives what they held to others. Only writes tell the difference.
 */
@SuppressWarnings("SystemOut") // the figures
class CutOffFollowerTest {
    /** The shortest there is for a tick of half a second. */
    private static final Duration LEASE = Duration.ofSeconds(4);

    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final long LOOK_NANOS = 500_000;
    private static final String CONTAINER = "/holdfast/n";

    /** A thread for each: since JDK 25 tasks without an executor queue up in a pool that has one thread on two processors. */
    private final ExecutorService observers = Executors.newCachedThreadPool();

    private PeerProxies peers;
    private StoreServer servers;
    private ServerNode leader;
    private ServerNode follower;

    @BeforeEach
    void start() {
        peers = new PeerProxies();
        servers = StoreKind.ZOOKEEPER_3_9
                .spec()
                .nodes(3)
                .peersThrough(peers)
                .line("syncLimit=20")
                .start();
        await().atMost(PATIENCE).until(() -> servers.leader().isPresent());
        leader = servers.leader().orElseThrow();
        follower = servers.nodes().stream()
                .filter(node -> node != leader)
                .findFirst()
                .orElseThrow();
    }

    @AfterEach
    void end() {
        servers.close();
        peers.close();
        observers.shutdownNow();
    }

    private LockClient client(List<ServerNode> nodes) {
        String endpoints = nodes.stream().map(ServerNode::endpoint).collect(Collectors.joining(","));
        return LockClient.open(
                LockConfig.of("zk://" + endpoints + "?tick=500ms").withLease(LEASE));
    }

    /** When somebody held, on the clock of this JVM, and what the servers said at that time. */
    private record Succession(long lostAt, long grantedAt, List<String> atTheLeader, List<String> atTheFollower) {}

    @Test
    void nobodyHoldsBesideTheClientOfAFollowerThatIsCutOff() throws Exception {
        List<ServerNode> majority =
                servers.nodes().stream().filter(node -> node != follower).toList();
        try (LockClient first = client(List.of(follower));
                LockClient second = client(majority);
                Admin atTheLeader = new Admin(leader.address());
                Admin atTheFollower = new Admin(follower.address())) {
            LockHandle hold = first.acquire("n");
            await().until(() -> first.metrics().renewals() >= 3 && hold.isValid());
            String node = atTheLeader.zookeeper().getChildren(CONTAINER, false).get(0);
            CompletableFuture<LockHandle> waiting = second.acquireAsync("n").toCompletableFuture();
            await().until(() -> atTheFollower.contenders(CONTAINER) == 2);
            Reads reads = new Reads(atTheFollower, CONTAINER + "/" + node, observers);
            peers.cutOff(servers.nodes().indexOf(follower) + 1);
            Succession seen = succession(hold, waiting, atTheLeader, atTheFollower);
            long lastRead = reads.lastAnswered();
            print(seen, lastRead);

            assertThat(seen.atTheLeader).as("the first session has ended").doesNotContain(node);
            assertThat(seen.atTheFollower)
                    .as("what the follower still answered then")
                    .contains(node);
            assertThat(seen.lostAt - seen.grantedAt)
                    .as("nanoseconds of two holds at once")
                    .isNegative();
            // What this test is for: whoever counts the lease from
            // answered reads believes that he holds beside the second.
            assertThat(Duration.ofNanos(lastRead + LEASE.toNanos() - seen.grantedAt))
                    .as("the overlap of a lease that is counted from reads")
                    .isGreaterThan(Duration.ofSeconds(5));
            assertThat(first.metrics().lost()).isEqualTo(1);
            waiting.join().release();
            peers.heal();
            first.acquire("n", PATIENCE).release();
        }
    }

    private Succession succession(
            LockHandle hold, CompletableFuture<LockHandle> waiting, Admin atTheLeader, Admin atTheFollower)
            throws Exception {
        CompletableFuture<Long> granted = waiting.thenApply(next -> System.nanoTime());
        CompletableFuture<Long> lost = CompletableFuture.supplyAsync(
                () -> {
                    while (hold.isValid()) {
                        LockSupport.parkNanos(LOOK_NANOS);
                    }
                    return System.nanoTime();
                },
                observers);
        long grantedAt = granted.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        List<String> follows = atTheFollower.zookeeper().getChildren(CONTAINER, false);
        List<String> leads = atTheLeader.zookeeper().getChildren(CONTAINER, false);
        return new Succession(lost.get(PATIENCE.toSeconds(), TimeUnit.SECONDS), grantedAt, leads, follows);
    }

    private static void print(Succession seen, long lastRead) {
        System.out.printf(
                Locale.ROOT,
                "a follower cut off: the next held %.2f s after the hold was lost; counted from reads it would have been"
                        + " valid for %.2f s beside it%n",
                (seen.grantedAt - seen.lostAt) / 1e9,
                (lastRead + LEASE.toNanos() - seen.grantedAt) / 1e9);
    }

    /** Reads the holder's node again and again, until the server gives up. */
    private static final class Reads {
        private final CompletableFuture<Long> lastAnswered;

        Reads(Admin server, String path, Executor observers) {
            lastAnswered = CompletableFuture.supplyAsync(() -> readUntilRefused(server, path), observers);
        }

        private static long readUntilRefused(Admin server, String path) {
            long sentAt = System.nanoTime();
            try {
                while (true) {
                    long next = System.nanoTime();
                    server.zookeeper().getData(path, false, null);
                    sentAt = next;
                }
            } catch (KeeperException refused) {
                return sentAt; // it has noticed, or the node has gone
            } catch (InterruptedException e) {
                throw new AssertionError("nobody interrupts this", e);
            }
        }

        /** When the newest of the reads that were answered had been sent. */
        long lastAnswered() throws Exception {
            return lastAnswered.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }
}
