// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.FencingRegressionException;
import io.holdfast.LockClosedException;
import io.holdfast.LockHandle;
import io.holdfast.LockLostException;
import io.holdfast.LockOptions;
import io.holdfast.LockUnavailableException;
import io.holdfast.ReleaseOutcome;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LeaseScope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class EnginePossessionTest extends EngineTestBase {
    @Test
    void or3_a_hand_off_asks_nothing_of_the_store_and_has_a_larger_token() {
        LockHandle first = hold("a");
        CompletableFuture<LockHandle> f = ask("a");
        assertThat(release(first)).isCompletedWithValue(ReleaseOutcome.RELEASED);
        LockHandle second = got(f);
        assertThat(second.fencingToken()).isGreaterThan(first.fencingToken());
        assertThat(session().places).hasSize(1);
        assertThat(session().releases).isEmpty();
    }

    @Test
    void or3_a_run_of_hand_offs_ends_at_the_limit_with_one_request() {
        open(2);
        LockHandle h = hold("a");
        List<CompletableFuture<LockHandle>> waiting = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            waiting.add(ask("a"));
        }
        release(h);
        release(got(waiting.get(0)));
        Grant given = session().place().grant.join();
        CompletableFuture<ReleaseOutcome> last = release(got(waiting.get(1)));
        assertThat(session().places).hasSize(2);
        assertThat(session().place().request.releasing()).isEqualTo(given);
        assertThat(waiting.get(2)).isNotDone();
        assertThat(last).isNotDone();
        session().place().queue();
        session().place().released.complete(true);
        assertThat(last).isCompletedWithValue(ReleaseOutcome.RELEASED);
        session().place().grant();
        assertThat(got(waiting.get(2)).isValid()).isTrue();
        assertThat(session().releases).isEmpty();
    }

    @Test
    void or3_a_run_of_hand_offs_ends_after_a_tenth_of_the_lease() {
        LockHandle h = hold("a");
        ask("a");
        time.advance(Duration.ofSeconds(3));
        release(h);
        assertThat(session().place().request.releasing()).isNotNull();
    }

    @Test
    void or3_a_limit_of_zero_sends_every_hand_over_to_the_store() {
        open(0);
        LockHandle h = hold("a");
        ask("a");
        release(h);
        assertThat(session().place().request.releasing()).isNotNull();
    }

    /** Who polls stays away for up to 250 ms: in the short pauses of others he seldom looks. */
    @Test
    void or3_who_polls_finds_a_busy_clients_lock_free_within_some_seconds() {
        useStore(Capabilities.of(LeaseScope.GRANT).build());
        open(0);
        store.answersAtOnce = true;
        CompletableFuture<LockHandle> holds = ask("a");
        List<Long> freeMillis = new ArrayList<>();
        while (time.nanoTime() < Duration.ofSeconds(20).toNanos()) {
            CompletableFuture<LockHandle> waits = ask("a");
            time.advance(Duration.ofMillis(100));
            release(got(holds));
            long free = 0;
            while (!waits.isDone()) {
                time.advance(Duration.ofMillis(1));
                free++;
            }
            freeMillis.add(free);
            holds = waits;
        }
        assertThat(freeMillis.stream().filter(free -> free >= 300).count())
                .as("in 20 s, each after 4 s: %s", freeMillis)
                .isEqualTo(4);
        assertThat(freeMillis).filteredOn(free -> free < 300).allMatch(free -> free <= 21);
    }

    @Test
    void or3_what_another_client_has_had_meanwhile_needs_no_long_pause() {
        useStore(Capabilities.of(LeaseScope.GRANT).build());
        open(0);
        LockHandle holds = hold("a");
        for (int i = 0; i < 40; i++) {
            CompletableFuture<LockHandle> waits = ask("a");
            time.advance(Duration.ofMillis(250));
            release(holds);
            session().released().answer().complete(true);
            time.advance(Duration.ofMillis(21));
            session().place().refuse();
            time.advance(Duration.ofMillis(251));
            session().place().grant();
            holds = got(waits);
        }
    }

    @Test
    void uo3_a_release_without_an_answer_is_unknown_and_asked_again() {
        LockHandle h = hold("a");
        CompletableFuture<ReleaseOutcome> outcome = release(h);
        assertThat(h.isValid()).isFalse();
        time.advance(Duration.ofSeconds(3));
        assertThat(outcome).isCompletedWithValue(ReleaseOutcome.UNKNOWN);
        session().released().answer().completeExceptionally(new LockUnavailableException("down"));
        time.advance(Duration.ofSeconds(1));
        assertThat(session().releases).hasSize(2);
        session().released().answer().complete(true);
        time.advance(Duration.ofSeconds(5));
        assertThat(session().releases).hasSize(2);
    }

    @Test
    void uo3_a_release_that_failed_along_with_a_contend_is_made_by_itself() {
        open(0);
        LockHandle h = hold("a");
        ask("a");
        release(h);
        ScriptedStore.Place both = session().place();
        both.fail(new LockUnavailableException("down"));
        both.released.completeExceptionally(new LockUnavailableException("down"));
        time.settle();
        assertThat(session().releases).hasSize(1);
        assertThat(both.withdrawals).hasSize(1);
    }

    @Test
    void lo5_a_hold_that_the_store_had_no_more_when_it_was_released_was_lost() {
        LockHandle h = hold("a");
        List<String> told = new ArrayList<>();
        h.onLost(l -> told.add(l.reason()));
        CompletableFuture<ReleaseOutcome> outcome = release(h);
        session().released().answer().complete(false);
        time.settle();
        assertThat(outcome).isCompletedWithValue(ReleaseOutcome.NOT_HELD);
        assertThat(heard).contains("lost a").doesNotContain("released a RELEASED");
        assertThat(told).hasSize(1);
    }

    @Test
    void mu1_a_group_with_a_lock_that_was_lost_on_the_way_is_not_held() throws Exception {
        client();
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread t = new Thread(() -> {
            try {
                client().all(List.of("a", "b")).acquire();
            } catch (LockLostException | InterruptedException e) {
                thrown.set(e);
            }
        });
        t.start();
        awaitPlaces(1);
        ScriptedStore.Place first = session().place();
        first.grant();
        awaitPlaces(2);
        session().events.grantLost(first.grant.join(), "deleted by somebody");
        session().place().grant();
        while (session().releases.isEmpty()) {
            Thread.onSpinWait();
        }
        session().released().answer().complete(true);
        t.join();
        assertThat(thrown.get()).isInstanceOf(LockLostException.class).hasMessageContaining("lock 'a'");
        assertThat(session().releases).extracting(r -> r.grant().name()).containsExactly("b");
    }

    private void awaitPlaces(int count) {
        while (session().places.size() < count) {
            Thread.onSpinWait();
        }
    }

    @Test
    void uo3_a_second_release_is_not_held() {
        LockHandle h = hold("a");
        release(h);
        session().released().answer().complete(true);
        assertThat(release(h)).isCompletedWithValue(ReleaseOutcome.NOT_HELD);
        assertThat(session().releases).hasSize(1);
    }

    @Test
    void wa8_a_maximum_hold_ends_the_hold_as_lost_and_passes_the_lock_on() {
        LockHandle h = hold("a", LockOptions.defaults().maximumHold(Duration.ofSeconds(2)));
        CompletableFuture<LockHandle> f = ask("a");
        time.advance(Duration.ofMillis(1_999));
        assertThat(h.isValid()).isTrue();
        time.advance(Duration.ofMillis(1));
        assertThat(h.isValid()).isFalse();
        assertThat(heard).contains("lost a");
        assertThat(got(f).fencingToken()).isGreaterThan(h.fencingToken());
    }

    @Test
    void wa8_the_clock_ends_a_maximum_hold_even_when_no_timer_runs() {
        LockHandle h = hold("a", LockOptions.defaults().maximumHold(Duration.ofSeconds(2)));
        assertThat(h.remainingLease()).isEqualTo(Duration.ofSeconds(2));
        time.stopFor(Duration.ofSeconds(2));
        assertThat(h.isValid()).isFalse();
        assertThat(release(h)).isCompletedWithValue(ReleaseOutcome.NOT_HELD);
        assertThat(heard).contains("lost a");
    }

    @Test
    void wa9_a_minimum_hold_keeps_the_lock_from_everybody_until_it_has_passed() {
        LockHandle h = hold("a", LockOptions.defaults().minimumHold(Duration.ofSeconds(2)));
        CompletableFuture<LockHandle> f = ask("a");
        assertThat(release(h)).isCompletedWithValue(ReleaseOutcome.RELEASED);
        assertThat(h.isValid()).isFalse();
        time.advance(Duration.ofMillis(1_999));
        assertThat(f).isNotDone();
        assertThat(session().releases).isEmpty();
        time.advance(Duration.ofMillis(1));
        assertThat(got(f).isValid()).isTrue();
    }

    @Test
    void uo1_a_minimum_hold_whose_lease_passed_while_the_process_stood_still_keeps_nothing() {
        release(hold("a", LockOptions.defaults().minimumHold(Duration.ofHours(1))));
        ScriptedStore.Session first = session();
        time.stopFor(Duration.ofMinutes(1));
        ask("a", LockOptions.defaults().waitLimit(Duration.ZERO)); // before any timer has run
        time.advance(Duration.ofMillis(1));
        assertThat(session()).isNotSameAs(first);
        assertThat(session().places).hasSize(1);
    }

    @Test
    void ft4_a_token_that_is_not_above_the_last_one_is_refused_and_given_back() {
        LockHandle h = hold("a");
        release(h);
        session().released().answer().complete(true);
        CompletableFuture<LockHandle> f = ask("a");
        session().place().grant(100);
        time.settle();
        assertThatThrownBy(() -> f.getNow(null))
                .hasCauseInstanceOf(FencingRegressionException.class)
                .hasMessageContaining("token-base=" + (h.fencingToken() - (100L << 8) + 1));
        assertThat(session().releases).hasSize(2);
    }

    @Test
    void ft6_the_named_base_makes_the_tokens_pass() {
        open(64, 257);
        LockHandle h = hold("a");
        assertThat(h.fencingToken()).isEqualTo((101L << 8) + 257);
    }

    @Test
    void ft4_a_second_delivery_of_a_grant_is_dropped() {
        LockHandle h = hold("a");
        ScriptedStore.Place p = session().place();
        time.advance(Duration.ofSeconds(10));
        ScriptedStore.Round r = session().round();
        r.answer()
                .complete(new io.holdfast.spi.Renewal(
                        r.sentAt(),
                        java.util.Map.of(
                                p.request.contenderId(), new io.holdfast.spi.ContenderStatus.Holding(p.grant.join()))));
        time.settle();
        assertThat(heard).doesNotContain("lost a");
        assertThat(client().metrics().acquired()).isEqualTo(1);
        assertThat(h.fencingToken()).isEqualTo(101L << 8);
    }

    @Test
    void cl1_closing_ends_holds_and_waits_and_removes_the_session() {
        LockHandle h = hold("a");
        CompletableFuture<LockHandle> f = ask("a");
        CompletableFuture<?> closed = client().closeAsync().toCompletableFuture();
        time.settle();
        assertThat(h.isValid()).isFalse();
        assertThat(heard).contains("lost a");
        assertThatThrownBy(() -> f.getNow(null)).hasCauseInstanceOf(LockClosedException.class);
        session().closes.get(0).complete(null);
        time.settle();
        assertThat(closed).isCompleted();
        assertThat(store.closed).isTrue();
        assertThat(time.timers()).isZero();
    }

    @Test
    void lk1_closing_waits_for_the_end_of_a_session_that_was_lost_just_before() {
        hold("a");
        ScriptedStore.Session lost = session();
        lost.events.sessionLost("reported by the store");
        time.settle();
        assertThat(lost.closes).hasSize(1);
        CompletableFuture<Void> closed = client().closeAsync().toCompletableFuture();
        time.settle();
        assertThat(closed).isNotDone();
        lost.closes.get(0).complete(null);
        time.settle();
        session().closes.forEach(answer -> answer.complete(null));
        time.settle();
        assertThat(closed).isDone();
    }

    @Test
    void cl2_closing_takes_no_longer_than_its_timeout_with_a_store_that_answers_nothing() {
        LockHandle h = hold("a");
        release(h);
        CompletableFuture<?> closed = client().closeAsync().toCompletableFuture();
        time.advance(Duration.ofSeconds(10));
        assertThat(closed).isCompleted();
        assertThat(store.closed).isTrue();
    }

    @Test
    void cl2_closing_waits_for_a_minimum_hold_and_cuts_one_that_is_too_long() {
        release(hold("a", LockOptions.defaults().minimumHold(Duration.ofSeconds(5))));
        release(hold("b", LockOptions.defaults().minimumHold(Duration.ofHours(5))));
        client().closeAsync();
        time.advance(Duration.ofMillis(4_999));
        assertThat(session().releases).isEmpty();
        time.advance(Duration.ofMillis(1));
        assertThat(session().releases).hasSize(1);
        session().released().answer().complete(true);
        time.advance(Duration.ofSeconds(4));
        assertThat(session().releases).hasSize(2);
    }
}
