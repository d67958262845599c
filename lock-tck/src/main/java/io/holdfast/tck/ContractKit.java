// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.spi.Contender;
import io.holdfast.spi.Contender.Answer;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.StoredLock;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.Call;
import io.holdfast.tck.internal.SpiClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** SP and UO at the level of the SPI: what a backend owes the engine, without the engine. */
abstract class ContractKit extends Kit {
    private SpiClient spi() throws Exception {
        return scene().spi(time().longLease());
    }

    /** What a stage completes with, in time. */
    private <T> T done(String rule, String what, CompletionStage<T> stage) throws Exception {
        return result(
                rule, patience(), what, begin(() -> stage.toCompletableFuture().get()));
    }

    private Grant granted(String rule, Contender contender) throws Exception {
        Grant grant = done(rule, "the grant of " + contender.request(), contender.granted());
        check(rule, grant != null, () -> contender.request() + " ended without the grant that was its turn");
        return grant;
    }

    private void answers(String rule, Answer expected, Contender contender) throws Exception {
        Answer answer = done(rule, "the answer to " + contender.request(), contender.answered());
        check(
                rule,
                answer == expected,
                () -> contender.request() + " was answered " + answer + " instead of " + expected);
    }

    private void queued() {
        claims(capabilities().queues(), "the store keeps no line: nothing waits in it");
    }

    private void stillHeld(String rule, SpiClient by, Grant grant, String after) throws Exception {
        StoredLock stored = done(rule, "inspect", by.backend().inspect(grant.name()));
        check(
                rule,
                stored.storeToken() == grant.storeToken(),
                () -> after + " touched another grant: the store shows " + stored + " instead of token "
                        + grant.storeToken());
    }

    @Test
    @Proves("SP-3")
    void everyStageOfARefusedTryCompletes() throws Exception {
        String name = name();
        SpiClient first = spi();
        SpiClient second = spi();
        granted("SP-3", first.contend(name, false, null));
        Contender refused = second.contend(name, false, null);
        answers("SP-3", Answer.BUSY, refused);
        check(
                "SP-3",
                done("SP-3", "granted() of a refused try", refused.granted()) == null,
                () -> "a refused try holds");
        check(
                "SP-3",
                done("SP-3", "released() without a grant to give up", refused.released()),
                () -> "released() says " + "no although there was nothing to give up");
        done("SP-3", "withdraw() of a refused try", refused.withdraw());
    }

    @Test
    @Proves({"SP-3", "UO-2", "WA-5"})
    void aWithdrawnContenderIsNeverGranted() throws Exception {
        queued();
        String name = name();
        SpiClient first = spi();
        SpiClient second = spi();
        Grant held = granted("UO-2", first.contend(name, true, null));
        Contender waiting = second.contend(name, true, null);
        answers("UO-2", Answer.WAITING, waiting);
        done("UO-2", "withdraw()", waiting.withdraw());
        check("UO-2", done("SP-3", "granted() after a withdrawal", waiting.granted()) == null, () -> "it was granted");
        StoredLock stored = done("UO-2", "inspect", first.backend().inspect(name));
        check("UO-2", stored.contenders() == 1, () -> "a withdrawal was confirmed, and the store shows " + stored);
        done("UO-2", "a second withdraw()", waiting.withdraw());
        check(
                "UO-3",
                done("UO-3", "release", first.session().release(held)),
                () -> "a grant in force was not released");
        answers("UO-2", Answer.GRANTED, second.contend(name, false, null));
    }

    @Test
    @Proves("UO-2")
    void aWithdrawalHitsNoLaterContenderOfTheSameClient() throws Exception {
        queued();
        String name = name();
        SpiClient first = spi();
        SpiClient second = spi();
        Grant held = granted("UO-2", first.contend(name, true, null));
        for (int round = 0; round < 10; round++) {
            Contender given = second.contend(name, true, null);
            answers("UO-2", Answer.WAITING, given);
            CompletionStage<?> undo = given.withdraw();
            Contender later = second.contend(name, true, null);
            answers("UO-2", Answer.WAITING, later);
            done("UO-2", "withdraw()", undo);
            done("UO-2", "a repeated withdraw()", given.withdraw());
            StoredLock stored = done("UO-2", "inspect", first.backend().inspect(name));
            check(
                    "UO-2",
                    stored.contenders() == 2,
                    () -> "the withdrawal of one contender, and the store shows " + stored
                            + " instead of the holder and the later contender");
            done("UO-2", "withdraw()", later.withdraw());
        }
        Contender last = second.contend(name, true, null);
        answers("UO-2", Answer.WAITING, last);
        done("UO-2", "release", first.session().release(held));
        granted("UO-2", last);
    }

