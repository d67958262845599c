// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.DistributedLock;
import io.holdfast.LockHandle;
import io.holdfast.LockLoss;
import io.holdfast.LockLostException;
import io.holdfast.LockOptions;
import io.holdfast.LockOwner;
import io.holdfast.LockUnavailableException;
import io.holdfast.ReleaseOutcome;
import io.holdfast.internal.name.Inside;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LeaseScope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** How a hold ends: at its deadline, by the store's word, or by its owner, and once. */
@SuppressWarnings("LockNotBeforeTry") // levels and releases are what is tested
class EngineLossTest extends EngineTestBase {
    private DistributedLock held(int levels) {
        DistributedLock lock = client().lock("a").ownedBy(LockOwner.named("owner"));
        store.answersAtOnce = true;
        for (int i = 0; i < levels; i++) {
            lock.lock();
        }
        return lock;
    }

    @Test
    void lo1_every_query_turns_at_the_deadline_although_no_timer_runs() {
        DistributedLock lock = held(2);
        LockHandle handle = got(ask("b"));
        time.stopFor(VALID.minusNanos(1));
        assertThat(List.of(lock.isHeldByCurrentThread(), handle.isValid())).containsOnly(true);
        assertThat(lock.getHoldCount()).isEqualTo(2);
        assertThat(List.of(lock.remainingLease(), handle.remainingLease())).containsOnly(Duration.ofNanos(1));
        time.stopFor(Duration.ofNanos(1));
        assertThat(List.of(lock.isHeldByCurrentThread(), handle.isValid())).containsOnly(false);
        assertThat(lock.getHoldCount()).isZero();
        assertThat(List.of(lock.remainingLease(), handle.remainingLease())).containsOnly(Duration.ZERO);
        assertThat(heard).as("no timer has run").doesNotContain("lost a", "lost b");
        time.advance(Duration.ZERO);
        assertThat(heard).as("told at once when the process runs again").contains("lost a", "lost b");
    }

    /** The end of the session is known here before every hold of it has heard of it: whoever asks meanwhile is told the same. */
    @Test
    void lo8_the_reason_that_is_told_is_the_true_one() {
        DistributedLock lock = held(1);
        LockHandle handle = got(ask("b"));
        List<LockLoss> told = new ArrayList<>();
        handle.onLost(told::add);
        Inside.of(
                client().parts.names().get("a"),
                name -> { // its events wait for this
                    session().events.sessionLost("its lease has ended in the store");
                    assertThatThrownBy(lock::fencingToken).hasMessageContaining("its lease has ended in the store");
                    assertThatThrownBy(lock::unlock).hasMessageContaining("its lease has ended in the store");
                });
        time.settle();
        assertThat(told).extracting(LockLoss::reason).containsExactly("its lease has ended in the store");
    }

    /** The release of one thread comes between the look and the release that the other one's close makes of it. */
    @Test
    void lo8_close_beside_a_release_by_another_thread_tells_of_no_loss() throws Exception {
        client();
        store.answersAtOnce = true;
        for (int round = 0; round < 500; round++) {
            LockHandle shared = hold("a");
            CyclicBarrier together = new CyclicBarrier(2);
            FutureTask<ReleaseOutcome> other = new FutureTask<>(() -> {
                together.await();
                return shared.release();
            });
            new Thread(other).start();
            together.await();
            shared.close();
            other.get();
        }
    }

    /** LO-3: a backend that confuses its clients tells of another one's grant, whose contender has the same id. */
    @Test
    void lo3_the_loss_of_another_grant_ends_no_hold() {
        LockHandle innocent = hold("a");
        Grant own = session().place().grant.join();
        List<Grant> others = List.of(
                new Grant("a", own.contenderId(), own.storeToken() + 1, own.basis(), null),
                new Grant("b", own.contenderId(), own.storeToken(), own.basis(), null));
        for (Grant other : others) {
            session().events.grantLost(other, "deleted by the test");
            time.settle();
            assertThat(innocent.isValid()).as(other.toString()).isTrue();
        }
        session().events.grantLost(own, "deleted by the test");
        time.settle();
        assertThat(innocent.isValid()).isFalse();
    }

