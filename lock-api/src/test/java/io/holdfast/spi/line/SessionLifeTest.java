// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi.line;

import static io.holdfast.spi.line.ScriptedLine.ticket;
import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.ForceOutcome;
import io.holdfast.LockClosedException;
import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.Contender;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.StoredLock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** The one life of a session over a line: its basis, its end, and whatever a line may throw. */
class SessionLifeTest {
    private final ScriptedLine perSession = new ScriptedLine(LeaseScope.SESSION);
    private final ScriptedLine perGrant = new ScriptedLine(LeaseScope.GRANT);

    private static Contender holder(ScriptedLine line, long id) {
        Contender contender = line.contend(id);
        line.answer("enter", Entry.at(Seat.holding(6 + id), false));
        return contender;
    }

    private static Throwable failure(CompletionStage<?> stage) {
        assertThat(stage.toCompletableFuture()).isCompletedExceptionally();
        try {
            stage.toCompletableFuture().join();
            throw new AssertionError("unreachable");
        } catch (CompletionException e) {
            return e.getCause();
        }
    }

    /** Rule ME-2: only what the store counts from moves it, and never back. */
    @Test
    void theBasisOfASessionIsWhatTheLineSays() {
        assertThat(perSession.session.basis()).isEqualTo(900);
        perSession.now = 2_000;
        Contender holder = holder(perSession, 1);
        CompletionStage<Renewal> round = perSession.session.renew(List.of(holder));
        perSession.answer("renew", Map.of());
        assertThat(round).isCompleted();
        assertThat(perSession.session.basis()).isEqualTo(900);
        perSession.events.kept(1_500);
        perSession.events.kept(1_400);
        assertThat(perSession.session.basis()).isEqualTo(1_500);
    }

    @Test
    void aRenewalIsCountedFromBeforeTheLineBegan() {
        perGrant.now = 2_000;
        Contender holder = holder(perGrant, 1);
        perGrant.now = 3_000;
        CompletableFuture<Renewal> round =
                perGrant.session.renew(List.of(holder)).toCompletableFuture();
        perGrant.now = 4_000;
        perGrant.answer("renew", Map.of(ticket(1), Seat.holding(7)));
        assertThat(round.join().sentAt()).isEqualTo(3_000);
        assertThat(round.join().statuses()).containsOnlyKeys(1L);
    }

    /** One answer that cannot be read says nothing of the others; alone, it is the round's. */
    @Test
    void anOddSeatHarmsNoOther() {
        Contender one = holder(perGrant, 1);
        Contender two = holder(perGrant, 2);
        Contender three = perGrant.contend(3);
        perGrant.answer("enter", Entry.at(Seat.waiting(0, 0), false));
        CompletionStage<Renewal> round = perGrant.session.renew(List.of(one, two, three));
        perGrant.answer("renew", Map.of(ticket(1), Seat.holding(7), ticket(3), Seat.holding(0)));
        assertThat(round.toCompletableFuture().join().statuses()).containsOnlyKeys(1L);
        round = perGrant.session.renew(List.of(three));
        perGrant.answer("renew", Map.of(ticket(3), Seat.holding(-5)));
        assertThat(failure(round)).isInstanceOf(LockOutcomeUnknownException.class);
    }

    /** Rule LO-5: whoever asked before the line told of a removal does not take the contender for kept. */
    @Test
    void aRenewalSaysGoneOfWhatWasRemovedMeanwhile() {
        Contender removed = holder(perSession, 1);
        Contender kept = holder(perSession, 2);
        Contender released = holder(perSession, 3);
        CompletableFuture<Renewal> round =
                perSession.session.renew(List.of(removed, kept, released)).toCompletableFuture();
        perSession.events.gone(ticket(1), 7, "it was released by force");
        perSession.session.release(released.granted().toCompletableFuture().join());
        perSession.answer("release", true);
        perSession.answer("renew", Map.of());
        assertThat(round.join().statuses()).containsExactly(Map.entry(1L, ContenderStatus.GONE));
    }

    /** Rule WA-6: with a lease per grant an entry says that the store has answered, and it may have been asked nothing. */
    @Test
    void aRenewalOfGrantsSaysWhatTheStoreSaid() {
        Contender removed = holder(perGrant, 1);
        perGrant.events.gone(ticket(1), 7, "it was released by force");
        CompletableFuture<Renewal> round =
                perGrant.session.renew(List.of(removed)).toCompletableFuture();
        perGrant.answer("renew", Map.of());
        assertThat(round.join().statuses()).isEmpty();
    }

    @Test
    void aReleaseComparesTheGrantAndFailsByOurExceptions() {
        Contender holder = holder(perGrant, 1);
        Grant grant = holder.granted().toCompletableFuture().join();
        CompletionStage<Boolean> release = perGrant.session.release(grant);
        assertThat(perGrant.asked).endsWith("release 1 7");
        perGrant.fail("release", new IllegalStateException("a bug"));
        assertThat(failure(release))
                .isInstanceOf(LockOutcomeUnknownException.class)
                .hasMessageContaining("scripted:")
                .hasMessageContaining("a bug");
        release = perGrant.session.release(grant);
        perGrant.answer("release", true);
        assertThat(release).isCompletedWithValue(true);
    }

