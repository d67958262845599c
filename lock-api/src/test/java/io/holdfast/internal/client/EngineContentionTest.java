// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockDeniedException;
import io.holdfast.LockHandle;
import io.holdfast.LockOptions;
import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.LockTimeoutException;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.Contender;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.Renewal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class EngineContentionTest extends EngineTestBase {
    private static final LockOptions TRY = LockOptions.defaults().waitLimit(Duration.ZERO);

    private static LockOptions within(Duration d) {
        return LockOptions.defaults().waitLimit(d);
    }

    @Test
    void wa4_a_try_asks_without_a_place_in_line_and_leaves_nothing() {
        CompletableFuture<LockHandle> f = ask("a", TRY);
        assertThat(session().place().request.enqueue()).isFalse();
        session().place().refuse();
        time.settle();
        assertThatThrownBy(() -> f.getNow(null)).hasCauseInstanceOf(LockTimeoutException.class);
        assertThat(client().metrics().names()).isZero();
    }

    @Test
    void wa7_a_place_that_is_deleted_before_its_answer_came_is_not_waited_in() {
        for (Contender.Answer late : List.of(Contender.Answer.GRANTED, Contender.Answer.WAITING)) {
            CompletableFuture<LockHandle> f = ask(late.name());
            ScriptedStore.Place gone = session().place();
            gone.grant.complete(null);
            time.settle();
            gone.answer.complete(late);
            time.settle();
            assertThat(session().place())
                    .as("the place after an answer %s", late)
                    .isNotSameAs(gone);
            session().place().grant();
            assertThat(got(f).isValid()).isTrue();
        }
    }

    /** A backend that cannot go on with a place may have left it in the store, where it would come to the head of the line. */
    @Test
    void lk1_a_place_that_ends_without_a_grant_is_undone_and_taken_anew() {
        CompletableFuture<LockHandle> f = ask("a");
        ScriptedStore.Place ended = session().place();
        ended.queue();
        time.settle();
        ended.grant.complete(null);
        time.settle();
        assertThat(ended.withdrawals).hasSize(1);
        assertThat(session().place()).isNotSameAs(ended);
        session().place().grant();
        assertThat(got(f).isValid()).isTrue();
    }

    @Test
    void uo1_a_try_that_the_store_does_not_answer_is_unavailable_not_busy() {
        CompletableFuture<LockHandle> f = ask("a", TRY);
        time.advance(Duration.ofSeconds(3));
        assertThatThrownBy(() -> f.getNow(null)).hasCauseInstanceOf(LockUnavailableException.class);
        assertThat(session().place().withdrawals).hasSize(1);
    }

    @Test
    void wa5_a_wait_that_ends_leaves_the_line_and_ignores_the_grant_that_raced_in() {
        CompletableFuture<LockHandle> f = ask("a", within(Duration.ofSeconds(2)));
        ScriptedStore.Place p = session().place();
        p.queue();
        time.advance(Duration.ofSeconds(2));
        assertThatThrownBy(() -> f.getNow(null)).hasCauseInstanceOf(LockTimeoutException.class);
        assertThat(p.withdrawals).hasSize(1);
        p.grant();
        time.settle();
        assertThat(client().metrics().held()).isZero();
        p.withdrawals.get(0).complete(null);
        time.settle();
        assertThat(client().metrics().names()).isZero();
    }

    /** A contender of ours that is leaving: its withdrawal is not confirmed. */
    private ScriptedStore.Place leaving() {
        ask("a", within(Duration.ofSeconds(2)));
        ScriptedStore.Place leaving = session().place();
        leaving.queue();
        time.advance(Duration.ofSeconds(2));
        assertThat(leaving.withdrawals).hasSize(1);
        return leaving;
    }

    @Test
    void wa4_a_try_does_not_wait_for_the_client_s_own_withdrawal() {
        leaving();
        CompletableFuture<LockHandle> f = ask("a", TRY);
        assertThat(session().places).hasSize(2);
        session().place().grant();
        assertThat(got(f).isValid()).isTrue();
    }

    @Test
    void wa4_a_try_that_the_client_s_own_leaving_contender_refused_asks_once_more() {
        ScriptedStore.Place leaving = leaving();
        CompletableFuture<LockHandle> f = ask("a", TRY);
        session().place().refuse();
        time.settle();
        assertThat(f).isNotDone();
        assertThat(session().places).hasSize(2);
        leaving.withdrawals.get(0).complete(null);
        time.settle();
        assertThat(session().places).hasSize(3);
        session().place().refuse(); // now it was somebody else
        time.settle();
        assertThatThrownBy(() -> f.getNow(null)).hasCauseInstanceOf(LockTimeoutException.class);
    }

    @Test
    void wa4_a_try_that_only_the_client_s_own_past_is_known_to_refuse_ends_within_an_operation_timeout() {
        leaving();
        CompletableFuture<LockHandle> f = ask("a", TRY);
        session().place().refuse();
        time.advance(Duration.ofSeconds(3));
        assertThatThrownBy(() -> f.getNow(null)).hasCauseInstanceOf(LockTimeoutException.class);
    }

    /** The try came first, and the request for both of them asks for a place, since one of them waits. */
    @Test
    void wa4_a_try_does_not_stand_in_the_line_that_the_client_waits_in() {
        CompletableFuture<LockHandle> earlier = ask("a", TRY);
        ScriptedStore.Place asked = session().place();
        time.advance(Duration.ofMillis(1));
        CompletableFuture<LockHandle> tried = ask("a", TRY);
        CompletableFuture<LockHandle> waits = ask("a");
        asked.refuse(); // says nothing of the time after it was sent
        time.settle();
        assertThat(earlier).isCompletedExceptionally();
        assertThat(tried).isNotDone();
        assertThat(session().place().request.enqueue()).isTrue();
        session().place().queue();
        time.settle();
        assertThatThrownBy(() -> tried.getNow(null)).hasCauseInstanceOf(LockTimeoutException.class);
        session().place().grant.complete(session().place().makeGrant(999, time.nanoTime()));
        assertThat(got(waits).isValid()).isTrue();
    }

    @Test
    void wa12_a_wait_shorter_than_the_way_to_the_store_finds_a_free_lock() {
        CompletableFuture<LockHandle> f = ask("a", within(Duration.ofMillis(10)));
        time.advance(Duration.ofMillis(20));
        session().place().grant();
        assertThat(got(f).isValid()).isTrue();
    }

    @Test
    void wa12_a_wait_shorter_than_the_way_to_the_store_is_busy_when_the_lock_is() {
        for (boolean queues : List.of(true, false)) {
            useStore(
                    queues
                            ? ScriptedStore.queueing(LeaseScope.GRANT)
                            : Capabilities.of(LeaseScope.GRANT).build());
            opened = null;
            CompletableFuture<LockHandle> f = ask("a", within(Duration.ofMillis(10)));
            ScriptedStore.Place p = session().place();
            time.advance(Duration.ofMillis(20));
            assertThat(f).isNotDone();
            if (queues) {
                p.queue();
            } else {
                p.refuse();
            }
            time.settle();
            assertThatThrownBy(() -> f.getNow(null)).hasCauseInstanceOf(LockTimeoutException.class);
            assertThat(p.withdrawals).as("left in line").hasSize(queues ? 1 : 0);
        }
    }

    @Test
    void wa12_a_short_wait_that_nothing_answers_ends_after_an_operation_timeout_as_unreachable() {
        CompletableFuture<LockHandle> f = ask("a", within(Duration.ofMillis(10)));
        time.advance(Duration.ofMillis(2_999));
        assertThat(f).isNotDone();
        time.advance(Duration.ofMillis(1));
        assertThatThrownBy(() -> f.getNow(null)).hasCauseInstanceOf(LockUnavailableException.class);
    }

    @Test
    void wa12_a_wait_whose_store_answers_others_is_not_told_that_it_is_out_of_reach() {
        CompletableFuture<LockHandle> f = ask("a", within(Duration.ofSeconds(4)));
        time.advance(Duration.ofSeconds(1));
        hold("b");
        time.advance(Duration.ofSeconds(3));
        assertThatThrownBy(() -> f.getNow(null)).hasCauseInstanceOf(LockTimeoutException.class);
    }

    @Test
    void wa12_a_wait_that_ends_in_a_short_outage_was_busy_when_the_store_last_said_so() {
        CompletableFuture<LockHandle> f = ask("a", within(Duration.ofSeconds(12)));
        time.advance(Duration.ofMillis(1));
        session().place().queue();
        time.advance(Duration.ofSeconds(10));
        session().round().answer().completeExceptionally(new LockUnavailableException("down"));
        time.advance(Duration.ofSeconds(2));
        assertThatThrownBy(() -> f.getNow(null)).hasCauseInstanceOf(LockTimeoutException.class);
    }

    /** Waits one after another, each shorter than it takes the one before to leave the line. */
    @Test
    void wa12_a_limited_wait_does_not_stand_behind_the_client_s_own_past() {
        ScriptedStore.Place leaving = leaving();
        CompletableFuture<LockHandle> f = ask("a", within(Duration.ofMillis(1)));
        ScriptedStore.Place behind = session().place();
        behind.queue();
        time.advance(Duration.ofMillis(1));
        assertThat(f).isNotDone();
        leaving.withdrawals.get(0).complete(null);
        behind.withdrawals.get(0).complete(null);
        time.settle();
        assertThat(session().place().request.enqueue()).isFalse();
        session().place().grant();
        assertThat(got(f).isValid()).isTrue();
    }

    @Test
    void wa10_cancelling_withdraws() {
        CompletableFuture<LockHandle> f = ask("a");
        session().place().queue();
        f.cancel(false);
        time.settle();
        assertThat(session().place().withdrawals).hasSize(1);
    }

    @Test
    void wa10_a_grant_that_races_with_a_cancel_goes_back_even_with_a_minimum_hold() {
        CompletableFuture<LockHandle> f = client().acquireAsync(
                        "a", LockOptions.defaults().minimumHold(Duration.ofHours(1)))
                .toCompletableFuture();
        session().place().grant(); // the waiter is settled, its completion is still queued
        f.cancel(false);
        time.settle();
        assertThat(session().releases).hasSize(1);
    }

    @Test
    void uo1_an_unknown_outcome_is_undone_and_another_contender_takes_its_place() {
        CompletableFuture<LockHandle> f = ask("a");
        ScriptedStore.Place first = session().place();
        first.fail(new LockOutcomeUnknownException("no reply"));
        time.advance(Duration.ofSeconds(1));
        assertThat(first.withdrawals).hasSize(1);
        assertThat(session().places).hasSize(2);
        assertThat(session().place().request.contenderId()).isNotEqualTo(first.request.contenderId());
        session().place().grant();
        assertThat(got(f).isValid()).isTrue();
        first.grant.complete(first.makeGrant(999, 0));
        time.settle();
        assertThat(client().metrics().held()).isEqualTo(1);
    }

    @Test
    void uo2_an_undo_is_asked_for_until_the_store_confirms_it() {
        ask("a");
        ScriptedStore.Place first = session().place();
        first.fail(new LockOutcomeUnknownException("no reply"));
        time.settle();
        for (int i = 0; i < 5; i++) {
            first.withdrawals.get(i).completeExceptionally(new LockOutcomeUnknownException("no reply"));
            time.advance(Duration.ofSeconds(2));
            assertThat(first.withdrawals).hasSize(i + 2);
        }
        first.withdrawals.get(5).complete(null);
        time.advance(Duration.ofSeconds(10));
        assertThat(first.withdrawals).hasSize(6);
    }

    @Test
    void uo5_an_undo_that_stays_unconfirmed_for_a_lease_retires_the_session() {
        ask("a", TRY);
        ScriptedStore.Session s = session();
        ScriptedStore.Place p = s.place();
        p.fail(new LockOutcomeUnknownException("no reply"));
        LockHandle other = hold("b");
        for (int t = 0; t < 40; t++) {
            time.advance(Duration.ofSeconds(1));
            s.rounds.forEach(s::acknowledge);
            p.withdrawals.forEach(w -> w.completeExceptionally(new LockOutcomeUnknownException("no reply")));
        }
        assertThat(other.isValid()).isTrue();
        assertThat(s.closes).isEmpty();
        ask("c");
        assertThat(store.sessions).hasSize(2);
        release(other);
        assertThat(s.closes).isEmpty(); // closed now, it would take the grant along and call it lost
        s.released().answer().complete(true);
        time.settle();
        assertThat(s.closes).hasSize(1);
        assertThat(client().sessions.all()).hasSize(1);
    }

    @Test
    void wa6_a_timed_wait_rides_through_an_outage_within_its_budget() {
        CompletableFuture<LockHandle> f = ask("a", within(Duration.ofMinutes(10)));
        session().place().fail(new LockUnavailableException("down"));
        for (int i = 0; i < 100; i++) {
            time.advance(Duration.ofSeconds(2));
            session().rounds.forEach(session()::acknowledge);
            session().place().fail(new LockUnavailableException("down"));
        }
        assertThat(f).isNotDone();
        time.advance(Duration.ofSeconds(2));
        session().place().grant();
        assertThat(got(f).isValid()).isTrue();
    }

    @Test
    void wa6_a_timed_wait_whose_budget_ends_in_an_outage_is_unavailable() {
        CompletableFuture<LockHandle> f = ask("a", within(Duration.ofSeconds(5)));
        session().place().fail(new LockUnavailableException("down"));
        time.advance(Duration.ofMillis(4_999));
        assertThat(f).isNotDone();
        time.advance(Duration.ofMillis(1));
        assertThatThrownBy(() -> f.getNow(null)).hasCauseInstanceOf(LockUnavailableException.class);
    }

    @Test
    void uo1_a_wait_behind_holders_of_this_client_is_busy_though_the_next_request_is_unanswered() {
        open(0);
        LockHandle h = hold("a");
        ask("a");
        CompletableFuture<LockHandle> second = ask("a", within(Duration.ofSeconds(2)));
        time.advance(Duration.ofMillis(1_999));
        release(h); // along with the next contend, which the store has not answered when the limit passes
        time.advance(Duration.ofMillis(1));
        assertThatThrownBy(() -> second.getNow(null)).hasCauseInstanceOf(LockTimeoutException.class);
    }

    @Test
    void wa6_a_wait_without_limit_ends_when_the_outage_has_lasted_for_its_timeout() {
        CompletableFuture<LockHandle> f = ask("a");
        store.opensAtOnce = false;
        for (int i = 0; i < 59; i++) {
            ScriptedStore.Place p = session().place();
            p.fail(new LockUnavailableException("down"));
            time.settle();
            p.withdrawals.forEach(w -> w.complete(null)); // nothing was sent, so this is no sign of life
            store.unopened.forEach(o -> o.completeExceptionally(new LockUnavailableException("down")));
            time.advance(Duration.ofSeconds(1));
        }
        assertThat(f).isNotDone();
        for (int i = 0; i < 5; i++) {
            store.unopened.forEach(o -> o.completeExceptionally(new LockUnavailableException("down")));
            time.advance(Duration.ofSeconds(1));
        }
        assertThatThrownBy(() -> f.getNow(null)).hasCauseInstanceOf(LockUnavailableException.class);
    }

    @Test
    void wa6_a_round_that_asked_the_store_nothing_ends_no_outage() {
        useStore(ScriptedStore.queueing(LeaseScope.GRANT));
        CompletableFuture<LockHandle> f = ask("a");
        for (int i = 0; i < 70 && !f.isDone(); i++) {
            ScriptedStore.Place p = session().place();
            if (!p.answer.isDone()) {
                p.fail(new LockUnavailableException("down"));
            }
            time.advance(Duration.ofSeconds(1));
            session().rounds.forEach(round -> round.answer().complete(new Renewal(round.sentAt(), Map.of())));
        }
        assertThatThrownBy(() -> f.getNow(null)).hasCauseInstanceOf(LockUnavailableException.class);
    }

    @Test
    void uo1_a_try_is_not_refused_by_an_answer_to_what_was_asked_before_it() {
        CompletableFuture<LockHandle> first = ask("a", TRY);
        ScriptedStore.Place asked = session().place();
        time.advance(Duration.ofMillis(1));
        CompletableFuture<LockHandle> second = ask("a", TRY);
        asked.refuse();
        time.settle();
        assertThatThrownBy(() -> first.getNow(null)).hasCauseInstanceOf(LockTimeoutException.class);
        assertThat(second).isNotDone();
        assertThat(session().place()).isNotSameAs(asked);
        session().place().grant();
        assertThat(got(second).isValid()).isTrue();
    }

    @Test
    void wa10_a_future_that_somebody_else_completes_withdraws() {
        CompletableFuture<LockHandle> f = ask("a");
        ScriptedStore.Place p = session().place();
        p.queue();
        time.settle();
        f.completeExceptionally(new java.util.concurrent.TimeoutException("the caller's own limit"));
        time.settle();
        assertThat(p.withdrawals).hasSize(1);
    }

    @Test
    void uo1_refused_credentials_end_every_wait_at_once() {
        CompletableFuture<LockHandle> f = ask("a");
        session().place().fail(new LockDeniedException("wrong password"));
        time.settle();
        assertThatThrownBy(() -> f.getNow(null))
                .hasCauseInstanceOf(LockDeniedException.class)
                .hasMessageContaining("lock 'a' in scripted:store");
    }

    @Test
    void wa7_a_store_that_does_not_queue_is_polled() {
        useStore(Capabilities.of(LeaseScope.GRANT).build());
        CompletableFuture<LockHandle> f = ask("a");
        for (int i = 1; i <= 10; i++) {
            assertThat(session().places).hasSize(i);
            assertThat(session().place().request.enqueue()).isFalse();
            session().place().refuse();
            time.advance(Duration.ofMillis(250));
        }
        session().place().grant();
        assertThat(got(f).isValid()).isTrue();
    }

    @Test
    void wa7_a_session_that_ends_while_waiting_costs_a_place_not_the_wait() {
        CompletableFuture<LockHandle> f = ask("a");
        session().place().queue();
        session().events.sessionLost("expired");
        time.settle();
        assertThat(store.sessions).hasSize(2);
        session().place().grant();
        assertThat(got(f).isValid()).isTrue();
    }

    @Test
    void sp1_a_contend_that_throws_is_a_failure_like_any_other() {
        client();
        store.opensAtOnce = false;
        session().events.sessionLost("gone");
        CompletableFuture<LockHandle> f = ask("a", within(Duration.ofSeconds(1)));
        store.unopened.get(0).completeExceptionally(new IllegalStateException("a bug of the backend"));
        time.advance(Duration.ofSeconds(1));
        assertThatThrownBy(() -> f.getNow(null)).hasCauseInstanceOf(LockUnavailableException.class);
    }

    /** A stranger who removes every place as it comes, for instance: the store is not asked as fast as it answers. */
    @Test
    void sp4_places_that_vanish_again_and_again_are_asked_for_with_pauses() {
        CompletableFuture<LockHandle> f = ask("a");
        int asked = countWhilePlacesVanish();
        assertThat(asked).isBetween(5, 30);
        time.advance(Duration.ofSeconds(1));
        session().place().grant();
        assertThat(got(f).isValid()).isTrue();
    }

    /** What came to nothing once is asked for at once. */
    @Test
    void wa7_a_place_that_vanishes_once_is_replaced_at_once() {
        ask("a");
        session().place().queue();
        session().place().grant.complete(null);
        time.settle();
        session().places.get(0).withdrawals.forEach(w -> w.complete(null));
        time.settle();
        assertThat(session().places).hasSize(2);
    }

    /** Five seconds of a store that answers within a millisecond. @return how many contends it had */
    private int countWhilePlacesVanish() {
        int vanished = 0;
        for (int millisecond = 0; millisecond < 5_000; millisecond++) {
            List<ScriptedStore.Place> asked = List.copyOf(session().places);
            for (; vanished < asked.size(); vanished++) {
                asked.get(vanished).queue();
                asked.get(vanished).grant.complete(null);
            }
            asked.forEach(place -> place.withdrawals.forEach(withdrawal -> withdrawal.complete(null)));
            time.advance(Duration.ofMillis(1));
        }
        return vanished;
    }
}
