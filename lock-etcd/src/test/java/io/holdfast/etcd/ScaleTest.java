// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.lab.process.Crowd;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Many cycles, and many clients. The figures are printed; what is promised is asserted. */
@Tag("long")
@SuppressWarnings("SystemOut") // the figures
class ScaleTest {
    private static final int PROCESSES = 4;
    private static final int CLIENTS_EACH = 250;

    private StoreServer server;
    private Etcd etcd;

    @BeforeEach
    void start() {
        server = StoreKind.ETCD_3_5.spec().start();
        etcd = Etcd.at(server.node(1).endpoint());
    }

    @AfterEach
    void end() {
        etcd.close();
        server.close();
    }

    private LockConfig config() {
        return LockConfig.of("etcd://" + server.endpoints());
    }

    private static double micros(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2] / 1e3;
    }

    private static long cycle(LockClient client, String name) throws InterruptedException {
        long begin = System.nanoTime();
        client.acquire(name).release();
        return System.nanoTime() - begin;
    }

    /** Deleted keys stay until etcd is compacted, which here it never is: a name with a long past is as fast as a new one. */
    @Test
    void aHundredThousandCyclesOnOneNameStayAsFastAsTheFirst() throws Exception {
        int many = 100_000;
        int few = 1_000;
        try (LockClient client = LockClient.open(config())) {
            for (int i = 0; i < 5 * few; i++) {
                cycle(client, "warm-up");
            }
            long[] first = new long[few];
            for (int i = 0; i < few; i++) {
                first[i] = cycle(client, "old");
            }
            for (int i = few; i < many - few; i++) {
                cycle(client, "old");
            }
            long[] last = new long[few];
            long[] fresh = new long[few];
            for (int i = 0; i < few; i++) { // in turn, so that both meet the same load of the machine
                last[i] = cycle(client, "old");
                fresh[i] = cycle(client, "new");
            }
            System.out.printf(
                    Locale.ROOT,
                    "%d cycles without compaction: p50 of the first %d %.0f us, of the last %d %.0f us, of a new name beside"
                            + " them %.0f us%n",
                    many,
                    few,
                    micros(first),
                    few,
                    micros(last),
                    micros(fresh));
            assertThat(micros(last)).isLessThan(1.25 * micros(fresh));
        }
    }

    /** 1,000 clients in 4 processes wait for one name; one release lets them through, one after another. */
    @Test
    void aLongLineIsDrainedWithOneLookARelease() throws Exception {
        int waiting = PROCESSES * CLIENTS_EACH;
        Metrics metrics = new Metrics(server.node(1).endpoint());
        try (LockClient first = LockClient.open(config().withLease(CrowdMain.LEASE))) {
            LockHandle hold = first.acquire(Crowd.NAME);
            try (Crowd crowd = new Crowd(CrowdMain.class, PROCESSES, CLIENTS_EACH, server.endpoints())) {
                await().atMost(Duration.ofMinutes(5))
                        .pollInterval(Duration.ofSeconds(1))
                        .until(() -> etcd.line("holdfast", Crowd.NAME).size() == waiting + 1);
                await().until(() -> metrics.open("Watch") == PROCESSES);
                long looksBefore = settled(metrics);
                long heardBefore = metrics.sent("Watch");
                long begin = System.nanoTime();
                hold.release();
                List<Crowd.Hold> holds = crowd.holds();
                double seconds = (System.nanoTime() - begin) / 1e9;
                long releases = waiting + 1L;
                long looks = metrics.answered("Txn") - looksBefore - releases;
                long heard = metrics.sent("Watch") - heardBefore;
                System.out.printf(
                        Locale.ROOT,
                        "%d clients in %d processes on one name: drained in %.1f s, %.0f releases a second; a release woke %.3f"
                                + " requests and was told in %.2f messages%n",
                        waiting,
                        PROCESSES,
                        seconds,
                        waiting / seconds,
                        (double) looks / releases,
                        (double) heard / releases);
                assertThat(holds).hasSize(waiting).allMatch(one -> one.token() > hold.fencingToken());
                assertThat(looks).isLessThanOrEqualTo(2 * releases);
                assertThat(heard).as("one message a process").isLessThanOrEqualTo(PROCESSES * releases);
            }
        }
    }

    /** The count of transactions once nothing is added any more. */
    private static long settled(Metrics metrics) {
        long[] last = {-1};
        await().atMost(Duration.ofMinutes(1))
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> {
                    long now = metrics.answered("Txn");
                    boolean same = now == last[0];
                    last[0] = now;
                    return same;
                });
        return last[0];
    }
}