    @Test
    @Proves("UO-2")
    void aCopyOfAWithdrawnContendCreatesNothing() throws Exception {
        if (!scene().run().fixture().recognisesCopies()) {
            throw new HookMissing("deliver a contend twice (LockBackendFixture.recognisesCopies)");
        }
        String name = name();
        SpiClient first = spi();
        SpiClient second = spi();
        Contender contender = second.contend(name, true, null);
        granted("UO-2", contender);
        done("UO-2", "withdraw()", contender.withdraw());
        Contender copy = second.session().contend(contender.request());
        SpiClient.start(copy);
        done("SP-3", "answered() of a copy", copy.answered().handle((answer, failure) -> true));
        StoredLock stored = done("UO-2", "inspect", first.backend().inspect(name));
        check(
                "UO-2",
                !stored.isHeld() && stored.contenders() == 0,
                () -> "a copy of a withdrawn contend came late, and " + "the store shows " + stored);
        answers("UO-2", Answer.GRANTED, first.contend(name, false, null));
    }

    @Test
    @Proves("UO-4")
    void aRepeatedContendTakesNoSecondGrant() throws Exception {
        if (!scene().run().fixture().recognisesCopies()) {
            throw new HookMissing("deliver a contend twice (LockBackendFixture.recognisesCopies)");
        }
        String name = name();
        SpiClient first = spi();
        Contender contender = first.contend(name, true, null);
        Grant grant = granted("UO-4", contender);
        Contender copy = first.session().contend(contender.request());
        SpiClient.start(copy);
        done("SP-3", "answered() of a copy", copy.answered().handle((answer, failure) -> true));
        StoredLock stored = done("UO-4", "inspect", first.backend().inspect(name));
        check(
                "UO-4",
                stored.contenders() == 1 && stored.storeToken() == grant.storeToken(),
                () -> "a contend was repeated, " + "and the store shows " + stored
                        + " instead of one contender with token " + grant.storeToken());
        done("UO-4", "release", first.session().release(grant));
        answers("UO-4", Answer.GRANTED, spi().contend(name, false, null));
    }

    @Test
    @Proves("UO-3")
    void aReleaseTouchesNoGrantButItsOwn() throws Exception {
        String name = name();
        SpiClient first = spi();
        SpiClient second = spi();
        Grant old = granted("UO-3", first.contend(name, true, null));
        check("UO-3", done("UO-3", "release", first.session().release(old)), () -> "a grant in force was not released");
        check(
                "UO-3",
                !done("UO-3", "a second release", first.session().release(old)),
                () -> "a grant was released twice");
        Grant others = granted("UO-3", second.contend(name, true, null));
        check("UO-3", !done("UO-3", "a late release", first.session().release(old)), () -> "an old grant was released");
        stillHeld("UO-3", first, others, "a late release of an old grant");
        done("UO-3", "a stranger's release", first.session().release(others).handle((gone, failure) -> true));
        stillHeld("UO-3", first, others, "a release of another session's grant");
        done("UO-3", "release", second.session().release(others));
        Grant own = granted("UO-3", first.contend(name, true, null));
        check("UO-3", !done("UO-3", "a late release", first.session().release(old)), () -> "an old grant was released");
        stillHeld("UO-3", second, own, "a late release of the same client's old grant");
    }

