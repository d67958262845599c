// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.spi.Contender;
import io.holdfast.spi.Contender.Answer;
import io.holdfast.spi.Grant;
import io.holdfast.spi.StoredLock;
import io.holdfast.spi.TableBackend;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.SpiClient;
import io.holdfast.tck.internal.WatchedBackend;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** UO-2 to UO-4 at the level of the SPI: withdrawals, copies and late releases, without the engine. */
abstract class UndoKit extends SpiCase {
    private static final int GIVEN_UP_SINCE = 40;

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
        String name = name();
        SpiClient first = spi();
        recognisesCopies(first);
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

    /** The lock may have gone on, to a later contender of the same client: that one is named by nothing that was given up. */
    @Test
    @Proves("UO-2")
    void aWithdrawalTouchesNoGrantOfTheSameClient() throws Exception {
        String name = name();
        SpiClient client = spi();
        Contender given = client.contend(name, true, null);
        granted("UO-2", given);
        done("UO-2", "withdraw()", given.withdraw());
        Grant held = granted("UO-2", client.contend(name, true, null));
        done("UO-2", "a repeated withdraw()", given.withdraw());
        stillHeld("UO-2", client, held, "a repeated withdrawal of an earlier contender of the same client");
        Contender refused = client.contend(name, false, null);
        answers("ME-1", Answer.BUSY, refused);
        done("UO-2", "withdraw() of a refused try", refused.withdraw());
        stillHeld("UO-2", client, held, "the withdrawal of a refused try of the same client");
        check("UO-3", done("UO-3", "release", client.session().release(held)), () -> held + " was gone");
    }

    /** What was given up is known for a lease, and however many others were given up since. */
    @Test
    @Proves("UO-2")
    void aCopyThatComesMuchLaterCreatesNothing() throws Exception {
        SpiClient other = spi();
        recognisesCopies(other);
        whileRenewalsAreInTime(Set.of("UO-2", "KE-1"), () -> {
            SpiClient client = scene().spi(lease());
            long renewed = System.nanoTime();
            Contender given = client.contend(name(), true, null);
            granted("UO-2", given);
            done("UO-2", "withdraw()", given.withdraw());
            for (int i = 0; i < GIVEN_UP_SINCE; i++) {
                Contender next = client.contend(given.request().name(), false, null);
                granted("UO-2", next);
                done("UO-2", "withdraw()", next.withdraw());
                renewed = renewed(client, renewed);
            }
            createsNothing(client, given, other, "after " + GIVEN_UP_SINCE + " others had been given up");
            for (int i = 0; i < 3; i++) {
                Await.pass(lease().dividedBy(4));
                renewed = renewed(client, renewed);
            }
            createsNothing(client, given, other, "after three quarters of a lease");
        });
    }

    /** When a renewal was sent that kept the session, after one that was sent before. */
    private long renewed(SpiClient client, long before) throws Exception {
        long sent = System.nanoTime();
        Object renewal = done(
                "KE-1",
                "a renewal",
                client.session().renew(List.of()).handle((answer, failure) -> failure == null ? answer : null));
        if (renewal == null && System.nanoTime() - before > lease().toNanos() / 100 * 99) {
            throw new HarnessTrouble("the machine let a lease of " + lease() + " pass between two renewals");
        }
        check("KE-1", renewal != null, () -> "a renewal that came in time failed");
        return sent;
    }

    /** What there is nothing to undo of any more is given up all the same, and a copy of it may still be on its way. */
    @Test
    @Proves("UO-2")
    void aCopyCreatesNothingThoughThereWasNothingToUndo() throws Exception {
        SpiClient other = spi();
        recognisesCopies(other);
        SpiClient client = spi();
        Contender given = client.contend(name(), true, null);
        Grant taken = granted("UO-2", given);
        done("IN-3", "forceRelease", other.backend().forceRelease(taken.name(), OptionalLong.empty()));
        done("UO-2", "withdraw()", given.withdraw());
        createsNothing(client, given, other, "after its grant had been released by force, and it was withdrawn then,");
    }

    private void createsNothing(SpiClient client, Contender given, SpiClient other, String when) throws Exception {
        Contender copy = client.session().contend(given.request());
        SpiClient.start(copy);
        done("SP-3", "answered() of a copy", copy.answered().handle((answer, failure) -> true));
        StoredLock stored =
                done("UO-2", "inspect", other.backend().inspect(given.request().name()));
        check(
                "UO-2",
                !stored.isHeld() && stored.contenders() == 0,
                () -> "a copy of a withdrawn contend came " + when + ", and the store shows " + stored);
    }

    @Test
    @Proves("UO-4")
    void aRepeatedContendTakesNoSecondGrant() throws Exception {
        String name = name();
        SpiClient first = spi();
        recognisesCopies(first);
        Contender contender = first.contend(name, true, null);
        Grant grant = granted("UO-4", contender);
        Contender copy = first.session().contend(contender.request());
        SpiClient.start(copy);
        Object answer = done("SP-3", "answered() of a copy", copy.answered().handle((told, failure) -> told));
        StoredLock stored = done("UO-4", "inspect", first.backend().inspect(name));
        check(
                "UO-4",
                stored.contenders() == 1 && stored.storeToken() == grant.storeToken(),
                () -> "a contend was repeated, " + "and the store shows " + stored
                        + " instead of one contender with token " + grant.storeToken());
        done("UO-4", "release", first.session().release(grant));
        if (WatchedBackend.sound(first.backend()) instanceof TableBackend) {
            // If the first answer was lost, nobody learns of the row that was taken.
            check("UO-4", answer == Answer.GRANTED, () -> "a request that holds was repeated, and answered " + answer);
            Grant again = granted("UO-4", copy);
            check(
                    "UO-4",
                    again.storeToken() == grant.storeToken(),
                    () -> "a request that holds was repeated: " + grant + " became " + again);
        }
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

    /** A table must recognise them by its contract; of other backends, the fixture says. */
    private void recognisesCopies(SpiClient client) {
        if (!scene().run().fixture().recognisesCopies()
                && !(WatchedBackend.sound(client.backend()) instanceof TableBackend)) {
            throw new HookMissing(Hook.COPIES, "deliver a contend twice (LockBackendFixture.recognisesCopies)");
        }
    }
}
