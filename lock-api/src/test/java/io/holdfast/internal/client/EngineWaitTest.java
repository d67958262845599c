// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.DistributedLock;
import io.holdfast.LockHandle;
import io.holdfast.LockOptions;
import io.holdfast.LockTimeoutException;
import io.holdfast.LockUnavailableException;
import io.holdfast.internal.name.Inside;
import io.holdfast.spi.Contender.Answer;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.Renewal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A wait from its beginning to its end, and the lease that is left when it ends with the lock. */
class EngineWaitTest extends EngineTestBase {
    private static final Duration HOUR = Duration.ofHours(1);

    @Test
    void wa1_one_limit_covers_connecting_retrying_queueing_and_undoing() {
        client();
        store.opensAtOnce = false;
        session().events.sessionLost("ended by the test");
        long begun = time.nanoTime();
        CompletableFuture<LockHandle> f = ask("a", LockOptions.defaults().waitLimit(Duration.ofSeconds(5)));
        time.advance(Duration.ofSeconds(1)); // connecting
        store.opensAtOnce = true;
        store.unopened.get(0).completeExceptionally(new LockUnavailableException("down"));
        time.advance(Duration.ofSeconds(1)); // until a session is opened, and its contend is under way
        assertThat(store.sessions).hasSize(2);
        session().place().fail(new LockUnavailableException("down"));
        time.advance(Duration.ofSeconds(1)); // until it was tried again
        assertThat(session().places).hasSize(2);
        session().place().queue();
        time.advance(Duration.ofNanos(begun + Duration.ofSeconds(5).toNanos() - time.nanoTime() - 1));
        assertThat(f).isNotDone();
        time.advance(Duration.ofNanos(1)); // the undo that begins now is never confirmed
        assertThatThrownBy(() -> f.getNow(null)).hasCauseInstanceOf(LockTimeoutException.class);
        assertThat(session().place().withdrawals).hasSize(1);
    }

    /** The limit passes between the answer, which says that it holds, and the grant: both came in time, one behind the other. */
    @Test
    void wa12_a_limit_that_passes_between_an_answer_and_its_grant_refuses_nobody() {
        client();
        CompletableFuture<LockHandle> f = ask("a", LockOptions.defaults().waitLimit(Duration.ofMillis(1)));
        session().place().answer.complete(Answer.GRANTED);
        time.advance(Duration.ofMillis(2));
        assertThat(f).isNotDone();
        session().place().grantSince(time.nanoTime());
        time.settle();
        assertThat(got(f).isValid()).isTrue();
        assertThat(session().place().withdrawals).isEmpty();
    }

    /** A call on a thread of its own, and what it threw. */
    private static final class Caller extends Thread {
        final List<Throwable> thrown = new CopyOnWriteArrayList<>();
        private final Callable<?> call;

        Caller(Callable<?> call) {
            this.call = call;
            start();
        }

        @Override
        public void run() {
            try {
                call.call();
            } catch (Exception e) {
                thrown.add(e);
            }
        }

        /** Waits until the thread has seen its interrupt, if it has one, and waits for something. */
        void awaitParked() {
            while (isAlive() && (isInterrupted() || getState() != State.WAITING)) {
                Thread.onSpinWait();
            }
        }

        void awaitEnd() throws InterruptedException {
            join(Duration.ofMinutes(1).toMillis());
            assertThat(isAlive()).isFalse();
        }
    }

    private Callable<?> wait(String how) {
        DistributedLock lock = client().lock("a");
        return switch (how) {
            case "lockInterruptibly" ->
                () -> {
                    lock.lockInterruptibly();
                    return true;
                };
            case "tryLock" -> () -> lock.tryLock(HOUR);
            case "acquire" -> () -> client().acquire("a");
            default -> () -> client().tryAcquire("a", HOUR);
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"lockInterruptibly", "tryLock", "acquire", "tryAcquire"})
    void wa3_an_interrupted_wait_ends_at_once_although_its_undo_is_not_confirmed(String how) throws Exception {
        Caller waiting = new Caller(wait(how));
        while (session().places.isEmpty()) {
            Thread.onSpinWait();
        }
        session().place().queue();
        waiting.awaitParked();
        waiting.interrupt();
        waiting.awaitEnd();
        assertThat(waiting.thrown).hasSize(1).first().isInstanceOf(InterruptedException.class);
        assertThat(session().place().withdrawals).hasSize(1);
        assertThat(client().metrics().waiting()).isZero();
        session().place().grant();
        time.settle();
        assertThat(client().metrics().held()).isZero();
    }

