// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.DistributedLock;
import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.lab.process.Crowd;
import io.holdfast.lab.server.StoreServer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Many clients on one name, and many cycles of one client; what they cost goes to standard output. */
@Tag("long")
class ScaleTest {
    private static final int PROCESSES = 4;
    private static final int CLIENTS_EACH = 100;
    private static final int CYCLES = 100_000;
    private static final int SOME = 1000;

    private StoreServer server;
    private LockConfig config;

    @BeforeEach
    void start() {
        server = ConsulFixture.usual().start();
        config = LockConfig.of("consul://" + server.endpoints());
    }

    @AfterEach
    void end() {
        server.close();
    }

    /** 400 clients in 4 processes, of which each has one pool; one release lets them through, one after another. */
    @Test
    void aLongLineIsDrainedInOrderAndOneAtATime() throws Exception {
        int waiting = PROCESSES * CLIENTS_EACH;
        Administrator administrator = Administrator.of(server);
        try (LockClient first = LockClient.open(config)) {
            LockHandle hold = first.acquire(Crowd.NAME);
            try (Crowd crowd = new Crowd(CrowdMain.class, PROCESSES, CLIENTS_EACH, server.endpoints())) {
                String line = new LockKeys("holdfast").line(Crowd.NAME);
                await().atMost(Duration.ofMinutes(4))
                        .until(() -> administrator.entries(line).size() == waiting + 1);
                long begin = System.nanoTime();
                hold.release();
                List<Crowd.Hold> holds = crowd.holds();
                double seconds = (System.nanoTime() - begin) / 1e9;
                System.out.printf(
                        Locale.ROOT,
                        "%d clients in %d processes on one name: drained in %.1f s, %.0f releases a second%n",
                        waiting,
                        PROCESSES,
                        seconds,
                        waiting / seconds);
                assertThat(holds).hasSize(waiting).allMatch(one -> one.token() > hold.fencingToken());
            }
        }
    }

    /** Consul keeps deleted keys for a while, and looking at a line walks over them: few keys, used again, keep it short. */
    @Test
    void aHundredThousandCyclesStayAsFastAsTheFirstThousand() {
        try (LockClient client = LockClient.open(config)) {
            DistributedLock lock = client.lock("cycled");
            cycles(lock, SOME); // warms up
            long first = median(cycles(lock, SOME));
            long[] all = cycles(lock, CYCLES - 3 * SOME);
            long last = median(cycles(lock, SOME));
            System.out.printf(
                    Locale.ROOT,
                    "%d cycles of acquire and release: median of the first 1,000 %d us, of all %d us, of the last 1,000"
                            + " %d us%n",
                    CYCLES,
                    first / 1000,
                    median(all) / 1000,
                    last / 1000);
            assertThat(last).as("nanoseconds a cycle").isLessThan(2 * first);
        }
    }

    @SuppressWarnings("LockNotBeforeTry") // nothing is in between
    private static long[] cycles(DistributedLock lock, int count) {
        long[] nanos = new long[count];
        for (int i = 0; i < count; i++) {
            long begin = System.nanoTime();
            lock.lock();
            lock.unlock();
            nanos[i] = System.nanoTime() - begin;
        }
        return nanos;
    }

    private static long median(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