    /** LO-8: what a try block did under a lock that was lost must not look like work done under it. */
    @Test
    void lo8_closing_a_lost_handle_throws_when_nobody_was_told() {
        LockHandle lost = hold("a");
        time.advance(VALID);
        assertThatThrownBy(lost::close)
                .isInstanceOf(LockLostException.class)
                .hasMessageContaining("'a'")
                .hasMessageContaining("its lease passed without an acknowledged renewal");
        lost.close(); // told
        assertThat(lost.release()).isEqualTo(ReleaseOutcome.NOT_HELD);
    }

    @Test
    void lo8_who_was_told_hears_nothing_from_close() {
        Map<String, java.util.function.Consumer<LockHandle>> ways = new LinkedHashMap<>();
        ways.put("isValid", LockHandle::isValid);
        ways.put("remainingLease", LockHandle::remainingLease);
        ways.put("release", LockHandle::release);
        ways.put("onLost", h -> h.onLost(loss -> {}));
        ways.put("limit", h -> assertThatThrownBy(() -> h.limit(Duration.ofSeconds(1)))
                .isInstanceOf(LockLostException.class));
        ways.forEach((name, way) -> {
            LockHandle lost = hold(name);
            session().events.grantLost(session().place().grant.join(), "forced");
            time.settle();
            way.accept(lost);
            time.settle(); // an action runs on a thread of its own
            lost.close();
        });
    }

    /** What follows the block would run before the action does: a registered action alone has told nothing. */
    @Test
    void lo8_a_loss_that_close_finds_is_thrown_although_an_action_is_registered() {
        List<LockLoss> told = new ArrayList<>();
        LockHandle gone = hold("a");
        gone.onLost(told::add);
        session().events.grantLost(session().place().grant.join(), "forced"); // its news wait for the executor
        assertThatThrownBy(gone::close).isInstanceOf(LockLostException.class);
        assertThat(told).isEmpty();
        time.settle();
        assertThat(told).hasSize(1);
        gone.close();
    }

    @Test
    void lo8_a_release_that_the_store_no_longer_knows_is_thrown_by_close_although_an_action_is_registered() {
        LockHandle gone = hold("a");
        List<LockLoss> told = new ArrayList<>();
        gone.onLost(told::add);
        CompletableFuture<Void> closing = CompletableFuture.runAsync(gone::close);
        while (session().releases.isEmpty()) {
            Thread.onSpinWait();
        }
        session().releases.get(0).answer().complete(false);
        assertThatThrownBy(closing::join).hasCauseInstanceOf(LockLostException.class);
        time.settle();
        assertThat(told).hasSize(1);
    }

    @Test
    void lo3_an_action_is_told_of_a_hold_that_was_gone_at_its_release_whenever_it_was_registered() {
        LockHandle gone = hold("a");
        List<LockLoss> told = new ArrayList<>();
        gone.releaseAsync();
        gone.onLost(told::add);
        session().releases.get(0).answer().complete(false);
        time.settle();
        assertThat(told).hasSize(1);
        gone.onLost(told::add);
        time.settle();
        assertThat(told).hasSize(2);
        assertThat(told.get(1).reason()).isEqualTo(told.get(0).reason()).contains("when it was released");
    }

    @Test
    void lo3_no_action_is_told_of_a_hold_that_was_released() {
        LockHandle released = hold("a");
        List<LockLoss> told = new ArrayList<>();
        released.onLost(told::add);
        released.releaseAsync();
        released.onLost(told::add);
        session().releases.get(0).answer().complete(true);
        released.onLost(told::add);
        time.settle();
        assertThat(told).isEmpty();
    }

    @Test
    void lo8_a_released_handle_is_closed_without_a_word() {
        LockHandle released = hold("a");
        store.answersAtOnce = true;
        assertThat(released.release()).isEqualTo(ReleaseOutcome.RELEASED);
        released.close();
        LockHandle closed = got(ask("b"));
        closed.close();
        closed.close();
    }

    @Test
    void lo8_the_exception_of_the_block_stays_the_one_thrown() {
        IllegalStateException own = new IllegalStateException("of the work");
        assertThatThrownBy(() -> {
                    try (LockHandle lost = hold("a")) {
                        time.advance(VALID);
                        assertThat(lost.fencingToken()).isPositive();
                        throw own;
                    }
                })
                .isSameAs(own)
                .satisfies(
                        e -> assertThat(e.getSuppressed()).hasSize(1).hasOnlyElementsOfType(LockLostException.class));
    }

