// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Contender.Answer;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.Renewal;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.Call;
import io.holdfast.tck.internal.SpiClient;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** OR-1 and ME-1 of who waits: a turn comes by its order, to one, and by nothing else. */
abstract class LineKit extends SpiCase {
    /** One newcomer in ten that overtakes is seen but in one run of a thousand. */
    private static final int TURNS = 66;

    private static final int LONG_LINE = 40;

    /** Three clients in turn: one holds, one waits, and one comes, now before the lock is released and now just after. */
    @Test
    @Proves("OR-1")
    void noNewcomerOvertakesWhoIsInLine() throws Exception {
        queued();
        String name = name();
        List<SpiClient> clients = List.of(spi(), spi(), spi());
        SpiClient trying = spi();
        Grant held = granted("OR-1", clients.get(0).contend(name, true, null));
        Contender next = clients.get(1).contend(name, true, null);
        answers("OR-1", Answer.WAITING, next);
        for (int turn = 2; turn < TURNS; turn++) {
            SpiClient holder = clients.get((turn - 2) % 3);
            SpiClient coming = clients.get(turn % 3);
            Contender newcomer;
            if (turn % 7 % 2 == 0) { // in step with no smaller number of turns
                newcomer = coming.contend(name, true, null);
                answers("OR-1", Answer.WAITING, newcomer);
                done("OR-1", "release", holder.session().release(held));
            } else {
                CompletionStage<Boolean> released = holder.session().release(held);
                newcomer = coming.contend(name, true, null);
                Contender refused = trying.contend(name, false, null);
                done("OR-1", "release", released);
                answers("OR-1", Answer.WAITING, newcomer);
                answers("OR-1", Answer.BUSY, refused);
            }
            CompletionStage<?> either = CompletableFuture.anyOf(
                    next.granted().toCompletableFuture(), newcomer.granted().toCompletableFuture());
            done("OR-1", "the next grant", either);
            check(
                    "OR-1",
                    !newcomer.granted().toCompletableFuture().isDone(),
                    () -> "a place was acknowledged, and a contender that came later holds first");
            held = granted("OR-1", next);
            next = newcomer;
        }
        done("OR-1", "withdraw()", next.withdraw());
    }

    /**
     * More than ten, so that places are told apart whose numbers have not as many digits, and than a page of them; each renewed, the last
     * one first.
     */
    @Test
    @Proves("OR-1")
    void aRenewalMovesNobodyInALongLine() throws Exception {
        queued();
        String name = name();
        List<SpiClient> clients = spis(LONG_LINE);
        Grant held = granted("OR-1", clients.get(0).contend(name, true, null));
        List<Contender> line = new ArrayList<>();
        for (SpiClient client : clients.subList(1, LONG_LINE)) {
            Contender waiting = client.contend(name, true, null);
            answers("OR-1", Answer.WAITING, waiting);
            line.add(waiting);
        }
        for (int i = line.size(); i > 0; i--) {
            done("OR-1", "a renewal", clients.get(i).session().renew(List.of(line.get(i - 1))));
        }
        for (int i = 0; i < line.size(); i++) {
            done("OR-1", "release", clients.get(i).session().release(held));
            int place = i + 1;
            CompletableFuture<?>[] turns = line.subList(i, line.size()).stream()
                    .map(waiting -> waiting.granted().toCompletableFuture())
                    .toArray(CompletableFuture<?>[]::new);
            done("OR-1", "the next grant", CompletableFuture.anyOf(turns));
            Contender next = line.get(i);
            check(
                    "OR-1",
                    next.granted().toCompletableFuture().isDone(),
                    () -> "of " + LONG_LINE
                            + " places that were acknowledged one after another, and renewed, the one behind"
                            + " number " + place + " was passed over");
            held = granted("OR-1", next);
        }
    }

    /** Whose client lives keeps its place, for longer than a lease. */
    @Test
    @Proves({"OR-1", "KE-1"})
    void aPlaceThatIsRenewedOutlivesItsLease() throws Exception {
        needsLease();
        queued();
        whileRenewalsAreInTime(Set.of("OR-1", "KE-1"), () -> {
            String name = name();
            SpiClient holder = spi();
            Grant held = granted("OR-1", holder.contend(name, true, null));
            SpiClient renewing = scene().spi(lease());
            Contender waiting = renewing.contend(name, true, null);
            answers("OR-1", Answer.WAITING, waiting);
            Contender behind = spi().contend(name, true, null);
            answers("OR-1", Answer.WAITING, behind);
            for (int i = 0; i < 5; i++) {
                Await.pass(lease().dividedBy(4));
                Renewal renewal = done("KE-1", "a renewal", renewing.session().renew(List.of(waiting)));
                ContenderStatus status =
                        renewal.statuses().get(waiting.request().contenderId());
                check(
                        "OR-1",
                        !(status instanceof ContenderStatus.Gone),
                        () -> "a client waits and renews its place, and that is gone all the same");
            }
            done("OR-1", "release", holder.session().release(held));
            Grant next = done("OR-1", "the grant of " + waiting.request(), waiting.granted());
            check(
                    "OR-1",
                    next != null && !behind.granted().toCompletableFuture().isDone(),
                    () -> "a client waited for longer than its lease, renewed its place, and was passed over");
        });
    }

