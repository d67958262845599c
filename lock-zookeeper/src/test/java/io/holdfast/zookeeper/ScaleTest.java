// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.lab.process.Crowd;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Many clients. The figures are printed; what is promised is asserted. */
@Tag("long")
@SuppressWarnings("SystemOut") // the figures
class ScaleTest {
    private static final int PROCESSES = 4;
    private static final int CLIENTS_EACH = 250;

    /** 1,000 clients in 4 processes, one Curator client in each, wait for one name; one release lets them through, one by one. */
    @Test
    void aLongLineIsDrainedWithOneWakeUpARelease() throws Exception {
        try (StoreServer server = StoreKind.ZOOKEEPER_3_9
                        .spec()
                        .line("maxSessionTimeout=" + CrowdMain.LEASE.toMillis())
                        .start();
                Admin admin = new Admin(server.node(1).address());
                LockClient first = LockClient.open(
                        LockConfig.of("zk://" + server.endpoints()).withLease(CrowdMain.LEASE));
                Crowd crowd = new Crowd(CrowdMain.class, PROCESSES, CLIENTS_EACH, server.endpoints())) {
            LockHandle hold = first.acquire(Crowd.NAME);
            Counters counters = Counters.of(server.node(1));
            await().atMost(Duration.ofMinutes(5))
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() -> admin.contenders("/holdfast/" + Crowd.NAME) > crowd.size());
            await().atMost(Duration.ofMinutes(1)).until(() -> counters.watches() == crowd.size());
            long before = counters.requests();
            long begin = System.nanoTime();
            hold.release();
            List<Crowd.Hold> holds = crowd.holds();
            double seconds = (System.nanoTime() - begin) / 1e9;
            long releases = crowd.size() + 1L;
            long looks = counters.requests() - before - releases;
            System.out.printf(
                    Locale.ROOT,
                    "%d clients in %d processes on one name: drained in %.1f s, %.0f releases a second; a release woke %.3f"
                            + " requests%n",
                    crowd.size(),
                    PROCESSES,
                    seconds,
                    crowd.size() / seconds,
                    (double) looks / releases);
            assertThat(holds).hasSize(crowd.size());
            assertThat(holds).allMatch(next -> next.token() > hold.fencingToken());
            assertThat(looks).isLessThanOrEqualTo(2 * releases);
            assertThat(counters.watches()).as("watches that are left").isZero();
        }
    }
}
