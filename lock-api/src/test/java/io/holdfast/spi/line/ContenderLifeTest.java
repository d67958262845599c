// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi.line;

import static io.holdfast.spi.line.ScriptedLine.ticket;
import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.LockDeniedException;
import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Contender.Answer;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.Renewal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** The schedules that the one life of a contender is there for, step by step. */
class ContenderLifeTest {
    private final ScriptedLine line = new ScriptedLine(LeaseScope.GRANT);

    private Contender holder(long id, long token) {
        Contender contender = line.contend(id);
        line.answer("enter", Entry.at(Seat.holding(token), false));
        return contender;
    }

    private Contender waiter(long id) {
        Contender contender = line.contend(id);
        line.answer("enter", Entry.at(Seat.waiting(0, 0), false));
        return contender;
    }

    private static Grant grantOf(Contender contender) {
        assertThat(contender.granted()).isCompleted();
        return contender.granted().toCompletableFuture().join();
    }

    private static void assertFailed(CompletionStage<?> stage, Class<? extends Exception> kind) {
        assertThat(stage.toCompletableFuture())
                .isCompletedExceptionally()
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(kind);
    }

    private Renewal renewed(Seat seat, Contender... contenders) {
        CompletionStage<Renewal> round = line.session.renew(List.of(contenders));
        line.answer("renew", Map.of(ticket(contenders[0].request().contenderId()), seat));
        return round.toCompletableFuture().join();
    }

    /** Rule ME-2: what comes between the request and its answer is not the lease's. */
    @Test
    void aGrantCountsFromBeforeItsRequest() {
        line.now = 5_000;
        Contender contender = line.contend(1);
        line.now = 6_000;
        line.answer("enter", Entry.at(Seat.holding(7), false));
        assertThat(contender.answered()).isCompletedWithValue(Answer.GRANTED);
        assertThat(grantOf(contender)).isEqualTo(new Grant("stock", 1, 7, 5_000, ticket(1)));
        assertThat(contender.released()).isCompletedWithValue(true);
    }

    /** Rule ME-2: the newest request that was answered while it waited, not the message that grants. */
    @Test
    void aLaterGrantCountsFromTheLastLook() {
        Contender contender = waiter(1);
        line.now = 2_000;
        line.events.woken(ticket(1));
        line.now = 2_300;
        line.answer("look", Seat.waiting(0, 0));
        line.now = 2_500;
        assertThat(line.events.granted(ticket(1), 9)).isTrue();
        assertThat(grantOf(contender).basis()).isEqualTo(2_000);
    }

    @Test
    void aTryThatIsRefusedLeavesNothing() {
        Contender contender = line.contend(1);
        line.answer("enter", Entry.at(Seat.GONE, false));
        assertThat(contender.answered()).isCompletedWithValue(Answer.BUSY);
        assertThat(grantOf(contender)).isNull();
        assertThat(contender.withdraw()).isCompleted();
        assertThat(line.asked).containsExactly("enter 1");
    }

    /** Rule UO-2: whether the request was carried out is unknown, so it is undone, and for good. */
    @Test
    void aRequestWithoutAnAnswerIsUndone() {
        Contender contender = line.prepare(1, new Grant("stock", 9, 6, 0, null));
        contender.start();
        line.fail("enter", new LockOutcomeUnknownException("no answer"));
        assertFailed(contender.answered(), LockOutcomeUnknownException.class);
        assertFailed(contender.released(), LockOutcomeUnknownException.class);
        assertThat(grantOf(contender)).isNull();

        CompletionStage<?> withdrawn = contender.withdraw();
        assertThat(line.asked).containsExactly("enter 1 for 9 6", "undo 1");
        line.fail("undo", new LockUnavailableException("cut off"));
        assertFailed(withdrawn, LockUnavailableException.class);
        withdrawn = contender.withdraw();
        line.answer("undo", null);
        assertThat(withdrawn).isCompleted();
        assertThat(contender.withdraw()).isCompleted();
        assertThat(line.asked).containsExactly("enter 1 for 9 6", "undo 1", "undo 1");
    }

    @Test
    void whatALineThrowsOrAnswersWronglyIsOfUnknownOutcome() {
        line.thrown = new IllegalStateException("a bug");
        assertFailed(line.contend(1).answered(), LockOutcomeUnknownException.class);
        Contender odd = line.contend(2);
        line.answer("enter", null);
        assertFailed(odd.answered(), LockOutcomeUnknownException.class);
        Contender worse = line.contend(3);
        line.answer("enter", Entry.at(Seat.holding(-1), false));
        assertFailed(worse.answered(), LockOutcomeUnknownException.class);
        assertThat(grantOf(worse)).isNull();
        worse.withdraw();
        assertThat(line.asked).endsWith("undo 3");
    }

