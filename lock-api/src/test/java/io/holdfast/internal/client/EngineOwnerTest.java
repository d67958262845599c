// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.DistributedLock;
import io.holdfast.LockHandle;
import io.holdfast.LockLostException;
import io.holdfast.LockOptions;
import io.holdfast.LockOwner;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Owners that several threads share (RE-8), the options of inner levels (RE-9), and the maximum of a hold in force (RE-10). */
@SuppressWarnings("LockNotBeforeTry") // levels and releases are what is tested
class EngineOwnerTest extends EngineTestBase {
    private static final LockOwner OWNER = LockOwner.named("request 7");

    private DistributedLock shared() {
        return client().lock("a").ownedBy(OWNER);
    }

    private static <T> CompletableFuture<T> begin(Callable<T> call) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        new Thread(() -> {
                    try {
                        answer.complete(call.call());
                    } catch (Throwable e) {
                        answer.completeExceptionally(e);
                    }
                })
                .start();
        return answer;
    }

    private static <T> T soon(CompletableFuture<T> answer) throws Exception {
        try {
            return answer.get(1, TimeUnit.MINUTES);
        } catch (ExecutionException e) {
            throw (Exception) e.getCause();
        }
    }

    private void awaitWaiting(int many) {
        while (client().metrics().waiting() < many) {
            Thread.onSpinWait();
        }
    }

    @Test
    void re8_every_waiter_of_an_owner_that_comes_to_hold_re_enters_at_once() throws Exception {
        client();
        List<CompletableFuture<Boolean>> entered = new ArrayList<>();
        entered.add(begin(() -> shared().tryLock(Duration.ofHours(1))));
        awaitWaiting(1);
        CompletableFuture<LockHandle> other = ask("a"); // in line between two of the owner's
        entered.add(begin(() -> {
            shared().lock();
            return true;
        }));
        awaitWaiting(3);
        entered.add(begin(() -> shared().tryLock(Duration.ofHours(1))));
        awaitWaiting(4);
        session().place().grant();
        for (CompletableFuture<Boolean> one : entered) {
            assertThat(soon(one)).isTrue();
        }
        assertThat(shared().getHoldCount()).isEqualTo(3);
        assertThat(other).isNotDone();
        shared().unlock();
        shared().unlock();
        assertThat(session().releases).isEmpty();
        assertThat(other).isNotDone();
        shared().unlock(); // the last level: handed off
        assertThat(got(other).isValid()).isTrue();
    }

    @Test
    void re8_tries_of_one_owner_on_a_free_lock_are_all_let_in() throws Exception {
        client();
        CompletableFuture<Boolean> first = begin(() -> shared().tryLock());
        awaitWaiting(1);
        CompletableFuture<Boolean> second = begin(() -> shared().tryLock());
        awaitWaiting(2);
        session().place().grant();
        assertThat(soon(first)).isTrue();
        assertThat(soon(second)).isTrue();
        assertThat(shared().getHoldCount()).isEqualTo(2);
    }

    /** The store answers at once: what threads of two owners do to each other is the engine's alone. */
    @Test
    void re8_threads_that_share_owners_race_and_never_refuse_or_meet_each_other() throws Exception {
        store.answersAtOnce = true;
        client();
        int rounds = 2_000;
        LockOwner[] owners = {LockOwner.named("A"), LockOwner.named("B")};
        AtomicInteger[] inside = {new AtomicInteger(), new AtomicInteger()};
        ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();
        CyclicBarrier together = new CyclicBarrier(4);
        List<CompletableFuture<Boolean>> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            int me = t % 2;
            boolean tries = t < 2;
            threads.add(begin(() -> {
                DistributedLock lock = client().lock("a").ownedBy(owners[me]);
                for (int i = 0; i < rounds; i++) {
                    together.await(1, TimeUnit.MINUTES);
                    boolean had = tries ? lock.tryLock() : lock.tryLock(Duration.ofHours(1));
                    if (had) {
                        inside[me].incrementAndGet();
                        if (inside[1 - me].get() > 0) {
                            faults.add("both owners hold in round " + i);
                        }
                        inside[me].decrementAndGet();
                        lock.unlock();
                    } else if (!tries) {
                        faults.add("a wait was refused in round " + i);
                    }
                }
                return true;
            }));
        }
        for (CompletableFuture<Boolean> thread : threads) {
            assertThat(soon(thread)).isTrue();
        }
        assertThat(faults).isEmpty();
        assertThat(client().metrics().held()).isZero();
        assertThat(client().metrics().waiting()).isZero();
    }

    @Test
    void re9_the_maximum_of_an_inner_level_changes_nothing() throws Exception {
        store.answersAtOnce = true;
        DistributedLock lock = shared();
        assertThat(lock.tryLock(LockOptions.defaults().maximumHold(Duration.ofSeconds(5))))
                .isTrue();
        assertThat(lock.tryLock(LockOptions.defaults().maximumHold(Duration.ofSeconds(1))))
                .isTrue();
        assertThat(lock.tryLock(LockOptions.defaults().maximumHold(Duration.ofHours(1))))
                .isTrue();
        time.advance(Duration.ofMillis(4_999));
        assertThat(lock.getHoldCount()).isEqualTo(3);
        time.advance(Duration.ofMillis(1));
        assertThat(lock.getHoldCount()).isZero();
        assertThatThrownBy(lock::unlock).isInstanceOf(LockLostException.class);
    }

    @Test
    void re9_an_inner_level_cannot_limit_an_unlimited_hold() throws Exception {
        store.answersAtOnce = true;
        DistributedLock lock = shared();
        lock.lock();
        assertThat(lock.tryLock(LockOptions.defaults().maximumHold(Duration.ofSeconds(1))))
                .isTrue();
        time.advance(Duration.ofSeconds(9));
        assertThat(lock.getHoldCount()).isEqualTo(2);
    }

    @Test
    void re9_an_inner_level_asks_for_no_interrupt_on_loss() {
        store.answersAtOnce = true;
        DistributedLock lock = client().lock("a");
        lock.lock();
        lock.lock(LockOptions.defaults().interruptOnLoss());
        session().events.sessionLost("ended by the test");
        time.settle();
        assertThat(lock.isHeldByCurrentThread()).isFalse();
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void re9_the_minimum_of_an_inner_level_counts_from_the_re_entry() throws Exception {
        store.answersAtOnce = true;
        DistributedLock lock = shared();
        lock.lock();
        time.advance(Duration.ofSeconds(4));
        assertThat(lock.tryLock(LockOptions.defaults().minimumHold(Duration.ofSeconds(2))))
                .isTrue();
        lock.unlock();
        lock.unlock();
        time.advance(Duration.ofMillis(1_999));
        assertThat(session().releases).isEmpty();
        time.advance(Duration.ofMillis(1));
        assertThat(session().releases).hasSize(1);
    }

    @Test
    void re10_the_maximum_of_a_hold_in_force_can_be_set_changed_and_taken_away() {
        store.answersAtOnce = true;
        DistributedLock lock = shared();
        lock.lock();
        lock.limit(Duration.ofSeconds(2));
        time.advance(Duration.ofSeconds(1));
        lock.limit(Duration.ofSeconds(5));
        time.advance(Duration.ofMillis(4_999));
        assertThat(lock.getHoldCount()).isEqualTo(1);
        lock.limit(ChronoUnit.FOREVER.getDuration());
        time.advance(Duration.ofSeconds(3));
        assertThat(lock.getHoldCount()).isEqualTo(1);
        lock.limit(Duration.ofSeconds(1));
        time.advance(Duration.ofSeconds(1));
        assertThat(heard).contains("lost a");
        assertThatThrownBy(() -> lock.limit(Duration.ofSeconds(1))).isInstanceOf(LockLostException.class);
        assertThatThrownBy(lock::unlock).isInstanceOf(LockLostException.class); // limit did not count as told
        assertThatThrownBy(() -> lock.limit(Duration.ofSeconds(1)))
                .isInstanceOf(IllegalMonitorStateException.class)
                .isNotInstanceOf(LockLostException.class);
        assertThatThrownBy(() -> lock.limit(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
        assertThat(client().metrics().contends()).isEqualTo(1);
    }

    @Test
    void re10_a_handle_can_be_limited_too() {
        LockHandle h = hold("a");
        h.limit(Duration.ofSeconds(1));
        assertThat(h.remainingLease()).isEqualTo(Duration.ofSeconds(1));
        time.advance(Duration.ofSeconds(1));
        assertThatThrownBy(() -> h.limit(Duration.ofSeconds(1))).isInstanceOf(LockLostException.class);
        assertThatThrownBy(() -> hold("b").limit(Duration.ofSeconds(-1))).isInstanceOf(IllegalArgumentException.class);
        LockHandle c = hold("c");
        release(c);
        assertThatThrownBy(() -> c.limit(Duration.ofSeconds(1)))
                .isInstanceOf(IllegalMonitorStateException.class)
                .isNotInstanceOf(LockLostException.class);
    }

    @Test
    void objectsForTheSameNameAndOwnerAreEqual() {
        assertThat(client().lock("a")).isEqualTo(client().lock("a")).hasSameHashCodeAs(client().lock("a"));
        assertThat(client().lock("a")).isNotEqualTo(client().lock("b")).isNotEqualTo(shared());
        assertThat(shared()).isEqualTo(shared()).hasSameHashCodeAs(shared());
        assertThat(shared()).isNotEqualTo(client().lock("a").ownedBy(LockOwner.named("request 7")));
        DistributedLock here = client().lock("a");
        assertThat(open(64).lock("a")).isNotEqualTo(here);
    }
}
