// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockException;
import io.holdfast.LockHandle;
import io.holdfast.lab.server.ServerNode;
import io.holdfast.lab.server.StoreServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Three servers, of which the leader dies or stands still, under load: tokens go up, holds do not overlap, and the line moves on. */
@Tag("long")
class LeaderTest {
    private static final Duration LEASE = Duration.ofSeconds(4);
    /** Twice the lease, begun anew by a new leader, its election and a request's time: the stated bound. */
    private static final Duration BOUND = LEASE.multipliedBy(2).plusSeconds(20);

    private static final int CLIENTS = 6;

    private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    private final AtomicReference<LockHandle> inside = new AtomicReference<>();
    private final AtomicLong lastToken = new AtomicLong();
    private final AtomicLong grants = new AtomicLong();
    private final List<LockClient> clients = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private StoreServer server;
    private volatile boolean over;

    @BeforeEach
    void start() {
        server = ConsulFixture.usual()
                .nodes(3)
                .durable()
                .line(ConsulFixture.SHORT_SESSIONS)
                .start();
        for (int i = 0; i < CLIENTS; i++) {
            LockClient client = LockClient.open(LockConfig.of("consul://" + hostsFrom(i))
                    .with("session-ttl-min", "1s")
                    .with("outage-timeout", "2m")
                    .withLease(LEASE));
            clients.add(client);
            Thread thread = new Thread(() -> work(client), "load-" + i);
            threads.add(thread);
            thread.start();
        }
        await().atMost(Duration.ofSeconds(30)).until(() -> grants.get() > 50);
    }

    /** Each client prefers another server. */
    private String hostsFrom(int number) {
        List<String> hosts = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            hosts.add(server.nodes().get((number + i) % 3).endpoint());
        }
        return String.join(",", hosts);
    }

    @AfterEach
    void end() throws InterruptedException {
        over = true;
        for (Thread thread : threads) {
            thread.join(60_000);
        }
        clients.forEach(LockClient::close);
        server.close();
    }

    private void work(LockClient client) {
        while (!over) {
            try {
                LockHandle hold = client.acquire("n", Duration.ofMinutes(1));
                LockHandle before = inside.getAndSet(hold);
                if (before != null && before.isValid() && hold.isValid()) {
                    wrong.add("two valid holds: " + before + ", " + hold);
                }
                long last = lastToken.getAndAccumulate(hold.fencingToken(), Math::max);
                if (hold.isValid() && hold.fencingToken() <= last) {
                    wrong.add("token " + hold.fencingToken() + " after " + last);
                }
                grants.incrementAndGet();
                LockSupport.parkNanos(1_000_000); // inside: another one that comes meanwhile is seen
                inside.compareAndSet(hold, null);
                hold.release();
            } catch (LockException e) {
                // An outage; the next attempt is another one.
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void isServedAgain(String what) {
        long begin = System.nanoTime();
        long before = grants.get();
        // One that had its answer already may still come through; twice as many as there are clients did not.
        await().atMost(BOUND).until(() -> grants.get() > before + 2 * CLIENTS);
        System.out.printf(Locale.ROOT, "%s: served again after %.1f s%n", what, (System.nanoTime() - begin) / 1e9);
        assertThat(wrong).isEmpty();
    }

    private ServerNode leader() {
        return await().atMost(Duration.ofSeconds(60))
                .until(server::leader, java.util.Optional::isPresent)
                .orElseThrow();
    }

    @Test
    void aKilledLeaderCostsNoMoreThanTheBound() {
        for (int round = 1; round <= 3; round++) {
            ServerNode leader = leader();
            leader.kill();
            isServedAgain("leader killed");
            leader.start();
            isServedAgain("old leader back");
        }
    }

    @Test
    void aStoppedLeaderCostsNoMoreThanTheBound() {
        for (int round = 1; round <= 3; round++) {
            ServerNode leader = leader();
            leader.pause();
            isServedAgain("leader stopped");
            leader.resume();
            isServedAgain("old leader goes on");
        }
    }
}