    @Test
    void lo8_a_group_tells_of_every_member_that_was_lost() throws Exception {
        client();
        store.answersAtOnce = true;
        io.holdfast.GroupHandle group = client().all(List.of("a", "b", "c")).acquire();
        assertThat(group.handles().get(2).isValid()).isTrue();
        time.advance(VALID);
        assertThat(group.handles().get(2).isValid()).isFalse(); // of this one it is told
        assertThatThrownBy(group::close)
                .isInstanceOf(LockLostException.class)
                .hasMessageContaining("'b'")
                .satisfies(e ->
                        assertThat(e.getSuppressed()).singleElement().asString().contains("'a'"));
        group.close();
    }

    /** What ends a hold. */
    private enum End {
        DEADLINE,
        SESSION_LOST,
        GRANT_LOST,
        RELEASE,
        LOOK
    }

    private static void permute(List<End> done, List<End> left, List<List<End>> orders) {
        if (left.isEmpty()) {
            orders.add(done);
        }
        for (End next : left) {
            List<End> longer = new ArrayList<>(done);
            longer.add(next);
            permute(longer, left.stream().filter(e -> e != next).toList(), orders);
        }
    }

    static Stream<List<End>> orders() {
        List<List<End>> orders = new ArrayList<>();
        permute(List.of(), List.of(End.values()), orders);
        return orders.stream();
    }

    private void end(End how, LockHandle h, ScriptedStore.Session s) {
        switch (how) {
            case DEADLINE -> time.stopFor(LEASE); // the timer is late: it runs when the test lets it
            case SESSION_LOST -> s.events.sessionLost("ended by the test");
            case GRANT_LOST -> s.events.grantLost(s.places.get(0).grant.join(), "deleted by the test");
            case RELEASE -> ((EngineHandle) h).releaseAsync();
            case LOOK -> time.advance(Duration.ZERO);
        }
    }

    /** One of two words for each end, whatever comes together and whatever the store answers to a release. */
    @ParameterizedTest
    @MethodSource("orders")
    void lo3_a_hold_is_released_or_lost_once_in_every_order_of_what_ends_it(List<End> order) {
        for (LeaseScope scope : List.of(LeaseScope.SESSION, LeaseScope.GRANT)) {
            for (Boolean answer : new Boolean[] {true, false, null}) {
                endsOnce(order, scope, answer);
            }
        }
    }

    private void endsOnce(List<End> order, LeaseScope scope, @Nullable Boolean answer) {
        heard.clear();
        useStore(ScriptedStore.queueing(scope));
        open(64);
        LockHandle h = hold("a");
        ScriptedStore.Session s = session();
        List<LockLoss> told = new ArrayList<>();
        h.onLost(told::add);
        order.forEach(how -> end(how, h, s));
        time.settle();
        s.releases.forEach(r -> {
            if (answer == null) {
                r.answer().completeExceptionally(new LockUnavailableException("down"));
            } else {
                r.answer().complete(answer);
            }
        });
        time.advance(LEASE);
        List<String> ends = heard.stream()
                .filter(e -> e.startsWith("lost a") || e.startsWith("released a"))
                .toList();
        String what = order + " in " + scope + ", a release answered " + answer;
        assertThat(ends).as(what).hasSize(1);
        boolean lost = ends.get(0).startsWith("lost");
        assertThat(told).as(what).hasSize(lost ? 1 : 0);
        if (!order.stream().filter(e -> e != End.LOOK).findFirst().equals(Optional.of(End.RELEASE))) {
            assertThat(lost).as(what).isTrue();
        } else if (!Boolean.FALSE.equals(answer)) {
            assertThat(lost).as(what).isFalse();
        } // else the store had lost it before, and that is told unless it was said to be unknown before the answer came
    }

    /** An owner whose interrupt the test can hold up, to see whether its release waits for it. */
    private static final class Owner extends Thread {
        final CountDownLatch interrupting = new CountDownLatch(1);
        final CountDownLatch mayGoOn = new CountDownLatch(1);
        final CountDownLatch releasing = new CountDownLatch(1);

        Owner(Runnable body) {
            super(body);
        }

        @Override
        public void interrupt() {
            interrupting.countDown();
            await(mayGoOn);
            super.interrupt();
        }
    }