    @Test
    @Proves({"UO-3", "OR-3"})
    void aContendGivesUpAGrantInTheSameStep() throws Exception {
        queued();
        String name = name();
        SpiClient first = spi();
        SpiClient second = spi();
        Grant held = granted("OR-3", first.contend(name, true, null));
        Contender waiting = second.contend(name, true, null);
        answers("OR-3", Answer.WAITING, waiting);
        Contender again = first.contend(name, true, held);
        answers("OR-3", Answer.WAITING, again);
        check("OR-3", done("OR-3", "released()", again.released()), () -> "the grant given up was not there");
        Grant next = granted("OR-3", waiting);
        check("FT-1", next.storeToken() > held.storeToken(), () -> "the next grant's token is not larger");
        Contender late = first.contend(name(), true, null);
        granted("UO-3", late);
        check("UO-3", !done("UO-3", "release", first.session().release(held)), () -> "a grant was given up twice");
        stillHeld("UO-3", first, next, "a release of a grant given up before");
        done("OR-3", "release", second.session().release(next));
        granted("OR-3", again);
    }

    @Test
    @Proves("SP-2")
    void whoCompletesAStageHoldsNoLockOfTheBackends() throws Exception {
        String name = name();
        SpiClient first = spi();
        SpiClient second = spi();
        Contender contender = first.contend(name, true, null);
        callsBackFrom("answered()", first, contender.answered());
        callsBackFrom("granted()", first, contender.granted());
        callsBackFrom("released()", first, contender.released());
        Grant grant = granted("SP-2", contender);
        Contender refused = second.contend(name, false, null);
        callsBackFrom("answered() of a refused try", second, refused.answered());
        callsBackFrom("a renewal", first, first.session().renew(List.of(contender)));
        Contender next = second.contend(name, capabilities().queues(), null);
        Call<?> onGrant = begin(() -> {
            callsBackFrom("granted() of a contender in line", second, next.granted());
            return true;
        });
        callsBackFrom("a release", first, first.session().release(grant));
        result("SP-2", patience().multipliedBy(2), "granted() with a call back into the backend", onGrant);
        callsBackFrom("a withdrawal", second, next.withdraw());
    }

    /** Where the stage completes, another thread's call into the backend must return: the completing thread holds no lock. */
    private void callsBackFrom(String what, SpiClient client, CompletionStage<?> stage) throws Exception {
        Boolean returned = done("SP-2", what + " with a call back into the backend", stage.handle((value, failure) -> {
            Call<?> other = new Call<>("tck-call-back", () -> client.backend().inspect("kit-call-back") != null);
            try {
                other.get(patience());
                return true;
            } catch (Exception e) {
                return false;
            }
        }));
        check(
                "SP-2",
                returned,
                () -> "while " + what + " completes, another thread's call into the backend does not return");
    }

    @Test
    @Proves("SP-1")
    void contendReturnsAlthoughTheStoreDoesNotAnswer() throws Exception {
        SpiClient first = spi();
        done("SP-1", "release", first.session().release(granted("SP-1", first.contend(name(), true, null))));
        faults().cutLink();
        LockRequest request = first.request(name(), true, null);
        long begun = System.nanoTime();
        Contender cut = result("SP-1", patience(), "contend with the link cut", begin(() -> first.session()
                .contend(request)));
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        check("SP-1", took.compareTo(time().scaled(1000)) < 0, () -> "contend took " + took + " with the link cut");
        SpiClient.start(cut);
        faults().heal();
        result("SP-3", patience().multipliedBy(2), "the withdrawal of an unanswered contend", begin(() -> {
            cut.withdraw().toCompletableFuture().get();
            return true;
        }));
    }

    @Test
    @Proves({"UO-2", "ME-2"})
    void aContendThatIsDeliveredAfterItsWithdrawalCreatesNothing() throws Exception {
        String name = name();
        SpiClient first = spi();
        done("UO-2", "release", first.session().release(granted("UO-2", first.contend(name(), true, null))));
        faults().holdRequests();
        Contender held = first.contend(name, true, null);
        CompletionStage<?> undo = held.withdraw();
        Await.pass(time().moment());
        faults().heal();
        done("UO-2", "the withdrawal of a contend that came late", undo);
        Grant grant = done("SP-3", "granted() of a withdrawn contend", held.granted());
        check("UO-2", grant == null, () -> "a withdrawn contend was granted when it came late");
        answers("UO-2", Answer.GRANTED, spi().contend(name, false, null));
    }

