// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.DistributedLock;
import io.holdfast.LockHandle;
import io.holdfast.LockLoss;
import io.holdfast.LockOwner;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * LI-1: whatever listeners do, they disturb nobody.
 *
 * <p>Each task of the executor runs on a thread of its own; the test goes on when the task has ended, or when it steps aside because
 * it is going to block. So the order of everything but what a blocked listener does afterwards is the test's.
 */
class EngineListenerTest extends EngineTestBase {
    private final List<Thread> lanes = new ArrayList<>();
    private final ThreadLocal<CountDownLatch> turn = ThreadLocal.withInitial(() -> new CountDownLatch(0));
    private final CountDownLatch end = new CountDownLatch(1);

    @BeforeEach
    void tasksHaveThreads() {
        time.runTasks(task -> {
            CountDownLatch mayGoOn = new CountDownLatch(1);
            Thread lane = new Thread(() -> {
                turn.set(mayGoOn);
                try {
                    task.run();
                } finally {
                    mayGoOn.countDown();
                }
            });
            lanes.add(lane);
            lane.start();
            await(mayGoOn);
        });
    }

    @AfterEach
    void everyThreadEnds() throws InterruptedException {
        end.countDown();
        for (Thread lane : lanes) {
            lane.join(Duration.ofMinutes(1).toMillis());
            assertThat(lane.isAlive()).isFalse();
        }
    }

    /** The rest of this task goes on beside the test. */
    private void stepAside() {
        turn.get().countDown();
    }

    private void block() {
        stepAside();
        await(end);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Runs what comes in until another thread has come so far. */
    private void settleUntil(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            time.settle();
            Thread.onSpinWait();
        }
    }

    private Recorder listen(Consumer<String> act) {
        Recorder recorder = new Recorder(act);
        client().addListener(recorder);
        return recorder;
    }

    private void renew() {
        time.advance(Duration.ofSeconds(10));
        session().acknowledge(session().round());
        time.settle();
    }

    @Test
    void li1_each_listener_gets_its_calls_in_order_and_one_after_another() throws Exception {
        Recorder slow = listen(event -> {
            if (event.startsWith("acquired")) {
                block();
            }
        });
        Recorder quick = listen(event -> {});
        CompletableFuture<LockHandle> f = ask("a");
        session().place().queue();
        time.settle();
        session().place().grant();
        LockHandle h = got(f);
        renew();
        time.advance(Duration.ofSeconds(25));
        session().acknowledge(session().round());
        release(h);
        session().released().answer().complete(true);
        time.settle();
        assertThat(slow.events).containsExactly("contended a", "acquired a");
        assertThat(quick.events)
                .containsExactly(
                        "contended a", "acquired a", "renewed a", "suspect a", "safe a", "renewed a", "released a");
        everyThreadEnds();
        assertThat(slow.events).isEqualTo(quick.events);
        assertThat(slow.mostAtOnce()).isEqualTo(1);
    }

    @Test
    void li1_a_listener_that_blocks_delays_no_renewal_no_grant_no_release_and_no_close() {
        listen(event -> block());
        LockHandle h = hold("a");
        for (int i = 0; i < 30; i++) {
            renew();
        }
        assertThat(h.isValid()).isTrue();
        release(h);
        assertThat(session().releases).hasSize(1);
        session().released().answer().complete(true);
        LockHandle second = hold("a");
        CompletableFuture<LockHandle> f = ask("a");
        release(second);
        assertThat(got(f).isValid()).isTrue();
        CompletableFuture<?> closed = client().closeAsync().toCompletableFuture();
        time.settle();
        session().closes.get(0).complete(null);
        time.settle();
        assertThat(closed).isCompleted();
    }

    @Test
    void li1_a_listener_or_loss_action_that_blocks_delays_no_other_one() {
        listen(event -> block());
        Recorder other = listen(event -> {});
        LockHandle h = hold("a");
        List<LockLoss> told = new CopyOnWriteArrayList<>();
        h.onLost(loss -> block());
        h.onLost(told::add);
        time.advance(h.remainingLease().minusNanos(1));
        assertThat(other.events).doesNotContain("lost a");
        time.advance(Duration.ofNanos(1));
        assertThat(other.events).endsWith("lost a");
        assertThat(told).hasSize(1);
    }

