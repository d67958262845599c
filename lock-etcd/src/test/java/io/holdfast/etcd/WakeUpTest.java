// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.Lock;
import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How soon one who waits is woken, beside jetcd's Lock in the same run. The figures are printed; what is promised is asserted. */
@Tag("long")
@SuppressWarnings("SystemOut") // the figures
class WakeUpTest {
    private static final int THREADS = 8;

    /** Turns until most of what a hand-over runs is compiled; before, this measures the JIT compiler. */
    private static final int WARM_UP = 1_000;

    /** How long one waits before the release: long enough for its thread to sleep. */
    private static final long PARKED_NANOS = TimeUnit.MILLISECONDS.toNanos(25);

    private StoreServer server;
    private Etcd etcd;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @BeforeEach
    void start() {
        server = StoreKind.ETCD_3_5.spec().start();
        etcd = Etcd.at(server.node(1).endpoint());
    }

    @AfterEach
    void end() {
        threads.shutdownNow();
        etcd.close();
        server.close();
    }

    private Client jetcd() {
        return Client.builder()
                .endpoints("http://" + server.endpoints())
                .keepaliveWithoutCalls(false)
                .build();
    }

    private static double p50Micros(List<Long> nanos) {
        return nanos.stream().mapToLong(n -> n).sorted().toArray()[nanos.size() / 2] / 1e3;
    }

    /** What two clients do in turn. */
    private interface Side {
        /** Takes the lock. @return what gives it back */
        Runnable lock() throws Exception;
    }

    private static Side ours(LockClient client, String name) {
        return () -> {
            LockHandle hold = client.acquire(name);
            return hold::release;
        };
    }

    private static Side theirs(Lock lock, long lease, String name) {
        return () -> {
            var key = lock.lock(LockKeys.bytes("holdfast/" + name), lease).get().getKey();
            return () -> lock.unlock(key).join();
        };
    }

    /** In blocks, because a jetcd Lock's wait ends with a tick of etcd's, and so begins with one when it is the next. */
    @Test
    void aWaiterIsWokenInATwentiethOfTheTimeOfJetcdsLock() throws Exception {
        int blocks = 4;
        int each = 50;
        List<Long> ours = new ArrayList<>();
        List<Long> theirs = new ArrayList<>();
        try (LockClient one = LockClient.open(config());
                LockClient two = LockClient.open(config());
                Client jetcd = jetcd()) {
            Side first = ours(one, "woken");
            Side second = ours(two, "woken");
            Lock lock = jetcd.getLockClient();
            Side third =
                    theirs(lock, Etcd.answer(jetcd.getLeaseClient().grant(600)).getID(), "jetcd");
            Side fourth =
                    theirs(lock, Etcd.answer(jetcd.getLeaseClient().grant(600)).getID(), "jetcd");
            turns(List.of(first, second), WARM_UP);
            turns(List.of(third, fourth), each);
            for (int block = 0; block < blocks; block++) {
                for (int i = 0; i < each; i++) {
                    ours.add(wakeUp(first, second, "woken"));
                }
                for (int i = 0; i < each; i++) {
                    theirs.add(wakeUp(third, fourth, "jetcd"));
                }
            }
        }
        System.out.printf(
                Locale.ROOT,
                "wake-up p50 over %d: %.0f us, jetcd's Lock %.0f us: 1/%.1f%n",
                blocks * each,
                p50Micros(ours),
                p50Micros(theirs),
                p50Micros(theirs) / p50Micros(ours));
        assertThat(p50Micros(ours)).isLessThanOrEqualTo(p50Micros(theirs) / 20);
    }

    /** From the call that releases to the moment when the thread that waited goes on. */
    private long wakeUp(Side holder, Side waiter, String name) throws Exception {
        Runnable release = holder.lock();
        Future<Long> woken = threads.submit(() -> {
            Runnable giveBack = waiter.lock();
            long now = System.nanoTime();
            giveBack.run();
            return now;
        });
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> etcd.line("holdfast", name).size() == 2);
        LockSupport.parkNanos(PARKED_NANOS);
        long begin = System.nanoTime();
        release.run();
        return woken.get(20, TimeUnit.SECONDS) - begin;
    }

    private LockConfig config() {
        return LockConfig.of("etcd://" + server.endpoints());
    }

    /** Eight who take turns: lock clients, each with a connection of its own; eight leases on one jetcd client. */
    @Test
    void aLockThatEightWantPassesOnInAFifthOfTheTimeOfJetcdsLock() throws Exception {
        try (Client jetcd = jetcd()) {
            Lock lock = jetcd.getLockClient();
            List<LockClient> clients = new ArrayList<>();
            List<Side> ours = new ArrayList<>();
            List<Side> theirs = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                clients.add(LockClient.open(config()));
                ours.add(ours(clients.get(i), "wanted"));
                theirs.add(theirs(
                        lock, Etcd.answer(jetcd.getLeaseClient().grant(600)).getID(), "jetcd"));
            }
            turns(ours, WARM_UP);
            double our = 0;
            double their = 0;
            for (int i = 0; i < 2; i++) {
                our += turns(ours, 500);
                their += turns(theirs, 50);
            }
            clients.forEach(LockClient::close);
            System.out.printf(
                    Locale.ROOT,
                    "%d in turn: %.0f us a hand-over, jetcd's Lock %.0f us: 1/%.1f%n",
                    THREADS,
                    our / 2,
                    their / 2,
                    their / our);
            assertThat(our).isLessThanOrEqualTo(their / 5);
        }
    }

    /** @return microseconds a hand-over */
    private double turns(List<Side> sides, int each) throws Exception {
        List<Future<List<Long>>> waits = new ArrayList<>();
        long begin = System.nanoTime();
        for (Side side : sides) {
            Callable<List<Long>> taken = () -> {
                List<Long> mine = new ArrayList<>();
                for (int i = 0; i < each; i++) {
                    long asked = System.nanoTime();
                    Runnable release = side.lock();
                    mine.add(System.nanoTime() - asked);
                    release.run();
                }
                return mine;
            };
            waits.add(threads.submit(taken));
        }
        List<Long> all = new ArrayList<>();
        for (Future<List<Long>> one : waits) {
            all.addAll(one.get(2, TimeUnit.MINUTES));
        }
        double micros = (System.nanoTime() - begin) / 1e3 / all.size();
        System.out.printf(
                Locale.ROOT, "  %d turns, %.0f us each, wait p50 %.0f us%n", all.size(), micros, p50Micros(all));
        return micros;
    }
}
