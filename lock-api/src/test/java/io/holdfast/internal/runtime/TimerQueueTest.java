// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.spi.LockClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TimerQueueTest {
    private static final long HOUR = Duration.ofHours(1).toNanos();

    private static final LockClock SYSTEM = new LockClock() {
        @Override
        public long nanoTime() {
            return System.nanoTime();
        }

        @Override
        public long wallMillis() {
            return System.currentTimeMillis();
        }
    };

    private final AtomicReference<Thread> thread = new AtomicReference<>();
    private final TimerQueue timers = new TimerQueue(SYSTEM, task -> {
        thread.set(new Thread(task, "timer-under-test"));
        thread.get().setDaemon(true);
        return thread.get();
    });

    @AfterEach
    void end() throws InterruptedException {
        timers.stop();
        thread.get().join(Duration.ofMinutes(1).toMillis());
        assertThat(thread.get().isAlive()).as("it ends when it is stopped").isFalse();
    }

    private static void awaitUntil(Callable<Boolean> condition) {
        await().atMost(Duration.ofMinutes(1)).until(condition);
    }

    /** A task has run that was scheduled after all others: the thread has looked at the queue. */
    private void runsAtOnce() throws InterruptedException {
        CountDownLatch ran = new CountDownLatch(1);
        timers.schedule(ran::countDown, 0);
        assertThat(ran.await(1, TimeUnit.MINUTES)).isTrue();
    }

    @Test
    void runsInTheOrderOfTime() {
        List<Integer> ran = new ArrayList<>();
        CountDownLatch begin = new CountDownLatch(1);
        timers.schedule(() -> awaitUninterruptibly(begin), 0);
        for (int delay : new int[] {5, 1, 4, 2, 3}) {
            timers.schedule(() -> ran.add(delay), TimeUnit.MILLISECONDS.toNanos(delay));
        }
        AtomicInteger last = new AtomicInteger();
        timers.schedule(last::incrementAndGet, TimeUnit.MILLISECONDS.toNanos(6));
        begin.countDown();
        awaitUntil(() -> last.get() == 1);
        assertThat(ran).containsExactly(1, 2, 3, 4, 5);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void neverRunsBeforeItsTime() {
        ConcurrentLinkedQueue<Long> early = new ConcurrentLinkedQueue<>();
        AtomicInteger ran = new AtomicInteger();
        for (int i = 0; i < 200; i++) {
            long due = System.nanoTime() + i * 100_000L;
            timers.schedule(
                    () -> {
                        early.add(System.nanoTime() - due);
                        ran.incrementAndGet();
                    },
                    due - System.nanoTime());
        }
        awaitUntil(() -> ran.get() == 200);
        assertThat(early).allMatch(late -> late >= 0);
    }

    @Test
    void longestAndNegativeDelaysAreTaken() throws Exception {
        AtomicInteger ran = new AtomicInteger();
        timers.schedule(ran::incrementAndGet, Long.MAX_VALUE);
        timers.schedule(ran::incrementAndGet, Long.MIN_VALUE);
        timers.schedule(ran::incrementAndGet, HOUR);
        awaitUntil(() -> ran.get() == 1);
        runsAtOnce();
        assertThat(ran).hasValue(1);
    }

    @Test
    @DisplayName("limits that follow one another, and are cancelled in time, wake nobody")
    void cancelledLimitsWakeNobody() throws Exception {
        runsAtOnce();
        timers.schedule(() -> {}, HOUR).run();
        awaitUntil(() -> thread.get().getState() == Thread.State.TIMED_WAITING);
        long before = timers.wakeUps();
        for (int i = 0; i < 10_000; i++) {
            timers.schedule(() -> {}, HOUR).run();
        }
        assertThat(timers.wakeUps() - before)
                .as("one for the first, which is due before nothing")
                .isLessThanOrEqualTo(2);
        assertThat(timers.size()).as("cancelled ones are not kept").isZero();
    }

    @Test
    void anEarlierOneWakesTheThread() throws Exception {
        timers.schedule(() -> {}, HOUR);
        awaitUntil(() -> thread.get().getState() == Thread.State.TIMED_WAITING);
        runsAtOnce();
    }

    @Test
    @DisplayName("a task that is added while the thread goes to sleep is not slept over")
    void noneIsSleptOver() throws Exception {
        // Each is added when the one before it has run: just when the thread looks for the next, and finds none.
        for (int i = 0; i < 20_000; i++) {
            CountDownLatch ran = new CountDownLatch(1);
            timers.schedule(ran::countDown, 0);
            if (!ran.await(30, TimeUnit.SECONDS)) {
                throw new AssertionError("round " + i + ": slept over");
            }
        }
    }

    @Test
    void manyThreadsAddAndCancel() throws Exception {
        AtomicInteger ran = new AtomicInteger();
        AtomicInteger expected = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            Random random = new Random(t);
            threads.add(new Thread(() -> {
                for (int i = 0; i < 2_000; i++) {
                    if (random.nextBoolean()) {
                        timers.schedule(() -> {}, HOUR).run();
                    } else {
                        expected.incrementAndGet();
                        timers.schedule(ran::incrementAndGet, random.nextInt(2_000_000));
                    }
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread one : threads) {
            one.join();
        }
        awaitUntil(() -> ran.get() == expected.get());
        assertThat(timers.size()).isZero();
    }

    @Test
    @DisplayName("SP-7: whatever a task throws, and whoever interrupts the thread, the next one runs")
    void survives() throws Exception {
        timers.schedule(
                () -> {
                    throw new StackOverflowError("on purpose");
                },
                0);
        runsAtOnce();
        timers.schedule(() -> Thread.currentThread().interrupt(), 0);
        runsAtOnce();
        thread.get().interrupt();
        runsAtOnce();
        awaitUntil(() -> thread.get().getState() == Thread.State.TIMED_WAITING);
    }

    @Test
    void aTaskThatWasCancelledDoesNotRun() throws Exception {
        AtomicInteger ran = new AtomicInteger();
        CountDownLatch begin = new CountDownLatch(1);
        timers.schedule(() -> awaitUninterruptibly(begin), 0);
        Runnable cancel = timers.schedule(ran::incrementAndGet, 0);
        cancel.run();
        cancel.run();
        begin.countDown();
        runsAtOnce();
        assertThat(ran).hasValue(0);
    }

    @Test
    void afterTheEndNothingRuns() throws Exception {
        runsAtOnce();
        AtomicInteger ran = new AtomicInteger();
        timers.schedule(ran::incrementAndGet, HOUR);
        timers.stop();
        thread.get().join(Duration.ofMinutes(1).toMillis());
        timers.schedule(ran::incrementAndGet, 0);
        assertThat(thread.get().isAlive()).isFalse();
        assertThat(ran).hasValue(0);
    }
}