    static Stream<Throwable> failures() {
        return Stream.of(
                new IllegalStateException("on purpose"),
                new AssertionError("on purpose"),
                new StackOverflowError("on purpose"),
                new IOException("thrown undeclared, as other languages do"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void li1_what_a_listener_throws_ends_nothing(Throwable failure) {
        Recorder throwing = listen(event -> sneak(failure));
        Recorder other = listen(event -> {});
        List<LockLoss> told = new CopyOnWriteArrayList<>();
        LockHandle h = hold("a");
        h.onLost(loss -> sneak(failure));
        h.onLost(told::add);
        renew();
        session().events.sessionLost("ended by the test");
        time.settle();
        assertThat(other.events).containsExactly("acquired a", "renewed a", "lost a");
        assertThat(throwing.events).isEqualTo(other.events);
        assertThat(told).hasSize(1);
        assertThat(hold("a").isValid()).isTrue();
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void sneak(Throwable failure) throws E {
        throw (E) failure;
    }

    @Test
    void li1_a_listener_may_acquire_within_its_call() {
        List<LockHandle> again = new CopyOnWriteArrayList<>();
        listen(event -> {
            if (event.equals("lost a")) {
                stepAside();
                try {
                    again.add(client().acquire("a"));
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
        });
        hold("a");
        session().events.sessionLost("ended by the test");
        settleUntil(() -> store.sessions.size() == 2 && !session().places.isEmpty());
        session().place().grant();
        settleUntil(() -> !again.isEmpty());
        assertThat(again.get(0).isValid()).isTrue();
    }

    @Test
    void li1_a_listener_may_release_within_its_call() {
        DistributedLock lock = client().lock("a").ownedBy(LockOwner.named("owner"));
        store.answersAtOnce = true;
        Recorder releasing = listen(event -> {
            if (event.equals("acquired a")) {
                lock.unlock();
            }
        });
        lock.lock();
        time.settle();
        assertThat(lock.isHeldByCurrentThread()).isFalse();
        assertThat(session().releases).hasSize(1);
        assertThat(releasing.events).containsExactly("acquired a", "released a");
    }

    @Test
    void li1_a_listener_may_close_the_client_within_its_call() {
        listen(event -> {
            if (event.equals("lost a")) {
                stepAside();
                client().close();
            }
        });
        LockHandle other = hold("b");
        LockHandle h = hold("a");
        session().events.grantLost(session().place().grant.join(), "deleted by somebody");
        settleUntil(() -> !session().closes.isEmpty());
        session().closes.get(0).complete(null);
        settleUntil(() -> store.closed);
        assertThat(List.of(h.isValid(), other.isValid())).containsOnly(false);
    }

    @Test
    void li1_a_listener_is_called_outside_all_locks() {
        DistributedLock strangers = client().lock("a").ownedBy(LockOwner.named("a stranger"));
        List<String> kept = new CopyOnWriteArrayList<>();
        Recorder asking = listen(event -> {
            CompletableFuture<?> refused = CompletableFuture.runAsync(strangers::unlock); // enters the lock's mutex
            if (!ends(refused)) {
                kept.add(event);
            }
        });
        LockHandle h = hold("a");
        renew();
        release(h);
        session().released().answer().complete(true);
        time.settle();
        hold("a");
        session().events.sessionLost("ended by the test");
        time.settle();
        assertThat(asking.events).contains("acquired a", "renewed a", "released a", "lost a");
        assertThat(kept).as("calls during which nobody else gets at the lock").isEmpty();
    }

    private static boolean ends(CompletableFuture<?> call) {
        return call.handle((value, failure) -> true)
                .completeOnTimeout(false, 10, TimeUnit.SECONDS)
                .join();
    }
}
