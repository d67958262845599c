// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockAttempt;
import io.holdfast.LockEnd;
import io.holdfast.LockHandle;
import io.holdfast.LockListener;
import io.holdfast.LockOptions;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** LI-1: each request for a lock and each hold is told once, with how it ended and how long it took. */
class EngineEventsTest extends EngineTestBase {
    private final List<LockAttempt> attempts = new CopyOnWriteArrayList<>();
    private final List<LockEnd> ends = new CopyOnWriteArrayList<>();

    @BeforeEach
    void listen() {
        client().addListener(new LockListener() {
            @Override
            public void attempted(LockAttempt attempt) {
                attempts.add(attempt);
            }

            @Override
            public void ended(LockEnd end) {
                ends.add(end);
            }
        });
    }

    private LockAttempt attempt() {
        time.settle();
        assertThat(attempts).hasSize(1);
        return attempts.remove(0);
    }

    private LockEnd end() {
        time.settle();
        assertThat(ends).hasSize(1);
        return ends.remove(0);
    }

    @Test
    void li1_a_wait_that_is_granted_is_told_with_its_time_and_token() {
        CompletableFuture<LockHandle> f = ask("a");
        session().place().queue();
        time.advance(Duration.ofMillis(700));
        session().place().grant();
        LockHandle h = got(f);
        LockAttempt told = attempt();
        assertThat(told.name()).isEqualTo("a");
        assertThat(told.outcome()).isEqualTo(LockAttempt.Outcome.ACQUIRED);
        assertThat(told.waited()).isEqualTo(Duration.ofMillis(700));
        assertThat(told.fencingToken()).isEqualTo(OptionalLong.of(h.fencingToken()));
        assertThat(told.isHandedOff()).isFalse();
    }

    @Test
    void li1_a_lock_that_is_handed_off_is_told_as_such() {
        LockHandle first = hold("a");
        attempt();
        CompletableFuture<LockHandle> second = ask("a");
        time.advance(Duration.ofMillis(300));
        release(first);
        got(second);
        assertThat(attempt().isHandedOff()).isTrue();
        LockEnd end = end();
        assertThat(end.outcome()).isEqualTo(LockEnd.Outcome.RELEASED);
        assertThat(end.fencingToken()).isEqualTo(first.fencingToken());
        assertThat(end.held()).isEqualTo(Duration.ofMillis(300));
    }

    @Test
    void li1_a_limit_that_passes_is_no_busy_lock() {
        hold("a");
        attempt();
        ask("a", LockOptions.defaults().waitLimit(Duration.ofSeconds(2)));
        ask("a", LockOptions.defaults().waitLimit(Duration.ZERO));
        LockAttempt busy = attempt();
        assertThat(busy.outcome()).isEqualTo(LockAttempt.Outcome.BUSY);
        assertThat(busy.fencingToken()).isEmpty();
        time.advance(Duration.ofSeconds(2));
        LockAttempt late = attempt();
        assertThat(late.outcome()).isEqualTo(LockAttempt.Outcome.TIMEOUT);
        assertThat(late.waited()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void li1_a_wait_that_fails_or_is_given_up_is_told() {
        hold("a");
        attempt();
        ask("a").cancel(false);
        assertThat(attempt().outcome()).isEqualTo(LockAttempt.Outcome.WITHDRAWN);
        ask("a");
        client().closeAsync();
        assertThat(attempt().outcome()).isEqualTo(LockAttempt.Outcome.FAILED);
    }

    @Test
    void li1_a_hold_that_is_lost_has_ended_when_it_was_taken_for_lost() {
        LockHandle h = hold("a");
        time.advance(Duration.ofSeconds(4));
        session().events.grantLost(session().place().grant.join(), "forced");
        LockEnd end = end();
        assertThat(end.outcome()).isEqualTo(LockEnd.Outcome.LOST);
        assertThat(end.name()).isEqualTo("a");
        assertThat(end.held()).isEqualTo(Duration.ofSeconds(4));
        assertThat(h.isValid()).isFalse();
    }

    @Test
    void li1_a_release_that_the_store_answers_late_ended_when_it_was_asked_for() {
        LockHandle h = hold("a");
        time.advance(Duration.ofSeconds(1));
        release(h);
        time.advance(Duration.ofSeconds(5)); // longer than an operation-timeout
        LockEnd end = end();
        assertThat(end.outcome()).isEqualTo(LockEnd.Outcome.UNKNOWN);
        assertThat(end.held()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void what_is_told_can_be_made_for_tests_and_not_wrongly() {
        assertThat(LockAttempt.acquired("a", Duration.ofSeconds(1), 7, true))
                .hasToString("LockAttempt[name=a, outcome=ACQUIRED, waited=PT1S, fencingToken=7, handed off]");
        assertThat(LockAttempt.without("a", LockAttempt.Outcome.BUSY, Duration.ZERO))
                .hasToString("LockAttempt[name=a, outcome=BUSY, waited=PT0S]");
        assertThat(LockEnd.of("a", 7, LockEnd.Outcome.LOST, Duration.ZERO))
                .hasToString("LockEnd[name=a, fencingToken=7, outcome=LOST, held=PT0S]");
        Duration negative = Duration.ofNanos(-1);
        assertThatThrownBy(() -> LockAttempt.without("a", LockAttempt.Outcome.ACQUIRED, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> LockAttempt.without("a", LockAttempt.Outcome.BUSY, negative))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> LockEnd.of("a", 7, LockEnd.Outcome.LOST, negative))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