    @Test
    void aRequestThatSurelyDidNothingNeedsNoUndo() {
        Contender contender = line.contend(1);
        line.fail("enter", new LockUnavailableException("refused"));
        assertThat(contender.withdraw()).isCompleted();
        assertThat(line.asked).containsExactly("enter 1");
    }

    /** The exception is for people; whether anything was done is said apart. */
    @Test
    void aRefusalIsUndoneWhereACopyMayCome() {
        Contender refused = line.contend(1);
        line.answer("enter", Entry.refused(new LockDeniedException("no rights")));
        assertFailed(refused.answered(), LockDeniedException.class);
        assertThat(refused.withdraw()).isCompleted();
        Contender undecided = line.contend(2);
        line.answer("enter", Entry.undecided(new LockUnavailableException("too many requests")));
        assertFailed(undecided.answered(), LockUnavailableException.class);
        undecided.withdraw();
        assertThat(line.asked).containsExactly("enter 1", "enter 2", "undo 2");
    }

    /** The request took effect, as the message shows; a copy of it may come all the same (rule UO-2). */
    @Test
    void aMessageBeforeAFailureIsNoGrant() {
        Contender contender = line.contend(1);
        assertThat(line.events.granted(ticket(1), 7)).isTrue();
        assertThat(contender.granted().toCompletableFuture()).isNotDone();
        line.fail("enter", new LockUnavailableException("refused, says some proxy"));
        assertThat(grantOf(contender)).isNull();
        contender.withdraw();
        assertThat(line.asked).containsExactly("enter 1", "undo 1");
    }

    @Test
    void aMessageBeforeTheAnswerGrantsWithIt() {
        line.now = 5_000;
        Contender contender = line.contend(1);
        line.now = 6_000;
        line.events.granted(ticket(1), 7);
        line.answer("enter", Entry.at(Seat.waiting(0, 0), false));
        assertThat(contender.answered()).isCompletedWithValue(Answer.WAITING);
        assertThat(grantOf(contender)).isEqualTo(new Grant("stock", 1, 7, 5_000, ticket(1)));
    }

    @Test
    void aGrantAndItsRemovalMayBothOvertakeTheAnswer() {
        Contender contender = line.contend(1);
        line.events.granted(ticket(1), 7);
        line.events.gone(ticket(1), 7, "it was released by force");
        line.answer("enter", Entry.at(Seat.waiting(0, 0), false));
        assertThat(grantOf(contender)).isNull();
        assertThat(line.told).isEmpty();
    }

    /** It never overtakes its own request: the removal waits for the answer. */
    @Test
    void aWithdrawalWaitsForTheAnswerAndDeliversNoGrant() {
        Contender contender = line.contend(1);
        assertThat(line.unwantedEntries).isEmpty();
        CompletionStage<?> withdrawn = contender.withdraw();
        assertThat(line.unwantedEntries).containsExactly(1L);
        assertThat(grantOf(contender)).isNull();
        assertThat(line.asked).containsExactly("enter 1");
        line.answer("enter", Entry.at(Seat.holding(7), false));
        assertThat(line.asked).containsExactly("enter 1", "leave 1 7");
        assertThat(withdrawn.toCompletableFuture()).isNotDone();
        line.answer("leave", null);
        assertThat(withdrawn).isCompleted();
    }

    @Test
    void oneWithdrawalAtATime() {
        Contender contender = waiter(1);
        CompletionStage<?> first = contender.withdraw();
        CompletionStage<?> second = contender.withdraw();
        assertThat(line.asked).containsOnlyOnce("leave 1 0");
        line.answer("leave", null);
        assertThat(first).isCompleted();
        assertThat(second).isCompleted();
    }

    @Test
    void whatWasNotSentIsNotSentAfterItsWithdrawal() {
        Contender contender = line.prepare(1, null);
        assertThat(contender.withdraw()).isCompleted();
        contender.start();
        assertFailed(contender.answered(), LockUnavailableException.class);
        assertThat(line.asked).isEmpty();
    }

    @Test
    void aGrantIsGivenUpWithTheEntry() {
        Contender first = holder(1, 7);
        Contender next = line.prepare(2, grantOf(first));
        next.start();
        assertThat(line.asked).endsWith("enter 2 for 1 7");
        line.answer("enter", Entry.at(Seat.waiting(0, 0), true));
        assertThat(next.released()).isCompletedWithValue(true);
        assertThat(first.withdraw()).isCompleted();
        assertThat(line.asked).doesNotContain("leave 1 7");
    }

