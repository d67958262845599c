// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.LockHandle;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.Renewal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class EngineDeadlineTest extends EngineTestBase {
    @Test
    void me2_an_acquire_does_not_extend_the_lease_of_a_session() {
        client();
        time.advance(Duration.ofSeconds(9));
        LockHandle h = hold("a");
        assertThat(h.remainingLease()).isEqualTo(VALID.minusSeconds(9));
    }

    @Test
    void me2_the_deadline_is_counted_from_the_send_of_a_renewal_not_from_its_reply() {
        LockHandle h = hold("a");
        time.advance(Duration.ofSeconds(10));
        ScriptedStore.Round sentAt10 = session().round();
        time.advance(Duration.ofSeconds(8));
        session().acknowledge(sentAt10);
        assertThat(h.remainingLease()).isEqualTo(VALID.minusSeconds(8));
    }

    @Test
    void me2_a_grant_learned_late_takes_the_basis_that_its_session_has() {
        CompletableFuture<LockHandle> f = ask("a");
        session().place().queue();
        time.advance(Duration.ofSeconds(10));
        session().acknowledge(session().round());
        time.advance(Duration.ofSeconds(5));
        session().place().grant();
        assertThat(got(f).remainingLease()).isEqualTo(VALID.minusSeconds(5));
    }

    @Test
    void lo1_a_hold_ends_at_its_deadline_whatever_the_store_says_later() {
        LockHandle h = hold("a");
        time.advance(VALID.minusNanos(1));
        assertThat(h.isValid()).isTrue();
        time.advance(Duration.ofNanos(1));
        assertThat(h.isValid()).isFalse();
        assertThat(heard).contains("lost a");
        ScriptedStore.Session dead = session();
        List<ScriptedStore.Round> late = new ArrayList<>(dead.rounds);
        late.forEach(dead::acknowledge);
        assertThat(h.isValid()).isFalse();
        assertThat(heard.stream().filter("lost a"::equals)).hasSize(1);
    }

    @Test
    void me4_who_sees_the_deadline_pass_ends_it_even_when_a_reply_comes_first_in_the_queue() {
        LockHandle h = hold("a");
        time.advance(Duration.ofSeconds(10));
        ScriptedStore.Round sentAt10 = session().round();
        time.stopFor(Duration.ofSeconds(25)); // stopped over the deadline at 29.7 s
        assertThat(h.isValid()).isFalse();
        session().acknowledge(sentAt10); // would be valid until 39.7 s
        assertThat(h.isValid()).isFalse();
        time.advance(Duration.ZERO);
        assertThat(heard).contains("lost a");
    }

    @Test
    void me4_a_session_past_its_deadline_is_replaced_and_its_waiters_contend_anew() {
        CompletableFuture<LockHandle> f = ask("a");
        ScriptedStore.Session first = session();
        first.place().queue();
        time.advance(VALID);
        assertThat(store.sessions).hasSize(2);
        assertThat(first.closes).hasSize(1);
        first.place().grant(); // a grant of the dead session is nobody's
        time.settle();
        assertThat(f).isNotDone();
        session().place().grant();
        assertThat(got(f).isValid()).isTrue();
    }

    @Test
    void me3_with_under_a_third_of_the_lease_left_a_grant_is_given_only_after_a_renewal() {
        CompletableFuture<LockHandle> f = ask("a");
        session().place().queue();
        time.advance(Duration.ofSeconds(21)); // every round of these 21 s stays unanswered
        int rounds = session().rounds.size();
        session().place().grant();
        time.advance(Duration.ofMillis(1));
        assertThat(f).isNotDone();
        assertThat(session().rounds).hasSize(rounds + 1);
        session().acknowledge(session().round());
        assertThat(got(f).remainingLease()).isGreaterThan(Duration.ofSeconds(29));
    }

    @Test
    void me3_a_round_sent_before_the_grant_was_doubted_neither_confirms_it_nor_is_the_last_word() {
        CompletableFuture<LockHandle> f = ask("a");
        session().place().queue();
        time.advance(Duration.ofSeconds(21));
        ScriptedStore.Round older = session().round();
        session().place().grant();
        time.advance(Duration.ofMillis(1));
        ScriptedStore.Round asked = session().round();
        assertThat(asked).isNotSameAs(older);
        older.answer().complete(new Renewal(older.sentAt(), Map.of())); // acknowledged, yet moved no basis here
        time.settle();
        assertThat(f).isNotDone();
        session().acknowledge(asked);
        assertThat(got(f).isValid()).isTrue();
    }

    @Test
    void me3_a_grant_whose_deadline_passes_before_that_renewal_is_given_to_nobody() {
        CompletableFuture<LockHandle> f = ask("a");
        session().place().queue();
        time.advance(Duration.ofSeconds(25));
        session().place().grant();
        time.advance(Duration.ofSeconds(10));
        assertThat(f).isNotDone();
        session().place().grant();
        assertThat(got(f).isValid()).isTrue();
    }

    @Test
    void me2_where_each_grant_has_its_lease_a_renewal_counts_for_what_it_calls_holding() {
        useStore(ScriptedStore.queueing(LeaseScope.GRANT));
        LockHandle h = hold("a");
        ScriptedStore.Place p = session().place();
        time.advance(Duration.ofSeconds(10));
        ScriptedStore.Round round = session().round();
        ContenderStatus holding = new ContenderStatus.Holding(p.makeGrant(101, 0));
        round.answer().complete(new Renewal(round.sentAt(), Map.of(p.request.contenderId(), holding)));
        assertThat(h.remainingLease()).isEqualTo(VALID);
    }

    @Test
    void me2_where_each_grant_has_its_lease_an_answer_that_does_not_name_it_extends_nothing() {
        useStore(ScriptedStore.queueing(LeaseScope.GRANT));
        LockHandle h = hold("a");
        time.advance(Duration.ofSeconds(10));
        ScriptedStore.Round round = session().round();
        round.answer().complete(new Renewal(round.sentAt(), Map.of()));
        assertThat(h.remainingLease()).isEqualTo(VALID.minusSeconds(10));
    }

    @Test
    void me5_a_wall_clock_that_ran_ahead_makes_holds_suspect_until_a_newer_round_is_acknowledged() {
        LockHandle h = hold("a");
        time.advance(Duration.ofSeconds(9));
        time.stepWallClock(Duration.ofSeconds(5));
        time.advance(Duration.ofSeconds(1)); // the round sent before anybody noticed
        assertThat(heard).contains("suspect a").doesNotContain("safe a");
        assertThat(h.isValid()).isTrue();
        time.advance(Duration.ofMillis(1));
        session().acknowledge(session().round());
        time.settle();
        assertThat(heard).contains("safe a");
    }

    @Test
    void me5_what_is_asked_for_after_the_wall_clock_ran_ahead_is_given_without_a_renewal() {
        useStore(ScriptedStore.queueing(LeaseScope.GRANT));
        hold("a");
        time.stepWallClock(Duration.ofSeconds(5));
        time.advance(Duration.ofSeconds(11)); // noticed; the round is never answered
        assertThat(heard).contains("suspect a").doesNotContain("safe a");
        time.advance(Duration.ofMillis(1));
        CompletableFuture<LockHandle> asked = ask("b");
        session().place().grant();
        assertThat(got(asked).isValid()).isTrue();
    }

    @Test
    void me5_what_was_asked_for_before_the_wall_clock_ran_ahead_is_not_given_before_a_renewal() {
        useStore(ScriptedStore.queueing(LeaseScope.GRANT));
        CompletableFuture<LockHandle> asked = ask("a");
        ScriptedStore.Place p = session().place();
        p.queue();
        time.stepWallClock(Duration.ofSeconds(5));
        time.advance(Duration.ofSeconds(11));
        p.grantSince(1_000_000_000L); // counted from the request, ten seconds ago
        time.settle();
        assertThat(asked).isNotDone();
        session().acknowledgeAll();
        assertThat(got(asked).isValid()).isTrue();
    }

    /** The store refuses every renewal, for a time. */
    private void failRounds(Duration span) {
        for (Duration step = Duration.ofMillis(100); !span.isZero(); span = span.minus(step)) {
            time.advance(step);
            session().rounds.forEach(round -> round.answer()
                    .completeExceptionally(new LockUnavailableException("down")));
        }
    }

    /** Found by the simulation: seed 107888 of RANDOM REDIS. */
    @Test
    void me3_a_place_that_comes_while_the_schedule_works_is_no_acknowledgement() {
        useStore(ScriptedStore.queueing(LeaseScope.GRANT));
        ask("a");
        session().place().queue();
        time.advance(Duration.ofSeconds(1));
        CompletableFuture<LockHandle> late = ask("b");
        ScriptedStore.Place p = session().place();
        long asked = time.nanoTime();
        p.queue();
        failRounds(Duration.ofSeconds(25));
        p.grantSince(asked);
        time.settle();
        assertThat(late).isNotDone();
        int before = session().places.size();
        failRounds(Duration.ofSeconds(4)); // the lease of the first ends, and its waiter contends anew
        assertThat(session().places).hasSizeGreaterThan(before);
        assertThat(late).as("given with a second of its lease left").isNotDone();
        time.advance(Duration.ofMillis(500)); // a round that nobody has answered yet
        session().acknowledgeAll();
        assertThat(got(late).remainingLease()).isGreaterThan(Duration.ofSeconds(20));
    }

    @Test
    void me3_where_each_grant_has_its_lease_a_round_that_does_not_name_it_confirms_nothing() {
        useStore(ScriptedStore.queueing(LeaseScope.GRANT));
        hold("a");
        CompletableFuture<LockHandle> late = ask("b");
        ScriptedStore.Place p = session().place();
        long asked = time.nanoTime();
        p.queue();
        failRounds(Duration.ofSeconds(25));
        p.grantSince(asked);
        time.settle();
        time.advance(Duration.ofMillis(500));
        long a = session().places.get(0).request.contenderId();
        session()
                .round()
                .answer()
                .complete(new Renewal(
                        session().round().sentAt(),
                        Map.of(
                                a,
                                new ContenderStatus.Holding(
                                        session().places.get(0).grant.join()))));
        time.settle();
        assertThat(late).isNotDone();
        time.advance(Duration.ofMillis(500));
        session().acknowledgeAll();
        assertThat(got(late).remainingLease()).isGreaterThan(Duration.ofSeconds(20));
    }

    @Test
    void lo6_the_answer_to_a_round_from_before_the_doubt_says_nothing_safe() {
        hold("a");
        time.advance(Duration.ofSeconds(10));
        ScriptedStore.Round before = session().round();
        time.advance(Duration.ofSeconds(1));
        session().events.sessionSuspect("the connection broke");
        time.settle();
        assertThat(heard).contains("suspect a");
        session().acknowledge(before);
        time.settle();
        assertThat(heard).doesNotContain("safe a");
        time.advance(Duration.ofMillis(1));
        session().acknowledge(session().round());
        time.settle();
        assertThat(heard).contains("safe a");
    }

    @Test
    void lo5_a_grant_that_the_store_no_longer_has_is_lost_at_once() {
        LockHandle h = hold("a");
        ScriptedStore.Place p = session().place();
        session().events.grantLost(p.grant.join(), "deleted by somebody");
        time.settle();
        assertThat(h.isValid()).isFalse();
        assertThat(heard).contains("lost a");
    }
}