    @Test
    @Proves("ME-2")
    void aRenewedLeaseIsCountedFromTheRequestHoweverLateItsAnswer() throws Exception {
        needsLease();
        SpiClient first = spi();
        Contender holding = first.contend(name(), true, null);
        Grant grant = granted("ME-2", holding);
        Duration late = time().moment().multipliedBy(2);
        faults().holdRequests();
        long sent = System.nanoTime();
        Call<Renewal> renewing = begin(() ->
                first.session().renew(List.of(holding)).toCompletableFuture().get());
        Await.pass(late);
        faults().heal();
        Renewal renewal = result("ME-2", patience(), "a renewal that was delivered late", renewing);
        ContenderStatus status = renewal.statuses().get(holding.request().contenderId());
        Grant renewed = status instanceof ContenderStatus.Holding holds ? holds.grant() : grant;
        long basis =
                capabilities().scope() == LeaseScope.SESSION ? first.session().basis() : renewed.basis();
        check(
                "ME-2",
                basis - sent < late.toNanos() / 2,
                () -> "a renewal took " + late + ", and the lease counts from " + Duration.ofNanos(basis - sent)
                        + " after it was sent: from when its answer came");
    }

    @Test
    @Proves("ME-2")
    void aGrantThatWasWaitedForIsCountedFromBeforeItsWakeUp() throws Exception {
        queued();
        needsLease();
        String name = name();
        SpiClient first = spi();
        SpiClient second = spi();
        Grant held = granted("ME-2", first.contend(name, true, null));
        Contender waiting = second.contend(name, true, null);
        answers("ME-2", Answer.WAITING, waiting);
        long answered = System.nanoTime();
        Await.pass(time().moment());
        done("ME-2", "release", first.session().release(held));
        Grant grant = granted("ME-2", waiting);
        long basis =
                capabilities().scope() == LeaseScope.SESSION ? second.session().basis() : grant.basis();
        check(
                "ME-2",
                basis <= answered,
                () -> "nothing was renewed since the place in line was acknowledged, and the " + "grant counts from "
                        + Duration.ofNanos(basis - answered) + " after that: from its wake-up");
    }

    @Test
    @Proves({"LO-5", "SP-3"})
    void aRenewalTellsHeldWaitingAndGoneApart() throws Exception {
        String held = name();
        String forced = name();
        SpiClient first = spi();
        Contender holding = first.contend(held, true, null);
        Grant grant = granted("LO-5", holding);
        Contender gone = first.contend(forced, true, null);
        granted("LO-5", gone);
        done("LO-5", "forceRelease", spi().backend().forceRelease(forced, java.util.OptionalLong.empty()));
        within(
                "LO-5",
                patience(),
                () -> {
                    var statuses = done("LO-5", "a renewal", first.session().renew(List.of(holding, gone)))
                            .statuses();
                    ContenderStatus lives = statuses.get(holding.request().contenderId());
                    check(
                            "KE-1",
                            lives == null || !(lives instanceof ContenderStatus.Gone),
                            () -> "a renewal calls a hold gone");
                    if (lives instanceof ContenderStatus.Holding holds) {
                        check(
                                "FT-1",
                                holds.grant().storeToken() == grant.storeToken(),
                                () -> "a renewal changed the token of " + grant + " to " + holds.grant());
                    }
                    return statuses.get(gone.request().contenderId()) instanceof ContenderStatus.Gone
                            || !first.lostGrants().isEmpty();
                },
                () -> "a grant was deleted in the store, and neither a renewal nor an event says so");
    }

    @Test
    @Proves("SP-3")
    void closingASessionCompletesItsStages() throws Exception {
        queued();
        String name = name();
        SpiClient first = spi();
        SpiClient second = spi();
        granted("SP-3", first.contend(name, true, null));
        Contender waiting = second.contend(name, true, null);
        answers("SP-3", Answer.WAITING, waiting);
        LockSession session = second.session();
        done("SP-3", "close()", session.close());
        done("SP-3", "granted() after close", waiting.granted().handle((grant, failure) -> true));
        done("SP-3", "a second close()", session.close());
        StoredLock stored = done("SP-3", "inspect", first.backend().inspect(name));
        check("SP-3", stored.contenders() == 1, () -> "a closed session left contenders: " + stored);
    }
}