    /** Rule WA-7: a wake-up is a hint, and what comes during a look may be younger than its answer. */
    @Test
    void aWakeUpIsLookedAtAndOneDuringALookOnceMore() {
        Contender contender = waiter(1);
        line.events.woken(ticket(1));
        line.events.woken(ticket(1));
        line.events.woken(ticket(1));
        assertThat(line.asked).containsOnlyOnce("look 1");
        line.answer("look", Seat.waiting(0, 0));
        assertThat(contender.granted().toCompletableFuture()).isNotDone();
        assertThat(line.asked.stream().filter("look 1"::equals)).hasSize(2);
        line.answer("look", Seat.holding(8));
        assertThat(grantOf(contender).storeToken()).isEqualTo(8);
        line.events.woken(ticket(1));
        assertThat(line.asked.stream().filter("look 1"::equals)).hasSize(2);
    }

    @Test
    void aLookThatFailsIsWatchedForAnew() {
        waiter(1);
        line.events.woken(ticket(1));
        line.asked.clear();
        line.fail("look", new LockUnavailableException("cut off"));
        assertThat(line.asked).containsExactly("watch 1");
        line.events.woken(ticket(1));
        assertThat(line.asked).containsExactly("watch 1", "look 1");
    }

    @Test
    void aLineThatCannotWatchHarmsNothing() {
        Contender contender = line.contend(1);
        line.thrown = new IllegalStateException("a scheduler that refuses");
        line.answer("enter", Entry.at(Seat.waiting(0, 0), false));
        assertThat(contender.answered()).isCompletedWithValue(Answer.WAITING);
        line.thrown = null;
        assertThat(renewed(Seat.holding(8), contender).statuses().get(1L)).isInstanceOf(ContenderStatus.Holding.class);
        assertThat(grantOf(contender).storeToken()).isEqualTo(8);
    }

    /** The grant came by a message while an older look was on its way. */
    @Test
    void anOlderAnswerDemotesNoHolder() {
        Contender contender = waiter(1);
        line.now = 2_000;
        CompletionStage<Renewal> round = line.session.renew(List.of(contender));
        line.now = 2_100;
        line.events.granted(ticket(1), 8);
        line.answer("renew", Map.of(ticket(1), Seat.waiting(0, 0)));
        assertThat(round.toCompletableFuture().join().statuses()).isEmpty();
        assertThat(line.asked).doesNotContain("leave 1 0");
    }

    /** The store has lost the grant since, and would give the lock to our place while nobody here waits for it. */
    @Test
    void aNewerAnswerThatItWaitsEndsAHold() {
        Contender contender = holder(1, 7);
        line.now = 2_000;
        assertThat(renewed(Seat.waiting(3, 0), contender).statuses()).containsEntry(1L, ContenderStatus.GONE);
        assertThat(line.asked).contains("leave 1 3");
    }

    @Test
    void aGrantByAnotherTokenIsGivenBack() {
        Contender contender = holder(1, 7);
        assertThat(renewed(Seat.holding(9), contender).statuses()).containsEntry(1L, ContenderStatus.GONE);
        assertThat(line.asked).contains("release 1 9");
    }

    /** Rule SP-8: a message of an older or another grant decides nothing. */
    @Test
    void aMessageForAHolderIsLeftAlone() {
        Contender contender = holder(1, 7);
        assertThat(line.events.granted(ticket(1), 9)).isTrue();
        assertThat(line.events.granted(new Ticket("other", 1), 9)).isFalse();
        assertThat(line.events.granted(ticket(2), 9)).isFalse();
        assertThat(line.events.woken(ticket(2))).isFalse();
        assertThat(line.asked).containsExactly("enter 1");
        assertThat(renewed(Seat.holding(7), contender).statuses().get(1L)).isInstanceOf(ContenderStatus.Holding.class);
    }

    @Test
    void aRemovalIsToldOfThisVeryGrant() {
        holder(1, 7);
        line.events.gone(ticket(1), 6, "an older one");
        assertThat(line.told).isEmpty();
        line.events.gone(ticket(1), 7, "it was released by force");
        line.events.gone(ticket(1), 7, "told twice");
        assertThat(line.told).containsExactly("grant 7 lost: it was released by force");
    }

    /** Its place was made and removed before the client heard of either. */
    @Test
    void aRemovalThatOvertakesTheAnswerIsNotForgotten() {
        Contender contender = line.contend(1);
        line.events.gone(ticket(1), 7, "it was released by force");
        line.answer("enter", Entry.at(Seat.holding(7), false));
        assertThat(contender.answered()).isCompletedWithValue(Answer.GRANTED);
        assertThat(grantOf(contender)).isNull();
    }

    @Test
    void aRenewalNamesNobodyWhoseRequestIsUnderWay() {
        Contender asked = line.contend(1);
        Contender withdrawn = waiter(2);
        withdrawn.withdraw();
        Contender waiting = waiter(3);
        CompletableFuture<Renewal> round =
                line.session.renew(List.of(asked, withdrawn, waiting)).toCompletableFuture();
        assertThat(line.asked).endsWith("renew 3");
        assertThat(round).isNotDone();
    }
}
