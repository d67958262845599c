// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.lab.process.Crowd;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Many clients on one name, and many names in one client; both print what they cost. */
@Tag("long")
class ScaleTest {
    private static final int PROCESSES = 4;
    private static final int CLIENTS_EACH = 500;
    private static final int LOCKS = 5000;

    private StoreServer server;
    private Resp redis;

    @BeforeEach
    void start() {
        server = StoreKind.REDIS_7.spec().start();
        redis = Resp.open(server.node(1).address());
    }

    @AfterEach
    void end() {
        redis.close();
        server.close();
    }

    /** 2,000 clients in 4 processes wait for one name; one release lets them through, one after another. */
    @Test
    void aLongLineIsDrainedWithOneWakeUpARelease() throws Exception {
        int waiting = PROCESSES * CLIENTS_EACH;
        try (LockClient first =
                LockClient.open(LockConfig.of("redis://" + server.endpoints()).withLease(CrowdMain.LEASE))) {
            LockHandle hold = first.acquire(Crowd.NAME);
            try (Crowd crowd = new Crowd(CrowdMain.class, PROCESSES, CLIENTS_EACH, server.endpoints())) {
                await().atMost(Duration.ofMinutes(4))
                        .until(() -> redis.number("ZCARD", "holdfast:{" + Crowd.NAME + "}:line") == waiting);
                redis.line("CONFIG RESETSTAT");
                long begin = System.nanoTime();
                hold.release();
                List<Crowd.Hold> holds = crowd.holds();
                double seconds = (System.nanoTime() - begin) / 1e9;
                long wakeUps = redis.calls("publish");
                long requests = redis.calls("evalsha") + redis.calls("eval");
                System.out.printf(
                        Locale.ROOT,
                        "%d clients in %d processes on one name: drained in %.1f s, %.0f releases a second, %.3f wake-ups and"
                                + " %.2f requests a release, renewals and looks of those in line included%n",
                        waiting,
                        PROCESSES,
                        seconds,
                        waiting / seconds,
                        (double) wakeUps / waiting,
                        (double) requests / waiting);
                assertThat(holds).hasSize(waiting).allMatch(one -> one.token() > hold.fencingToken());
                assertThat(wakeUps).isLessThanOrEqualTo(2L * (waiting + 1));
                Set<String> subscriptions = new HashSet<>(redis.list("PUBSUB", "CHANNELS", "holdfast:*"));
                assertThat(subscriptions).as("one of each process, and ours").hasSize(PROCESSES + 1);
            }
        }
    }

    @Test
    void fiveThousandLocksAreHeldForAMinuteAndNoneIsLost() throws Exception {
        try (LockClient client = LockClient.open("redis://" + server.endpoints())) {
            List<CompletableFuture<LockHandle>> asked = new ArrayList<>();
            long begin = System.nanoTime();
            for (int i = 0; i < LOCKS; i++) {
                asked.add(client.acquireAsync("n" + i).toCompletableFuture());
            }
            List<LockHandle> holds = new ArrayList<>();
            for (CompletableFuture<LockHandle> one : asked) {
                holds.add(one.get(2, TimeUnit.MINUTES));
            }
            double taken = (System.nanoTime() - begin) / 1e9;
            redis.line("CONFIG RESETSTAT");
            long held = System.nanoTime();
            await().during(Duration.ofMinutes(1))
                    .atMost(Duration.ofSeconds(75))
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() -> client.metrics().lost() == 0 && holds.stream().allMatch(LockHandle::isValid));
            double seconds = (System.nanoTime() - held) / 1e9;
            long requests = redis.calls("evalsha") + redis.calls("eval");
            System.out.printf(
                    Locale.ROOT,
                    "%d locks: taken in %.1f s; held for %.0f s with %.0f requests a second, none lost%n",
                    LOCKS,
                    taken,
                    seconds,
                    requests / seconds);
            assertThat(requests).as("each is renewed, every third of its lease").isGreaterThanOrEqualTo(4L * LOCKS);
            holds.forEach(LockHandle::release);
            await().atMost(Duration.ofMinutes(1))
                    .untilAsserted(() -> assertThat(client.list()).isEmpty());
        }
    }
}