    /** A holder, and two who wait behind it. */
    private record Line(String name, Grant held, Contender first, Contender second) {}

    private Line line(SpiClient holder, SpiClient first, SpiClient second) throws Exception {
        String name = name();
        Grant held = granted("ME-1", holder.contend(name, true, null));
        Contender next = first.contend(name, true, null);
        answers("OR-1", Answer.WAITING, next);
        Contender last = second.contend(name, true, null);
        answers("OR-1", Answer.WAITING, last);
        return new Line(name, held, next, last);
    }

    @Test
    @Proves({"ME-1", "CL-1", "WA-5"})
    void whateverEndsGivesTheLockToOneOrToNobody() throws Exception {
        queued();
        SpiClient holder = spi();
        SpiClient first = spi();
        SpiClient second = spi();
        SpiClient closing = spi();
        Line released = line(holder, first, second);
        Line forced = line(holder, first, second);
        Line closed = line(closing, first, second);
        Line left = line(holder, first, second);
        Line died = line(holder, closing, second);
        Map<String, Line> passed = new LinkedHashMap<>();
        passed.put("a release", released);
        passed.put("a forced release", forced);
        passed.put("the end of a holder's session", closed);
        Map<String, Line> kept = new LinkedHashMap<>();
        kept.put("the withdrawal of a waiter", left);
        kept.put("the end of a waiter's session", died);
        done("OR-1", "release", holder.session().release(released.held()));
        done("IN-3", "forceRelease", second.backend().forceRelease(forced.name(), OptionalLong.empty()));
        done("WA-5", "withdraw()", left.first().withdraw());
        done("CL-1", "close()", closing.session().close());
        for (Line line : passed.values()) {
            granted("CL-1", line.first());
        }
        Await.pass(time().moment());
        for (Map<String, Line> lines : List.of(passed, kept)) {
            lines.forEach((what, line) -> check(
                    "ME-1",
                    !line.second().granted().toCompletableFuture().isDone(),
                    () -> what + " gave the lock to one whose turn it was not, while another one holds it"));
        }
        for (Line line : passed.values()) {
            done("OR-1", "release", first.session().release(granted("OR-1", line.first())));
            granted("OR-1", line.second());
        }
        for (Line line : kept.values()) {
            done("OR-1", "release", holder.session().release(line.held()));
            granted("WA-5", line.second());
        }
    }

    @Test
    @Proves({"CR-1", "ME-1"})
    void ofTwoWhoWaitForASilentClientsLockOneHolds() throws Exception {
        needsSilence();
        String name = name();
        holder("CR-1", name);
        CompletableFuture<?>[] waits = new CompletableFuture<?>[2];
        for (int i = 0; i < waits.length; i++) {
            waits[i] = client().acquireAsync(name).toCompletableFuture();
        }
        LockHandle first = (LockHandle) result(
                "CR-1",
                time().takeover(),
                "one of two who wait behind a client that fell silent",
                begin(() -> CompletableFuture.anyOf(waits).get()));
        Await.pass(time().moment());
        check(
                "ME-1",
                !waits[0].isDone() || !waits[1].isDone(),
                () -> "two clients hold what a client held that fell silent");
        first.release();
        result("WA-7", patience(), "the other one, after the release,", begin(() -> CompletableFuture.allOf(waits)
                .get()));
    }

    @Test
    @Proves("CR-1")
    void aSilentWaiterDoesNotHoldUpTheLine() throws Exception {
        needsSilence();
        queued();
        String name = name();
        LockHandle hold = hold("CR-1", client(), name);
        waiter("CR-1", name);
        LockClient next = client();
        Call<LockHandle> waiting = begin(() -> next.acquire(name));
        Await.pass(lease().multipliedBy(5).dividedBy(4));
        check("ME-1", !waiting.isDone(), () -> "the end of a waiter's lease gave another one what a third one holds");
        hold.release();
        result("CR-1", time().takeover(), "a waiter behind a waiter that fell silent", waiting);
    }
}
