// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.ForceOutcome;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Contender.Answer;
import io.holdfast.spi.Grant;
import io.holdfast.spi.StoredLock;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.SpiClient;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/**
 * Two contenders of one session, and a line that must not take one for the other. UO-2 where a line undoes: an entry's answer is lost
 * between the line and its backend, on every line, with no hand on its link. What comes later, of the same session and name, is another
 * contender, which the undo does not name.
 */
abstract class LineUndoKit extends SpiCase {
    @Test
    @Proves("UO-2")
    void anUndoLeavesWhoWaitsBehind() throws Exception {
        Undone undone = unanswered(name());
        SpiClient client = undone.client();
        Contender later = client.contend(undone.name(), true, null);
        answers("OR-1", Answer.WAITING, later);
        undone.confirmed();
        Grant held = granted("UO-2", later);
        stillHeld("UO-2", client, held, "the undo of an earlier contender of the same session");
        check("UO-3", done("UO-3", "release", client.session().release(held)), () -> held + " was gone");
    }

    @Test
    @Proves("UO-2")
    void anUndoOfAPlaceLeavesTheNextPlaceOfItsSession() throws Exception {
        SpiClient holder = spi();
        Grant held = granted("UO-2", holder.contend(name(), true, null));
        Undone undone = unanswered(held.name());
        Contender later = undone.client().contend(held.name(), true, null);
        answers("OR-1", Answer.WAITING, later);
        undone.confirmed();
        StoredLock stored = done("UO-2", "inspect", holder.backend().inspect(held.name()));
        check(
                "UO-2",
                stored.contenders() == 2,
                () -> "the undo of an entry was confirmed, and the store shows " + stored
                        + " instead of the holder and the later contender of the same session");
        check("UO-3", done("UO-3", "release", holder.session().release(held)), () -> held + " was gone");
        granted("UO-2", later);
    }

    @Test
    @Proves("UO-2")
    void anUndoLeavesWhoHoldsSince() throws Exception {
        Undone undone = unanswered(name());
        SpiClient client = undone.client();
        SpiClient other = spi();
        ForceOutcome forced =
                done("IN-3", "forceRelease", other.backend().forceRelease(undone.name(), OptionalLong.empty()));
        check("UO-2", forced == ForceOutcome.RELEASED, () -> "an entry on a free name took nothing: " + forced);
        Grant held = granted("UO-2", client.contend(undone.name(), true, null));
        undone.confirmed();
        stillHeld("UO-2", other, held, "the undo of an earlier contender of the same session");
        check("UO-3", done("UO-3", "release", client.session().release(held)), () -> held + " was gone");
    }

    /** What leaves is named: a client that has two places of a name, the one of them granted, leaves the other one. */
    @Test
    @Proves("UO-2")
    void whoLeavesTheLineTouchesNoGrantOfItsSession() throws Exception {
        queued();
        SpiClient client = spi();
        SpiClient other = spi();
        Grant held = granted("UO-2", client.contend(name(), true, null));
        Contender leaving = client.contend(held.name(), true, null);
        answers("OR-1", Answer.WAITING, leaving);
        Contender waiting = other.contend(held.name(), true, null);
        answers("OR-1", Answer.WAITING, waiting);
        done("UO-2", "withdraw()", leaving.withdraw());
        stillHeld("UO-2", other, held, "the withdrawal of a waiting contender of the same session");
        StoredLock stored = done("UO-2", "inspect", other.backend().inspect(held.name()));
        check("UO-2", stored.contenders() == 2, () -> "one of three left the line, and the store shows " + stored);
        check("UO-3", done("UO-3", "release", client.session().release(held)), () -> held + " was gone");
        granted("UO-2", waiting);
    }

    /** Whose client comes back while its release is on the way stands behind who was there before. */
    @Test
    @Proves("OR-1")
    void aReleaseGivesTheLockToWhoWaitedFirst() throws Exception {
        queued();
        String name = name();
        SpiClient first = spi();
        SpiClient second = spi();
        Grant held = granted("OR-1", first.contend(name, true, null));
        Contender before = second.contend(name, true, null);
        answers("OR-1", Answer.WAITING, before);
        Contender again = first.contend(name, true, null);
        answers("OR-1", Answer.WAITING, again);
        check("UO-3", done("UO-3", "release", first.session().release(held)), () -> held + " was gone");
        Await.until(patience(), () -> isGranted(before) || isGranted(again));
        check(
                "OR-1",
                !isGranted(again),
                () -> "a client came back behind another one, and its release gave the lock to itself");
        check(
                "UO-3",
                done("UO-3", "release", second.session().release(granted("OR-1", before))),
                () -> "the grant of who waited first was gone");
        granted("OR-1", again);
    }

    private static boolean isGranted(Contender contender) {
        return contender.granted().toCompletableFuture().isDone();
    }

    /** A grant may be gone before its client gives it up for another place: that one it is given all the same. */
    @Test
    @Proves({"OR-3", "LO-5"})
    void whoGivesUpWhatIsGoneTakesItsPlace() throws Exception {
        queued();
        SpiClient client = spi();
        SpiClient other = spi();
        Grant gone = granted("OR-3", client.contend(name(), true, null));
        done("IN-3", "forceRelease", other.backend().forceRelease(gone.name(), OptionalLong.empty()));
        Contender again = client.contend(gone.name(), true, gone);
        answers("OR-3", Answer.GRANTED, again);
        check("OR-3", !done("OR-3", "released()", again.released()), () -> "a grant that was gone was given up");
        granted("OR-3", again);
    }

    /** A copy of a request whose answer was lost is still under way when the request is undone, and finds nothing of it. */
    @Test
    @Proves("UO-2")
    void aCopyOfAnUndoneEntryCreatesNothing() throws Exception {
        isGivenUpForGood(true);
    }

    /** The undo may be there first: it finds nothing, and what it undoes comes after it. */
    @Test
    @Proves("UO-2")
    void anEntryThatComesAfterItsUndoCreatesNothing() throws Exception {
        isGivenUpForGood(false);
    }

    private void isGivenUpForGood(boolean carriedOut) throws Exception {
        recognisesCopies(tapped().client());
        SpiClient other = spi();
        String how = carriedOut ? "a copy of an entry came after the entry's undo" : "an entry came after its undo";
        Undone free = unanswered(name(), carriedOut);
        free.confirmed();
        repeated(free.client(), free.contender());
        StoredLock taken = done("UO-2", "inspect", other.backend().inspect(free.name()));
        check(
                "UO-2",
                !taken.isHeld() && taken.contenders() == 0,
                () -> how + ", and the store shows " + taken + " of a lock that nobody wants");
        Grant held = granted("UO-2", other.contend(name(), true, null));
        Undone waited = unanswered(held.name(), carriedOut);
        waited.confirmed();
        repeated(waited.client(), waited.contender());
        StoredLock line = done("UO-2", "inspect", other.backend().inspect(held.name()));
        check(
                "UO-2",
                line.contenders() == 1,
                () -> how + ", and the store shows " + line + " instead of the holder alone");
        check("UO-3", done("UO-3", "release", other.session().release(held)), () -> held + " was gone");
    }
}
