// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.LockHandle;
import io.holdfast.ReleaseOutcome;
import io.holdfast.internal.context.EngineSettings;
import io.holdfast.spi.LockClock;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.LockScheduler;
import io.holdfast.spi.MapTable;
import io.holdfast.spi.TableBackend;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A table that answers nobody who wants a lock, each of whom has a thread of the client's blocked. */
class BlockedContendsTest {
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final int WANTED = 200;
    private static final int BOUND = 16;
    private static final long PATIENCE_SECONDS = 20;

    /** More than the bound, far fewer than what is wanted. */
    private final ExecutorService workers = Executors.newFixedThreadPool(BOUND + 8);

    private final VirtualRuntime time = new VirtualRuntime();
    private final MapTable table = new MapTable(time);
    private final CountDownLatch opened = new CountDownLatch(1);
    private final AtomicInteger now = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final AtomicInteger refusals = new AtomicInteger();
    private final EngineClient client = open();

    private EngineClient open() {
        LockRuntime runtime = new LockRuntime() {
            @Override
            public LockClock clock() {
                return time;
            }

            @Override
            public LockScheduler scheduler() {
                return time;
            }

            @Override
            public Executor executor() {
                return task -> {
                    if (refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                        throw new RejectedExecutionException("refused by the test");
                    }
                    workers.execute(task);
                };
            }
        };
        EngineSettings settings = new EngineSettings(
                LEASE,
                0,
                64,
                Duration.ofSeconds(10),
                Duration.ofSeconds(3),
                Duration.ofMinutes(1),
                Duration.ofSeconds(10),
                "test",
                runtime);
        return EngineClient.openAsync(TableBackend.of(table), true, settings)
                .toCompletableFuture()
                .join();
    }

    @AfterEach
    void end() throws InterruptedException {
        opened.countDown();
        CompletableFuture<?> closing = client.closeAsync().toCompletableFuture();
        while (!closing.isDone()) { // what is asked again, and the end of close-timeout, come by the virtual time
            time.advance(Duration.ofMillis(100));
            Thread.onSpinWait();
        }
        workers.shutdown();
        assertThat(workers.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    private List<CompletableFuture<LockHandle>> askForMany() throws Exception {
        CountDownLatch full = new CountDownLatch(BOUND);
        table.before = call -> {
            if (call.equals("tryAcquire")) {
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                full.countDown();
                awaitUninterrupted();
                now.decrementAndGet();
            }
        };
        List<CompletableFuture<LockHandle>> wanted = IntStream.range(0, WANTED)
                .mapToObj(i -> client.acquireAsync("wanted-" + i).toCompletableFuture())
                .toList();
        assertThat(full.await(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .as("as many as may")
                .isTrue();
        return wanted;
    }

    private void awaitUninterrupted() {
        try {
            opened.await();
        } catch (InterruptedException ended) {
            throw new IllegalStateException(ended);
        }
    }

    @Test
    @DisplayName("SP-10: few are on their way, a renewal and a release wait for none of them, and all have their turn")
    void renewalsAndReleasesGoOn() throws Exception {
        LockHandle held = client.acquireAsync("held").toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        List<CompletableFuture<LockHandle>> wanted = askForMany();
        CountDownLatch renewed = new CountDownLatch(1);
        table.after = call -> {
            if (call.equals("renew")) {
                renewed.countDown();
            }
        };

        time.advance(LEASE.dividedBy(2));
        assertThat(renewed.await(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .as("renewed")
                .isTrue();
        assertThat(((EngineHandle) held).releaseAsync().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .isEqualTo(ReleaseOutcome.RELEASED);
        assertThat(most).hasValueLessThanOrEqualTo(BOUND);

        opened.countDown();
        CompletableFuture.allOf(wanted.toArray(CompletableFuture<?>[]::new)).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(most).hasValue(BOUND);
        wanted.forEach(won -> won.join().close());
    }

    @Test
    @DisplayName("SP-10: a contend that no thread takes gives its turn to the next")
    void refusedByTheExecutor() throws Exception {
        for (int i = 0; i < BOUND + 1; i++) {
            refusals.set(7); // handed in, and six times again
            client.acquireAsync("lost-" + i);
            time.advance(Duration.ofSeconds(5));
        }
        refusals.set(0);

        assertThat(client.acquireAsync("wanted").toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .isNotNull();
    }
}
