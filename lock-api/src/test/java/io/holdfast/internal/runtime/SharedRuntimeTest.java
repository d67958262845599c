// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.spi.LockScheduler.Scheduled;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SharedRuntimeTest {
    private final SharedRuntime runtime = SharedRuntime.acquire();

    private static Stream<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(t -> t.getName().startsWith("holdfast-"));
    }

    /** A second by the rule; more here, for a machine that is busy with other things. */
    private static void awaitNoThreads() {
        Awaitility.await("CL-3: threads end")
                .atMost(Duration.ofSeconds(30))
                .until(() -> threads().findAny().isEmpty());
    }

    private static <T> T soon(CompletableFuture<T> future) throws Exception {
        return future.get(1, TimeUnit.MINUTES);
    }

    private CompletableFuture<Thread> ranOn(boolean timer) {
        CompletableFuture<Thread> ran = new CompletableFuture<>();
        if (timer) {
            runtime.scheduler().schedule(() -> ran.complete(Thread.currentThread()), 0);
        } else {
            runtime.executor().execute(() -> ran.complete(Thread.currentThread()));
        }
        return ran;
    }

    @AfterEach
    void end() {
        runtime.release();
        awaitNoThreads();
    }

    @Test
    void threadsAreNamedDaemonsOfNobody() throws Exception {
        Thread timer = soon(ranOn(true));
        Thread worker = soon(ranOn(false));
        assertThat(timer.getName()).isEqualTo("holdfast-timer");
        assertThat(worker.getName()).matches("holdfast-worker-[0-9]+");
        for (Thread thread : List.of(timer, worker)) {
            assertThat(thread.isDaemon()).isTrue();
            assertThat(thread.getContextClassLoader()).isEqualTo(SharedRuntime.class.getClassLoader());
        }
    }

    @Test
    @DisplayName("CL-3: the threads run until the last handle is released, and end then; a handle counts once")
    void handles() throws Exception {
        SharedRuntime other = SharedRuntime.acquire();
        other.release();
        other.release();
        assertThat(soon(ranOn(true)).getName()).isEqualTo("holdfast-timer");
        runtime.release();
        awaitNoThreads();
        SharedRuntime again = SharedRuntime.acquire();
        CompletableFuture<Boolean> ran = new CompletableFuture<>();
        again.scheduler().schedule(() -> ran.complete(true), 0);
        soon(ran);
        again.release();
    }

    @Test
    void lastReleaseDropsWhatWasScheduled() {
        AtomicBoolean ran = new AtomicBoolean();
        runtime.scheduler().schedule(() -> ran.set(true), Duration.ofHours(1).toNanos());
        runtime.release();
        awaitNoThreads();
        Scheduled late = runtime.scheduler().schedule(() -> ran.set(true), 0);
        late.cancel();
        assertThat(threads()).as("nothing starts the timer again").isEmpty();
        assertThat(ran).isFalse();
    }

    @Test
    void executorRunsWhatComesAfterTheLastRelease() throws Exception {
        runtime.release();
        soon(ranOn(false));
    }

    @Test
    void tasksThatThrowEndNothing() throws Exception {
        for (Throwable failure : List.of(new IllegalStateException("on purpose"), new AssertionError("on purpose"))) {
            runtime.scheduler().schedule(() -> sneak(failure), 0);
            runtime.executor().execute(() -> sneak(failure));
        }
        Thread timer = soon(ranOn(true));
        soon(ranOn(false));
        assertThat(soon(ranOn(true))).isSameAs(timer);
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void sneak(Throwable failure) throws E {
        throw (E) failure;
    }

    @Test
    @DisplayName("blocked workers delay neither the timer nor each other")
    void blockedWorkers() throws Exception {
        int many = 40;
        CountDownLatch begun = new CountDownLatch(many);
        CountDownLatch end = new CountDownLatch(1);
        for (int i = 0; i < many; i++) {
            runtime.executor().execute(() -> {
                begun.countDown();
                await(end);
            });
        }
        await(begun);
        soon(ranOn(true));
        soon(ranOn(false));
        end.countDown();
    }

    @Test
    @DisplayName("CL-3: many workers that become idle at the moment of the last release all end, none of them spins")
    void manyWorkersEndAtOnce() {
        for (int round = 0; round < 50; round++) {
            SharedRuntime other = SharedRuntime.acquire();
            CountDownLatch begun = new CountDownLatch(40);
            CountDownLatch end = new CountDownLatch(1);
            for (int i = 0; i < 40; i++) {
                other.executor().execute(() -> {
                    begun.countDown();
                    await(end);
                });
            }
            await(begun);
            runtime.release();
            end.countDown();
            other.release();
            awaitNoThreads();
        }
    }

    private static Workers oneWorker() {
        return new Workers(1, Duration.ofMillis(50), task -> {
            Thread thread = new Thread(task, "holdfast-test-worker");
            thread.setDaemon(true);
            return thread;
        });
    }

    @Test
    @DisplayName("SP-7: the interrupt status that a task leaves is not handed to the next one, on workers and timer")
    void interruptStatusThatATaskLeavesHarmsNothing() throws Exception {
        Workers worker = oneWorker();
        CountDownLatch both = new CountDownLatch(1);
        CompletableFuture<Boolean> next = new CompletableFuture<>();
        worker.execute(() -> {
            await(both);
            Thread.currentThread().interrupt();
        });
        worker.execute(() -> next.complete(Thread.currentThread().isInterrupted()));
        both.countDown();
        assertThat(soon(next)).isFalse();
        CompletableFuture<Boolean> onTimer = new CompletableFuture<>();
        runtime.scheduler().schedule(() -> Thread.currentThread().interrupt(), 0);
        runtime.scheduler()
                .schedule(() -> onTimer.complete(Thread.currentThread().isInterrupted()), 1);
        assertThat(soon(onTimer)).isFalse();
    }

    @Test
    @DisplayName("SP-7: whatever a task throws, checked exceptions too, its thread takes the next one")
    void aThreadSurvivesEveryThrowable() throws Exception {
        Workers worker = oneWorker();
        for (Throwable thrown : List.of(
                new IllegalStateException("on purpose"),
                new NoClassDefFoundError("on purpose"),
                new Exception("on purpose"))) {
            worker.execute(() -> sneak(thrown));
            runtime.scheduler().schedule(() -> sneak(thrown), 0);
            CompletableFuture<Boolean> next = new CompletableFuture<>();
            worker.execute(() -> next.complete(true));
            assertThat(soon(next)).isTrue();
            assertThat(worker.threads()).isLessThanOrEqualTo(1);
            soon(ranOn(true));
        }
    }

    @Test
    void executorNeverRunsOnTheCaller() throws Exception {
        assertThat(soon(ranOn(false))).isNotSameAs(Thread.currentThread());
        CompletableFuture<Boolean> same = new CompletableFuture<>();
        runtime.executor().execute(() -> {
            Thread outer = Thread.currentThread();
            runtime.executor().execute(() -> same.complete(outer == Thread.currentThread() && !same.isDone()));
            // The inner task must be able to run while this one still does.
            assertThat(same).succeedsWithin(Duration.ofMinutes(1));
        });
        assertThat(soon(same)).isFalse();
    }

    @Test
    void tasksRunInTheOrderOfTheirTimes() throws Exception {
        List<String> order = new CopyOnWriteArrayList<>();
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        CountDownLatch all = new CountDownLatch(1);
        // Held up until all are scheduled, so that the order is the times' and not the calls'. Each time is counted
        // from one moment: between two calls this thread may stand still for longer than the times are apart.
        long from = runtime.clock().nanoTime() + 500_000_000;
        runtime.scheduler().schedule(() -> await(all), 0);
        at(from + 300_000_000, () -> order.add("c"));
        at(from + 200_000_000, () -> order.add("b"));
        runtime.scheduler().schedule(() -> order.add("a"), -1);
        at(from + 400_000_000, () -> done.complete(true));
        all.countDown();
        soon(done);
        assertThat(order).containsExactly("a", "b", "c");
    }

    private void at(long time, Runnable task) {
        runtime.scheduler().schedule(task, time - runtime.clock().nanoTime());
    }

    @Test
    void delayIsNotCutShort() throws Exception {
        CompletableFuture<Long> ran = new CompletableFuture<>();
        long begin = runtime.clock().nanoTime();
        runtime.scheduler().schedule(() -> ran.complete(System.nanoTime()), 50_000_000);
        assertThat(soon(ran) - begin).isGreaterThanOrEqualTo(50_000_000);
        assertThat(runtime.clock().wallMillis()).isPositive();
    }

    @Test
    @DisplayName("what was cancelled is not kept until its time")
    void cancelledTasksAreFreed() {
        WeakReference<Object> kept = scheduleAndCancel();
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
            System.gc();
            return kept.get() == null;
        });
    }

    private WeakReference<Object> scheduleAndCancel() {
        Object[] large = {new Object()};
        Scheduled scheduled = runtime.scheduler()
                .schedule(() -> assertThat(large).isNull(), Duration.ofDays(1).toNanos());
        scheduled.cancel();
        scheduled.cancel();
        return new WeakReference<>(large[0]);
    }

    @Test
    void cancelAfterTheRunDoesNothing() throws Exception {
        CompletableFuture<Boolean> ran = new CompletableFuture<>();
        Scheduled scheduled = runtime.scheduler().schedule(() -> ran.complete(true), 0);
        soon(ran);
        scheduled.cancel();
        assertThat(ran).isCompletedWithValue(true);
    }

    @Test
    @DisplayName("beyond their limit workers queue, refuse nothing, and end when idle")
    void workersBeyondTheirLimit() throws Exception {
        Workers workers = new Workers(3, Duration.ofMillis(50), task -> {
            Thread thread = new Thread(task, "holdfast-test-worker");
            thread.setDaemon(true);
            return thread;
        });
        CyclicBarrier three = new CyclicBarrier(4);
        CountDownLatch all = new CountDownLatch(1000);
        for (int i = 0; i < 3; i++) {
            workers.execute(() -> {
                meet(three);
                meet(three);
            });
        }
        meet(three);
        IntStream.range(0, 1000).forEach(i -> workers.execute(all::countDown));
        assertThat(workers.threads()).isEqualTo(3);
        assertThat(all.getCount()).as("queued behind the blocked ones").isEqualTo(1000);
        meet(three);
        await(all);
        awaitNoThreads();
        assertThat(workers.threads()).isZero();
        CountDownLatch again = new CountDownLatch(1);
        workers.execute(again::countDown);
        await(again);
    }

    @Test
    void idleWorkersAreUsedAgain() throws Exception {
        Set<Thread> used = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            used.add(soon(ranOn(false)));
        }
        assertThat(used).as("threads for 100 tasks, one after the other").hasSizeLessThan(100);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException stopped) {
            throw new AssertionError(stopped);
        }
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await(1, TimeUnit.MINUTES);
        } catch (Exception broken) {
            throw new AssertionError(broken);
        }
    }

    /** What the JVM does when the machine has no thread left. */
    private static final class NoThread extends Thread {
        NoThread(Runnable task) {
            super(task);
        }

        @Override
        public synchronized void start() {
            throw new OutOfMemoryError("unable to create native thread");
        }
    }

    @Test
    @DisplayName(
            "SP-7: without a new thread, a task waits for a worker that is there; without any it is given back, and not done later")
    void workersWhenThereIsNoThreadLeft() throws Exception {
        AtomicBoolean none = new AtomicBoolean(true);
        Workers workers = new Workers(3, Duration.ofSeconds(10), task -> {
            Thread thread = none.get() ? new NoThread(task) : new Thread(task, "holdfast-test-worker");
            thread.setDaemon(true);
            return thread;
        });
        AtomicInteger refused = new AtomicInteger();
        assertThatThrownBy(() -> workers.execute(refused::incrementAndGet)).isInstanceOf(OutOfMemoryError.class);
        none.set(false);
        CyclicBarrier both = new CyclicBarrier(2);
        workers.execute(() -> meet(both));
        none.set(true);
        CountDownLatch waiting = new CountDownLatch(1);
        workers.execute(waiting::countDown);
        assertThat(workers.threads()).isEqualTo(1);
        meet(both);
        await(waiting);
        none.set(false);
        CountDownLatch more = new CountDownLatch(1);
        workers.execute(more::countDown);
        await(more);
        assertThat(refused).hasValue(0);
    }

    @Test
    @DisplayName("SP-7: a task whose timer got no thread is told as failed, and not done later; the next one is")
    void timerWhenThereIsNoThreadLeft() throws Exception {
        AtomicBoolean none = new AtomicBoolean(true);
        TimerQueue timers = new TimerQueue(runtime.clock(), task -> {
            Thread thread = new Thread(task, "holdfast-test-timer") {
                @Override
                public synchronized void start() {
                    if (none.get()) {
                        throw new OutOfMemoryError("unable to create native thread");
                    }
                    super.start();
                }
            };
            thread.setDaemon(true);
            return thread;
        });
        AtomicInteger refused = new AtomicInteger();
        assertThatThrownBy(() -> timers.schedule(refused::incrementAndGet, 0)).isInstanceOf(OutOfMemoryError.class);
        none.set(false);
        CountDownLatch next = new CountDownLatch(1);
        timers.schedule(next::countDown, 0);
        await(next);
        timers.stop();
        assertThat(refused).hasValue(0);
    }
}
