// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.LockHandle;
import io.holdfast.LockListener;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.LeaseScope;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class EngineRenewalTest extends EngineTestBase {
    /** Answers every round after a delay, for a time. */
    private void answerAfter(Duration delay, Duration span) {
        Duration step = Duration.ofMillis(100);
        int answered = 0;
        for (Duration t = Duration.ZERO; t.compareTo(span) < 0; t = t.plus(step)) {
            time.advance(step);
            while (answered < session().rounds.size()
                    && time.nanoTime() - session().rounds.get(answered).sentAt() >= delay.toNanos()) {
                session().acknowledge(session().rounds.get(answered++));
            }
        }
    }

    @Test
    void ke1_a_store_that_answers_within_half_a_lease_never_loses_a_hold() {
        LockHandle h = hold("a");
        answerAfter(Duration.ofSeconds(15), Duration.ofHours(2));
        assertThat(h.isValid()).isTrue();
        assertThat(heard).doesNotContain("lost a");
    }

    @Test
    void ke1_a_quick_store_is_asked_three_times_a_lease() {
        hold("a");
        answerAfter(Duration.ofMillis(100), Duration.ofMinutes(10));
        assertThat(session().rounds).hasSizeBetween(59, 61);
    }

    @Test
    void ke2_one_lost_round_with_a_store_that_takes_half_a_lease_loses_nothing() {
        LockHandle h = hold("a");
        time.advance(Duration.ofSeconds(10));
        assertThat(session().rounds).hasSize(1);
        time.advance(Duration.ofSeconds(18)); // the first round is never answered; the second went out at 13 s
        session().acknowledge(session().rounds.get(1));
        time.advance(Duration.ofSeconds(10));
        assertThat(h.isValid()).isTrue();
    }

    @Test
    void ke2_failed_rounds_are_repeated_and_nothing_ends_the_schedule() {
        LockHandle h = hold("a");
        for (int i = 0; i < 9; i++) {
            time.advance(Duration.ofSeconds(i == 0 ? 10 : 2));
            session().round().answer().completeExceptionally(new LockUnavailableException("down"));
        }
        assertThat(session().rounds).hasSizeGreaterThan(8);
        time.advance(Duration.ofSeconds(2));
        session().acknowledge(session().round());
        assertThat(h.remainingLease()).isGreaterThan(Duration.ofSeconds(27));
    }

    @Test
    void ke2_a_listener_that_throws_ends_nothing() {
        LockHandle h = hold("a");
        client().addListener(new LockListener() {
            @Override
            public void renewed(String name, long token) {
                throw new IllegalStateException("a listener's own bug");
            }
        });
        answerAfter(Duration.ofMillis(100), Duration.ofMinutes(5));
        assertThat(h.isValid()).isTrue();
    }

    /** KE-3: they would use up what may be in flight, and the store would not be asked when it is back. */
    @Test
    void ke3_rounds_that_hang_keep_no_later_one_from_going_out() {
        useStore(ScriptedStore.queueing(LeaseScope.GRANT));
        hold("a");
        time.advance(Duration.ofSeconds(31)); // no round is ever answered, and none fails
        assertThat(heard).contains("lost a");
        CompletableFuture<LockHandle> waiting = ask("w"); // so there is something to renew
        session().place().queue();
        time.advance(Duration.ofSeconds(20));
        waiting.cancel(true);
        LockHandle b = hold("b"); // the store is back, and answers what is asked of it from now on
        for (int s = 0; s < 60; s++) {
            int before = session().rounds.size();
            time.advance(Duration.ofSeconds(1));
            if (session().rounds.size() > before) {
                session().acknowledgeAll();
            }
        }
        assertThat(b.isValid()).isTrue();
        assertThat(heard).doesNotContain("lost b");
    }

    @Test
    void ke3_a_flood_of_urgent_rounds_that_hang_delays_the_next_by_a_tenth_of_a_lease_at_most() {
        LockHandle h = hold("a");
        for (int i = 0; i < 20; i++) {
            session().events.sessionSuspect("its connection broke");
            time.advance(Duration.ofMillis(10));
        }
        int flood = session().rounds.size();
        assertThat(flood).as("rounds that ask the same at the same time").isLessThanOrEqualTo(8);
        time.advance(Duration.ofSeconds(4));
        assertThat(session().rounds).hasSizeGreaterThan(flood);
        session().acknowledge(session().round());
        time.advance(Duration.ofSeconds(20));
        assertThat(h.isValid()).isTrue();
    }

    @Test
    void ke3_a_round_is_given_until_half_a_lease_has_passed() {
        LockHandle h = hold("a");
        answerAfter(Duration.ofMillis(14_900), Duration.ofHours(1)); // operation-timeout is 3 s
        assertThat(h.isValid()).isTrue();
        assertThat(client().metrics().failures()).isZero();
    }

    @Test
    void lo6_an_overdue_hold_is_suspect_then_safe() {
        hold("a");
        time.advance(Duration.ofSeconds(25));
        assertThat(heard).contains("suspect a").doesNotContain("lost a");
        session().acknowledge(session().round());
        time.settle();
        assertThat(heard).contains("safe a");
    }

    @Test
    void sp4_an_idle_store_with_a_lease_per_grant_is_asked_nothing() {
        useStore(ScriptedStore.queueing(LeaseScope.GRANT));
        LockHandle h = hold("a");
        release(h);
        session().released().answer().complete(true);
        time.advance(Duration.ofHours(1));
        assertThat(session().rounds).isEmpty();
        assertThat(time.timers()).isZero();
    }

    @Test
    void sp4_an_acquire_after_a_long_idle_time_is_not_followed_by_a_renewal() {
        useStore(ScriptedStore.queueing(LeaseScope.GRANT));
        client();
        time.advance(Duration.ofHours(1));
        hold("a");
        time.advance(Duration.ofSeconds(9));
        assertThat(session().rounds).isEmpty();
        time.advance(Duration.ofSeconds(1));
        assertThat(session().rounds).hasSize(1);
    }

    @Test
    void fh1_a_hold_whose_thread_has_ended_is_released_at_the_next_round() throws Exception {
        client();
        Thread t = new Thread(() -> client().lock("a").lock());
        t.start();
        while (session().places.isEmpty()) {
            Thread.onSpinWait();
        }
        session().place().grant();
        t.join();
        time.advance(Duration.ofSeconds(10));
        assertThat(heard).contains("lost a");
        assertThat(session().releases).hasSize(1);
    }

    @Test
    void fh1_a_handle_that_nothing_refers_to_is_released_at_a_round() {
        hold("a"); // the handle is dropped here
        for (int i = 0; i < 200 && session().releases.isEmpty(); i++) {
            System.gc();
            time.advance(Duration.ofSeconds(1));
            session().rounds.forEach(session()::acknowledge);
        }
        assertThat(heard).contains("lost a");
        assertThat(session().releases).hasSize(1);
    }
}