    private static boolean isParked(Thread thread) {
        return thread.getState() == Thread.State.WAITING;
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void lo4_a_release_that_races_with_the_loss_returns_after_the_interrupt() throws Exception {
        DistributedLock lock = client().lock("a");
        store.answersAtOnce = true;
        CountDownLatch holds = new CountDownLatch(1);
        AtomicReference<Owner> owner = new AtomicReference<>();
        List<Object> seen = new ArrayList<>();
        owner.set(new Owner(() -> {
            lock.lock(LockOptions.defaults().interruptOnLoss());
            holds.countDown();
            await(owner.get().interrupting);
            owner.get().releasing.countDown();
            try {
                lock.unlock();
            } catch (LockLostException e) {
                seen.add(e);
            }
            seen.add(Thread.interrupted());
        }));
        owner.get().start();
        await(holds);
        Thread store = new Thread(() -> session().events.sessionLost("ended by the test"));
        store.start();
        await(owner.get().interrupting);
        await(owner.get().releasing);
        // The release waits for the mutex, in which the interrupt is held up; one that does not wait for it returns.
        while (owner.get().isAlive() && !(isParked(owner.get()) && isParked(store))) {
            Thread.onSpinWait();
        }
        owner.get().mayGoOn.countDown();
        store.join();
        owner.get().join();
        assertThat(seen).hasSize(2).last().isEqualTo(true);
        assertThat(seen.get(0)).isInstanceOf(LockLostException.class);
    }

    @Test
    void lo4_a_thread_is_not_interrupted_for_a_hold_that_it_has_released() {
        DistributedLock lock = client().lock("a");
        store.answersAtOnce = true;
        lock.lock(LockOptions.defaults().interruptOnLoss());
        ScriptedStore.Session s = session();
        lock.unlock();
        s.events.sessionLost("ended by the test");
        time.advance(LEASE);
        assertThat(Thread.interrupted()).isFalse();
        got(ask("b")); // opens the next session
        lock.lock(LockOptions.defaults().interruptOnLoss());
        session().events.sessionLost("ended by the test");
        assertThat(Thread.interrupted()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(names = {"DEADLINE", "SESSION_LOST", "GRANT_LOST"})
    void re5_each_level_is_told_of_the_loss_once_and_then_the_lock_is_usable_again(End how) {
        for (int levels = 1; levels <= 3; levels++) {
            useStore(Capabilities.of(LeaseScope.SESSION).queues(true).build());
            open(64);
            DistributedLock lock = held(levels);
            switch (how) {
                case DEADLINE -> time.stopFor(LEASE);
                case SESSION_LOST -> session().events.sessionLost("ended by the test");
                default -> session().events.grantLost(session().place().grant.join(), "deleted by the test");
            }
            for (int level = levels; level > 0; level--) {
                assertThatThrownBy(lock::unlock).isInstanceOf(LockLostException.class);
            }
            assertThatThrownBy(lock::unlock)
                    .isInstanceOf(IllegalMonitorStateException.class)
                    .isNotInstanceOf(LockLostException.class);
            settled(lock);
            assertThat(lock.getHoldCount()).isEqualTo(1);
            lock.unlock();
        }
    }

    /** Acquires; a new session may have to be opened for it, which this thread does before it waits. */
    private void settled(DistributedLock lock) {
        time.settle();
        LockHandle first = got(ask("a"));
        release(first);
        lock.lock();
    }

    @Test
    void re5_re_entry_counts_the_calls_of_both_kinds() {
        DistributedLock lock = held(3);
        session().events.grantLost(session().place().grant.join(), "deleted by the test");
        Map<String, Runnable> calls = new LinkedHashMap<>();
        calls.put("unlock", lock::unlock);
        calls.put("tryLock", lock::tryLock);
        calls.put("lock", lock::lock);
        calls.forEach((what, call) -> assertThatThrownBy(call::run).as(what).isInstanceOf(LockLostException.class));
        assertThat(lock.tryLock()).as("a fourth call contends anew").isTrue();
    }

    @Test
    void re7_releasing_a_handle_after_its_loss_asks_nobody() {
        LockHandle h = hold("a");
        session().events.grantLost(session().place().grant.join(), "deleted by the test");
        time.settle();
        assertThat(release(h)).isCompletedWithValue(ReleaseOutcome.NOT_HELD);
        assertThat(session().releases).isEmpty();
    }
}
