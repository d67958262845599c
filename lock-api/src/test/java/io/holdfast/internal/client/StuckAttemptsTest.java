// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.ReleaseOutcome;
import io.holdfast.spi.LockClock;
import io.holdfast.spi.MapTable;
import io.holdfast.spi.TableBackend;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A store that blocks whoever asks it, on the threads that a client has of its own. */
class StuckAttemptsTest {
    /** More than there are workers. */
    private static final int ATTEMPTS = 2000;

    private static final int ROUNDS = 9;

    private final CountDownLatch end = new CountDownLatch(1);
    private final CountDownLatch rounds = new CountDownLatch(ROUNDS);
    private volatile boolean stuck;

    private void before(String call) {
        if (stuck && call.equals("tryAcquire")) {
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        if (stuck && call.equals("renew")) {
            rounds.countDown();
        }
    }

    @Test
    @DisplayName(
            "KE-3: attempts that the store does not answer, in whatever number, keep no renewal and no release from a thread")
    void holdsAreKept() throws Exception {
        MapTable table = new MapTable(new RealTime());
        table.before = this::before;
        LockConfig config = LockConfig.load().withLease(Duration.ofSeconds(2));
        try (LockClient client = LockClient.open(TableBackend.of(table), config)) {
            LockHandle hold = client.acquire("mine");
            stuck = true;
            for (int i = 0; i < ATTEMPTS; i++) {
                client.acquireAsync("stuck-" + i);
            }

            assertThat(rounds.await(1, TimeUnit.MINUTES))
                    .as("three leases' rounds")
                    .isTrue();
            assertThat(hold.isValid()).isTrue();
            assertThat(hold.releaseAsync().toCompletableFuture().get(1, TimeUnit.MINUTES))
                    .isEqualTo(ReleaseOutcome.RELEASED);
            end.countDown();
        } finally {
            end.countDown();
        }
    }

    private static final class RealTime implements LockClock {
        @Override
        public long nanoTime() {
            return System.nanoTime();
        }

        @Override
        public long wallMillis() {
            return System.currentTimeMillis();
        }
    }
}
