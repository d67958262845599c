// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What passing a lock from thread to thread inside one client costs, beside the JDK's fair lock in the same run. */
class HandOffRateTest {
    private static final int THREADS = 32;
    private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(1500);
    private static final int WINDOWS = 3;

    /** By counts alone, which a busy machine does not change. */
    @Test
    void or2_or3_32_threads_share_a_lock_fairly_and_pass_it_on_without_a_request() throws Exception {
        try (LockClient client = LockClient.open(LockConfig.of("memory:hand-off-counts"))) {
            List<Window> windows = List.of(measure(client.lock("shared")), measure(client.lock("shared")));
            LockMetrics m = client.metrics();
            assertThat(jain(windows)).as("Jain's fairness over threads").isGreaterThanOrEqualTo(0.95);
            // A grant costs two requests, taking and giving back; a hand-off none.
            assertThat(m.contends() + m.releases()).isLessThanOrEqualTo(2 * (m.acquired() - m.handoffs()));
            assertThat(m.handoffs()).isGreaterThan(m.acquired() / 65 * 60);
        }
    }

    /** On a machine with nothing else to do: beside other tests the two measure the scheduler. */
    @Tag("long")
    @Test
    void or2_32_threads_share_a_lock_at_half_the_rate_of_a_fair_reentrant_lock() throws Exception {
        try (LockClient client = LockClient.open(LockConfig.of("memory:hand-off-rate"))) {
            Lock fair = new ReentrantLock(true);
            Lock ours = client.lock("shared");
            // In turns, so that both meet the same machine; the first pair warms up.
            measure(fair);
            measure(ours);
            List<Window> fairWindows = new ArrayList<>();
            List<Window> ourWindows = new ArrayList<>();
            for (int i = 0; i < WINDOWS; i++) {
                fairWindows.add(measure(fair));
                ourWindows.add(measure(ours));
            }
            double fairRate = median(fairWindows);
            double ourRate = median(ourWindows);
            System.out.printf(
                    "32 threads, one name: %.0f hand-overs/s, fair ReentrantLock %.0f/s, ratio %.2f%n",
                    ourRate, fairRate, ourRate / fairRate);
            assertThat(ourRate / fairRate)
                    .as("rate against a fair ReentrantLock")
                    .isGreaterThanOrEqualTo(0.5);
        }
    }

    private record Window(double rate, List<Long> perThread) {}

    /** Counts only once every thread is in the contest: before, the first ones have the lock for themselves. */
    private static Window measure(Lock lock) throws InterruptedException {
        AtomicLongArray counts = new AtomicLongArray(THREADS);
        AtomicBoolean stop = new AtomicBoolean();
        CountDownLatch contending = new CountDownLatch(THREADS);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            int id = i;
            Thread t = new Thread(() -> {
                for (int n = 1; !stop.get(); n++) {
                    lock.lock();
                    try {
                        counts.lazySet(id, n);
                    } finally {
                        lock.unlock();
                    }
                    if (n == 10) {
                        contending.countDown();
                    }
                }
            });
            t.start();
            threads.add(t);
        }
        contending.await();
        long[] before = snapshot(counts);
        long began = System.nanoTime();
        new CountDownLatch(1)
                .await(WINDOW_NANOS, TimeUnit.NANOSECONDS); // the length of the window, not a synchronisation
        long[] after = snapshot(counts);
        double seconds = (System.nanoTime() - began) / 1e9;
        stop.set(true);
        for (Thread t : threads) {
            t.join();
        }
        List<Long> perThread =
                IntStream.range(0, THREADS).mapToObj(i -> after[i] - before[i]).toList();
        return new Window(perThread.stream().mapToLong(Long::longValue).sum() / seconds, perThread);
    }

    private static long[] snapshot(AtomicLongArray counts) {
        return IntStream.range(0, THREADS).mapToLong(counts::get).toArray();
    }

    private static double median(List<Window> windows) {
        double[] rates = windows.stream().mapToDouble(Window::rate).sorted().toArray();
        return rates[rates.length / 2];
    }

    private static double jain(List<Window> windows) {
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < THREADS; i++) {
            int id = i;
            double x = windows.stream().mapToLong(w -> w.perThread().get(id)).sum();
            sum += x;
            squares += x * x;
        }
        return sum * sum / (THREADS * squares);
    }
}
