// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.ForceOutcome;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Contender.Answer;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.Renewal;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.SpiClient;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What somebody else removed from the store, and whose client has not heard of it yet: it is nobody's turn, and nobody's grant. */
abstract class GoneKit extends SpiCase {
    private static final int ROUNDS = 3;

    /** More than a request that names each of them may have room for. */
    private static final int MANY = 150;

    /** Its predecessor leaves before it can have heard that its own session has ended. */
    @Test
    @Alone
    @Proves({"ME-1", "WA-5"})
    void aWaiterWhoseSessionHasEndedIsPassedOver() throws Exception {
        queued();
        for (int round = 0; round < ROUNDS; round++) {
            String label = name();
            SpiClient holder = spi();
            SpiClient ended = scene().spi(time().longLease(), label);
            Grant held = granted("ME-1", holder.contend(name(), true, null));
            Contender gone = waits(ended, held);
            Contender behind = waits(spi(), held);
            faults().expireSession(label);
            done("ME-1", "release", holder.session().release(held));
            judge("the session of a waiter was ended in the store", gone, behind);
            done("SP-3", "close() of a lost session", ended.session().close().handle((closed, failure) -> true));
        }
    }

    /** Its turn came and went by force before its client heard of either: it neither holds, nor does it wait any more. */
    @Test
    @Proves({"ME-1", "LO-5"})
    void aWaiterWhoseTurnWasTakenAwayUnheardIsTold() throws Exception {
        Tapped tapped = tapped();
        SpiClient client = tapped.client();
        SpiClient holder = spi();
        Grant held = granted("ME-1", holder.contend(name(), true, null));
        Contender gone = waits(client, held);
        Contender behind = waits(spi(), held);
        tapped.tap().loseHints();
        done("ME-1", "release", holder.session().release(held));
        ForceOutcome forced =
                done("IN-3", "forceRelease", holder.backend().forceRelease(held.name(), OptionalLong.empty()));
        claims(forced == ForceOutcome.RELEASED, "who waits takes its turn itself: it cannot come unheard");
        tapped.tap().hear();
        granted("ME-1", behind);
        within(
                "LO-5",
                patience(),
                () -> isOver(gone) || isGone(client, gone),
                () -> "a waiter's turn came and was ended by force, and no renewal says that its place is gone: it"
                        + " waits for ever");
        judge("a waiter's place was removed by force", gone, behind);
    }

    private static boolean isOver(Contender contender) {
        return contender.granted().toCompletableFuture().isDone();
    }

    private Contender waits(SpiClient client, Grant held) throws Exception {
        Contender waiting = client.contend(held.name(), true, null);
        answers("OR-1", Answer.WAITING, waiting);
        return waiting;
    }

    /** The one behind may have to wait until the store has removed what is left of the other: that is no matter of this test. */
    private void judge(String what, Contender gone, Contender behind) throws Exception {
        Await.until(patience(), () -> holds(gone) || holds(behind));
        Await.pass(time().moment());
        check(
                "ME-1",
                !holds(gone),
                () -> what + ", and it was given the lock all the same"
                        + (holds(behind) ? ", beside the one whose turn it was" : ""));
    }

    private static boolean holds(Contender contender) {
        CompletableFuture<Grant> granted = contender.granted().toCompletableFuture();
        return isOver(contender) && !granted.isCompletedExceptionally() && granted.join() != null;
    }

    private boolean isGone(SpiClient client, Contender contender) throws Exception {
        return done("LO-5", "a renewal", client.session().renew(List.of(contender)))
                        .statuses()
                        .get(contender.request().contenderId())
                instanceof ContenderStatus.Gone;
    }