    /** The grant comes after the interrupt was seen and before the wait is taken back; the store never confirms its release. */
    @Test
    void wa3_a_grant_that_races_with_an_interrupt_is_given_back_within_an_operation_timeout() throws Exception {
        Caller waiting = new Caller(wait("acquire"));
        while (session().places.isEmpty()) {
            Thread.onSpinWait();
        }
        ScriptedStore.Place p = session().place();
        p.queue();
        waiting.awaitParked();
        ContenderStatus holding = new ContenderStatus.Holding(p.makeGrant(777, time.nanoTime()));
        Inside.of(client().parts.names().get("a"), name -> {
            waiting.interrupt();
            waiting.awaitParked(); // at the mutex, which this thread has
            name.renewed(holding, time.nanoTime());
        });
        while (session().releases.isEmpty() && waiting.isAlive()) {
            Thread.onSpinWait();
        }
        waiting.awaitParked(); // for the confirmation
        time.advance(Duration.ofSeconds(3));
        waiting.awaitEnd();
        assertThat(waiting.thrown).hasSize(1).first().isInstanceOf(InterruptedException.class);
        assertThat(session().releases).hasSize(1);
        assertThat(client().metrics().held()).isZero();
    }

    private static void learn(ScriptedStore.Place p, ScriptedStore.Round round) {
        round.answer()
                .complete(new Renewal(
                        round.sentAt(),
                        Map.of(
                                p.request.contenderId(),
                                new ContenderStatus.Holding(p.makeGrant(777, round.sentAt())))));
    }

    @ParameterizedTest
    @EnumSource(names = {"SESSION", "GRANT"})
    void wa7_a_grant_whose_news_is_lost_is_learned_from_the_next_renewal(LeaseScope scope) {
        useStore(ScriptedStore.queueing(scope));
        CompletableFuture<LockHandle> f = ask("a");
        ScriptedStore.Place p = session().place();
        p.queue();
        time.advance(Duration.ofSeconds(10)); // its turn came meanwhile, and nobody says so
        assertThat(f).isNotDone();
        session().basis = session().round().sentAt();
        learn(p, session().round());
        assertThat(got(f).isValid()).isTrue();
        assertThat(session().places).hasSize(1);
        p.grantSince(time.nanoTime()); // the news comes after all: a second delivery
        time.settle();
        assertThat(client().metrics().acquired()).isEqualTo(1);
    }

    @Test
    void me2_a_renewal_whose_reply_takes_most_of_a_lease_counts_from_its_sending() {
        LockHandle h = hold("a");
        time.advance(Duration.ofSeconds(10));
        ScriptedStore.Round sentAt10 = session().round();
        time.advance(VALID.minusSeconds(10).minusNanos(1));
        session().acknowledge(sentAt10);
        assertThat(h.remainingLease()).isEqualTo(Duration.ofSeconds(10).plusNanos(1));
    }

    @Test
    void me2_a_contend_whose_reply_takes_most_of_a_lease_counts_from_its_sending() {
        useStore(ScriptedStore.queueing(LeaseScope.GRANT));
        CompletableFuture<LockHandle> f = ask("a");
        ScriptedStore.Place p = session().place();
        long sent = time.nanoTime();
        time.advance(Duration.ofSeconds(19));
        p.answer.complete(Answer.GRANTED);
        p.grantSince(sent);
        assertThat(got(f).remainingLease()).isEqualTo(VALID.minusSeconds(19));
    }

    @Test
    void me3_with_under_a_third_of_the_lease_left_a_hand_off_waits_for_a_renewal_too() {
        CompletableFuture<LockHandle> f = ask("a");
        session().place().queue();
        time.advance(Duration.ofSeconds(19)); // every round stays unanswered
        session().place().grant();
        LockHandle first = got(f);
        CompletableFuture<LockHandle> second = ask("a");
        time.advance(Duration.ofSeconds(1));
        int rounds = session().rounds.size();
        release(first);
        time.advance(Duration.ofMillis(1));
        assertThat(session().releases).isEmpty();
        assertThat(session().places).hasSize(1);
        assertThat(second).isNotDone();
        assertThat(session().rounds).hasSize(rounds + 1);
        session().acknowledge(session().round());
        assertThat(got(second).remainingLease()).isGreaterThan(Duration.ofSeconds(29));
    }
}