    @Test
    void aCloseWithALeasePerSessionEndsIt() {
        Contender waiting = perSession.contend(1);
        perSession.answer("enter", Entry.at(Seat.waiting(4, 0), false));
        CompletionStage<Void> closed = perSession.session.close();
        perSession.fail("end", new LockUnavailableException("cut off"));
        assertThat(failure(closed)).isInstanceOf(LockUnavailableException.class);
        closed = perSession.session.close();
        perSession.answer("end", null);
        assertThat(closed).isCompleted();
        assertThat(waiting.granted()).isCompletedWithValue(null);
        assertThat(perSession.asked).containsOnlyOnce("detach").doesNotContain("leave 1 4");
    }

    @Test
    void aCloseWithALeasePerGrantRemovesEachContender() {
        holder(perGrant, 1);
        CompletionStage<Void> closed = perGrant.session.close();
        assertThat(perGrant.asked).endsWith("leave 1 7");
        assertThat(closed.toCompletableFuture()).isNotDone();
        perGrant.answer("leave", null);
        assertThat(closed).isCompleted();
        assertThat(perGrant.asked).endsWith("detach").doesNotContain("end");
    }

    /** Rule SP-3: whoever waits is told, and what is on its way still has its answer. */
    @Test
    void whoWaitsInASessionThatEndsGetsNothing() {
        Contender waiting = perSession.contend(1);
        perSession.answer("enter", Entry.at(Seat.waiting(4, 0), false));
        Contender asked = perSession.contend(2);
        perSession.backend.close();
        assertThat(waiting.granted()).isCompletedWithValue(null);
        assertThat(asked.granted().toCompletableFuture()).isNotDone();
        perSession.answer("enter", Entry.at(Seat.waiting(5, 0), false));
        assertThat(asked.answered()).isCompletedWithValue(Contender.Answer.WAITING);
        assertThat(asked.granted()).isCompletedWithValue(null);
    }

    /** A thread may have prepared it just before another one closed. */
    @Test
    void nothingIsSentOfAClosedSession() {
        Contender before = perGrant.prepare(1, null);
        assertThat(perGrant.session.close()).isCompleted();
        Contender after = perGrant.prepare(2, null);
        before.start();
        after.start();
        assertThat(failure(before.answered())).isInstanceOf(LockUnavailableException.class);
        assertThat(failure(after.answered()))
                .isInstanceOf(LockUnavailableException.class)
                .hasMessage("lock 'stock' in scripted:: the request was not sent, because its session is closed");
        assertThat(after.granted()).isCompletedWithValue(null);
        assertThat(perGrant.asked).containsExactly("detach");
    }

    @Test
    void aLossEndsEveryContender() {
        Contender waiting = perSession.contend(1);
        perSession.answer("enter", Entry.at(Seat.waiting(4, 0), false));
        perSession.events.suspect("the connection broke");
        perSession.events.lost("it has expired");
        assertThat(perSession.told).containsExactly("suspect: the connection broke", "lost: it has expired");
        assertThat(waiting.granted()).isCompletedWithValue(null);
        assertThat(waiting.withdraw()).isCompleted();
        assertThat(perSession.asked).doesNotContain("leave 1 4");
    }

    /** Rule ME-6: the engine ends the holds before anything is freed. */
    @Test
    void aBackendThatIsClosedTellsItsSessionsFirst() {
        perGrant.backend.close();
        perGrant.backend.close();
        assertThat(perGrant.told).containsExactly("lost: the backend was closed");
        assertThat(perGrant.asked).containsExactly("detach", "close");
        assertThat(failure(perGrant.backend.openSession(
                        new SessionOptions(Duration.ofSeconds(1), "late", perGrant), perGrant)))
                .isInstanceOf(LockClosedException.class);
    }

    @Test
    void questionsGoToTheLine() {
        CompletionStage<StoredLock> found = perGrant.backend.inspect("stock");
        perGrant.backend.list();
        perGrant.backend.forceRelease("stock", OptionalLong.empty());
        perGrant.backend.diagnose();
        perGrant.answer("inspect", StoredLock.free("stock", 0));
        perGrant.answer("list", List.of());
        perGrant.answer("force", ForceOutcome.NOT_HELD);
        perGrant.answer("diagnose", List.of());
        assertThat(found.toCompletableFuture().join().name()).isEqualTo("stock");
        assertThat(perGrant.asked).containsExactly("inspect stock", "list", "force stock", "diagnose");
    }

    /** A store whose client blocks is a line like another: the engine brings a thread that may wait. */
    @Test
    void aLineMayBlock() {
        ScriptedLine blocking = new ScriptedLine(
                Capabilities.of(LeaseScope.SESSION).queues(true).blocking(true).build());
        assertThat(blocking.backend.capabilities().blocking()).isTrue();
    }

    /** Rule WA-3: a thread that waits for the answer is let go. */
    @Test
    void aCloseLetsTheThreadsOfRequestsGo() {
        perSession.contend(1);
        perSession.session.close();
        assertThat(perSession.unwantedEntries).containsExactly(1L);
    }
}
