// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.spi.Contender;
import io.holdfast.spi.Contender.Answer;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.StoredLock;
import io.holdfast.tck.internal.Call;
import io.holdfast.tck.internal.SpiClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** SP at the level of the SPI: what a backend owes the engine, without the engine. */
abstract class ContractKit extends SpiCase {
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
        callsBackFrom("an inspection", first, second.backend().inspect(name));
        callsBackFrom("a list", first, second.backend().list());
        callsBackFrom("a forced release", first, second.backend().forceRelease(name, OptionalLong.empty()));
        callsBackFrom("the end of a session", first, first.session().close());
        SpiClient third = new SpiClient(second.backend());
        SessionOptions options = new SessionOptions(time().longLease(), name(), scene().runtime());
        CompletionStage<LockSession> opening = second.backend().openSession(options, third);
        callsBackFrom("the opening of a session", second, opening);
        done("SP-2", "close()", done("SP-2", "openSession", opening).close());
    }

    @Test
    @Proves("SP-2")
    void whoTellsOfALostGrantHoldsNoLockOfTheBackends() throws Exception {
        String name = name();
        SpiClient first = spi();
        SpiClient second = spi();
        Contender holding = first.contend(name, true, null);
        granted("SP-2", holding);
        Queue<Boolean> returned = callsBackFromEvents(first);
        done("SP-2", "forceRelease", second.backend().forceRelease(name, OptionalLong.empty()));
        Renewal renewal = done("SP-2", "a renewal", first.session().renew(List.of(holding)));
        ContenderStatus status = renewal.statuses().get(holding.request().contenderId());
        if (status instanceof ContenderStatus.Gone && first.lostGrants().isEmpty()) {
            throw new HookMissing(Hook.NONE, "hear of a lost grant as an event: here a renewal tells it");
        }
        judgeEvents("a lost grant", returned);
    }

    @Test
    @Alone
    @Proves({"SP-2", "SP-3"})
    void whoTellsOfALostSessionHoldsNoLockOfTheBackendsAndLeavesNoStageOpen() throws Exception {
        queued();
        String name = name();
        String label = name();
        SpiClient first = spi();
        SpiClient second = scene().spi(time().longLease(), label);
        granted("SP-3", first.contend(name, true, null));
        Contender waiting = second.contend(name, true, null);
        answers("SP-3", Answer.WAITING, waiting);
        Queue<Boolean> returned = callsBackFromEvents(second);
        faults().expireSession(label);
        // A renewal that finds the session gone says so, by its answer,
        // its failure or an event; then nothing is left to wait for.
        within(
                "SP-3",
                patience(),
                () -> isOver(second, waiting),
                () -> "the session is gone in the store, and neither an event nor a renewal says so");
        // As the engine does: what is left of a lost session is closed, whether or not the store still knows it.
        done("SP-3", "close() of a lost session", second.session().close().handle((closed, failure) -> true));
        Grant grant = done("SP-3", "granted() after the loss of the session", waiting.granted());
        check("SP-3", grant == null, () -> "a contender whose session is lost was granted: " + grant);
        done("SP-3", "withdraw() after the loss of the session", waiting.withdraw());
        if (second.losses() > 0) {
            judgeEvents("a lost session", returned);
        }
    }

    private boolean isOver(SpiClient client, Contender waiting) throws Exception {
        ContenderStatus status = done(
                "SP-3",
                "a renewal after the loss of the session",
                client.session()
                        .renew(List.of(waiting))
                        .handle((renewal, failure) -> renewal == null
                                ? null
                                : renewal.statuses().get(waiting.request().contenderId())));
        return client.losses() > 0 || status instanceof ContenderStatus.Gone;
    }

    /** In every event, another thread's call into the backend is made, and whether it returned is noted. */
    private Queue<Boolean> callsBackFromEvents(SpiClient client) {
        Queue<Boolean> returned = new ConcurrentLinkedQueue<>();
        client.onEvent(() -> returned.add(callReturns(client)));
        return returned;
    }

    private void judgeEvents(String what, Queue<Boolean> returned) throws Exception {
        // A call that is kept out gives up after patience: only then is it known that it did.
        within("SP-2", patience().multipliedBy(2), () -> !returned.isEmpty(), () -> what + " was not told");
        check(
                "SP-2",
                !returned.contains(false),
                () -> "while " + what + " is told, another thread's call into the backend does not return");
    }

    private boolean callReturns(SpiClient client) {
        Call<?> other = new Call<>("tck-call-back", () -> client.backend().inspect("kit-call-back") != null);
        try {
            other.get(patience());
            return true;
        } catch (Exception e) {
            return false;
        }
    }

    /** Where the stage completes, another thread's call into the backend must return: the completing thread holds no lock. */
    private void callsBackFrom(String what, SpiClient client, CompletionStage<?> stage) throws Exception {
        CompletionStage<Boolean> called = stage.handle((value, failure) -> callReturns(client));
        boolean returned = result(
                "SP-2",
                patience().multipliedBy(2),
                what + " with a call back into the backend",
                begin(() -> called.toCompletableFuture().get()));
        check(
                "SP-2",
                returned,
                () -> "while " + what + " completes, another thread's call into the backend does not return");
    }

    @Test
    @Alone
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
        for (CompletionStage<?> stage : List.of(cut.answered(), cut.granted(), cut.released())) {
            done("SP-3", "a stage of a contend that was cut off", stage.handle((value, failure) -> true));
        }
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
        done("LO-5", "forceRelease", spi().backend().forceRelease(forced, OptionalLong.empty()));
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
        StoredLock stored = done("LO-5", "inspect", first.backend().inspect(forced));
        check("LO-5", !stored.isHeld(), () -> "a renewal brought back a grant that was released by force: " + stored);
    }

    /** A renewal that was under way when its grant was given back, or its place given up, comes to the store after that. */
    @Test
    @Proves({"LO-5", "UO-2"})
    void aRenewalOfWhatIsOverSaysSoAndBringsNothingBack() throws Exception {
        SpiClient client = spi();
        SpiClient other = spi();
        Contender released = client.contend(name(), true, null);
        Grant given = granted("LO-5", released);
        check("UO-3", done("UO-3", "release", client.session().release(given)), () -> given + " was gone");
        Contender undone = client.contend(name(), true, null);
        granted("LO-5", undone);
        done("UO-2", "withdraw()", undone.withdraw());
        List<Contender> over = List.of(released, undone);
        Renewal renewal = done(
                "SP-3",
                "a renewal of what is over",
                client.session().renew(over).exceptionally(failure -> null));
        for (Contender contender : over) {
            String how = contender == released ? "released" : "withdrawn";
            String name = contender.request().name();
            ContenderStatus status = renewal == null
                    ? null
                    : renewal.statuses().get(contender.request().contenderId());
            check(
                    "LO-5",
                    !(status instanceof ContenderStatus.Holding) && !(status instanceof ContenderStatus.Waiting),
                    () -> "a grant was " + how + ", and a renewal says " + status);
            StoredLock stored = done("LO-5", "inspect", other.backend().inspect(name));
            check(
                    "LO-5",
                    !stored.isHeld() && stored.contenders() == 0,
                    () -> "a renewal of a grant that was " + how + " brought it back: " + stored);
            answers("LO-5", Answer.GRANTED, other.contend(name, false, null));
        }
    }

    /** Of one client as of two: it may contend anew while the release of its last grant is on its way. */
    @Test
    @Proves("ME-1")
    void aClientsNextContenderIsNotGivenWhatItsLastOneHolds() throws Exception {
        String name = name();
        SpiClient client = spi();
        Grant held = granted("ME-1", client.contend(name, true, null));
        Contender next = client.contend(name, false, null);
        Answer answer = done("ME-1", "the answer to " + next.request(), next.answered());
        check(
                "ME-1",
                answer == Answer.BUSY,
                () -> "a contender of a client was answered " + answer
                        + ", while another one of the same client holds");
        stillHeld("ME-1", client, held, "a try of the client that holds");
        check("UO-3", done("UO-3", "release", client.session().release(held)), () -> held + " was gone");
        answers("UO-3", Answer.GRANTED, spi().contend(name, false, null));
    }

    @Test
    @Proves("RE-6")
    void everySessionHasAnIdOfItsOwn() throws Exception {
        List<LockSession> sessions = new ArrayList<>();
        LockBackend shared = scene().backend();
        for (LockBackend backend : List.of(shared, shared, scene().backend())) {
            SessionOptions options = new SessionOptions(time().longLease(), "the kit's namesake", scene().runtime());
            sessions.add(scene().spi(backend, options).session());
        }
        check(
                "RE-6",
                sessions.stream().map(LockSession::id).distinct().count() == sessions.size(),
                () -> "sessions of different clients have one id: "
                        + sessions.stream().map(LockSession::id).toList());
    }

    @Test
    @Proves("SP-3")
    void aRenewalOfASessionThatHoldsNothingIsAnswered() throws Exception {
        SpiClient idle = spi();
        for (int i = 0; i < 2; i++) {
            Renewal renewal =
                    done("SP-3", "a renewal without contenders", idle.session().renew(List.of()));
            check("SP-3", renewal != null, () -> "a renewal without contenders was answered with nothing");
        }
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

    /** Nothing would end it: neither the engine, for which the session is over, nor the end of the session, which has been. */
    @Test
    @Proves("CL-1")
    void aContendOfAClosedSessionTakesNothing() throws Exception {
        String name = name();
        SpiClient ended = spi();
        SpiClient other = spi();
        done("CL-1", "release", ended.session().release(granted("CL-1", ended.contend(name, true, null))));
        done("CL-1", "close()", ended.session().close());
        Contender late = ended.contend(name, true, null);
        boolean took = done(
                "SP-3",
                "answered() of a contend after close()",
                late.answered().handle((answer, failure) -> answer == Answer.GRANTED));
        check("CL-1", !took, () -> "a session that was closed was granted a lock");
        done("SP-3", "granted() of a contend after close()", late.granted().handle((grant, failure) -> true));
        StoredLock stored = done("CL-1", "inspect", other.backend().inspect(name));
        check(
                "CL-1",
                !stored.isHeld() && stored.contenders() == 0,
                () -> "a contend of a session that was closed, and the store shows " + stored);
    }
}