    /** Of what a client holds, one by one is looked at, however much it is. */
    @Test
    @Proves("LO-5")
    void ofManyHoldsEachThatIsGoneIsSaidToBe() throws Exception {
        SpiClient client = spi();
        SpiClient other = spi();
        List<Contender> holds = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            Contender holding = client.contend(name(), true, null);
            granted("LO-5", holding);
            holds.add(holding);
        }
        for (Contender each : List.of(holds.get(0), holds.get(MANY / 2), holds.get(MANY - 1))) {
            String name = each.request().name();
            ForceOutcome forced =
                    done("IN-3", "forceRelease", other.backend().forceRelease(name, OptionalLong.empty()));
            check("IN-3", forced == ForceOutcome.RELEASED, () -> "a forced release of a hold says " + forced);
            within(
                    "LO-5",
                    patience(),
                    () -> isSaidToBeGone(client, each, holds),
                    () -> "of " + MANY + " holds of a client number " + (holds.indexOf(each) + 1)
                            + " was deleted in the store, and neither a renewal nor an event says so");
        }
    }

    private boolean isSaidToBeGone(SpiClient client, Contender gone, List<Contender> all) throws Exception {
        long id = gone.request().contenderId();
        var statuses = done("LO-5", "a renewal", client.session().renew(all)).statuses();
        return statuses.get(id) instanceof ContenderStatus.Gone
                || client.lostGrants().stream()
                        .map(Grant::contenderId)
                        .collect(Collectors.toSet())
                        .contains(id);
    }

    /** Who gives its grant up for a place stands behind all who wait. */
    @Test
    @Proves({"OR-1", "OR-3"})
    void whoGivesItsGrantUpGoesToTheEnd() throws Exception {
        queued();
        SpiClient client = spi();
        SpiClient first = spi();
        SpiClient second = spi();
        Grant held = granted("OR-3", client.contend(name(), true, null));
        Contender next = waits(first, held);
        Contender last = waits(second, held);
        Contender again = client.contend(held.name(), true, held);
        done("OR-3", "released()", again.released());
        done("OR-1", "release", first.session().release(granted("OR-1", next)));
        Await.until(patience(), () -> isOver(last) || isOver(again));
        check(
                "OR-1",
                !isOver(again),
                () ->
                        "a client gave its grant up for a place behind two who waited, and holds before the second of them");
        done("OR-1", "release", second.session().release(granted("OR-1", last)));
        granted("OR-1", again);
    }

    /** A grant that is gone is given up for a place, while another client holds: that one's grant is not meant. */
    @Test
    @Proves("UO-3")
    void whoGivesUpWhatIsGoneTouchesNobodyElses() throws Exception {
        SpiClient client = spi();
        SpiClient other = spi();
        Grant gone = granted("UO-3", client.contend(name(), true, null));
        done("IN-3", "forceRelease", other.backend().forceRelease(gone.name(), OptionalLong.empty()));
        Grant held = granted("UO-3", other.contend(gone.name(), true, null));
        Contender again = client.contend(gone.name(), capabilities().queues(), gone);
        Answer answer = done("UO-3", "the answer to " + again.request(), again.answered());
        stillHeld("UO-3", client, held, "giving up a grant that was gone, in the step of a contend,");
        check("ME-1", answer != Answer.GRANTED, () -> again.request() + " was granted while another client holds");
        done("UO-2", "withdraw()", again.withdraw());
        check("UO-3", done("UO-3", "release", other.session().release(held)), () -> held + " was gone");
    }

    /** Its client's threads may be on their way with a renewal or a release when the session is closed beside them. */
    @Test
    @Proves({"LO-5", "SP-3"})
    void aSessionThatIsClosedAnswersAndHoldsNothing() throws Exception {
        SpiClient ended = spi();
        Contender held = ended.contend(name(), true, null);
        Grant grant = granted("SP-3", held);
        done("CL-1", "close()", ended.session().close());
        Renewal renewal = done(
                "SP-3",
                "a renewal after close()",
                ended.session().renew(List.of(held)).exceptionally(failure -> null));
        ContenderStatus status =
                renewal == null ? null : renewal.statuses().get(held.request().contenderId());
        check(
                "LO-5",
                !(status instanceof ContenderStatus.Holding),
                () -> "a session was closed, and a renewal says of its grant " + status);
        done("SP-3", "a release after close()", ended.session().release(grant).handle((removed, failure) -> true));
        done("SP-3", "withdraw() after close()", held.withdraw().handle((left, failure) -> true));
    }
}
