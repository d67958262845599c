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
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * UO-2 and UO-4 at the level of the SPI: a copy of a request creates nothing, in whichever way the place or the grant of the request has
 * ended, since each way may be another request of the store's.
 */
abstract class CopiesKit extends SpiCase {
    private static final int GIVEN_UP_SINCE = 40;

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

    /** What was released in the usual way is over as well: its copy would hold for nobody, and is renewed with its session. */
    @Test
    @Proves("UO-4")
    void aCopyOfAReleasedContendCreatesNothing() throws Exception {
        SpiClient client = spi();
        recognisesCopies(client);
        Contender over = client.contend(name(), true, null);
        Grant grant = granted("UO-4", over);
        check("UO-3", done("UO-3", "release", client.session().release(grant)), () -> grant + " was gone");
        createsNothing("UO-4", client, over, spi(), "after its grant had been released");
    }

    /** Who only waited had a place and no grant. */
    @Test
    @Proves("UO-2")
    void aCopyOfAWaitThatWasGivenUpTakesNoPlace() throws Exception {
        queued();
        SpiClient holder = spi();
        recognisesCopies(holder);
        SpiClient client = spi();
        Grant held = granted("UO-2", holder.contend(name(), true, null));
        Contender over = client.contend(held.name(), true, null);
        answers("UO-2", Answer.WAITING, over);
        done("UO-2", "withdraw()", over.withdraw());
        repeated(client, over);
        StoredLock stored = done("UO-2", "inspect", holder.backend().inspect(held.name()));
        check(
                "UO-2",
                stored.contenders() == 1,
                () -> "a copy of a wait that was given up came late, and the store shows " + stored
                        + " instead of the holder alone");
        check("UO-3", done("UO-3", "release", holder.session().release(held)), () -> held + " was gone");
        createsNothing("UO-2", client, over, holder, "of a wait that was given up, on a free lock,");
    }

    /** A grant that was given up in the step of a contend is over by that. */
    @Test
    @Proves("UO-4")
    void aCopyOfAContendWhoseGrantWasGivenUpForAPlaceCreatesNothing() throws Exception {
        queued();
        SpiClient client = spi();
        recognisesCopies(client);
        Contender over = client.contend(name(), true, null);
        Contender next = client.contend(over.request().name(), true, granted("UO-4", over));
        Grant grant = granted("OR-3", next);
        repeated(client, over);
        StoredLock stored = done("UO-4", "inspect", client.backend().inspect(grant.name()));
        check(
                "UO-4",
                stored.contenders() == 1 && stored.storeToken() == grant.storeToken(),
                () -> "a contend was repeated whose grant had been given up for " + grant + ", and the store shows "
                        + stored);
        check("UO-3", done("UO-3", "release", client.session().release(grant)), () -> grant + " was gone");
        createsNothing("UO-4", client, over, spi(), "after its grant had been given up for another place");
    }

    /** A client whose request is repeated while it waits is in line once, and holds once. */
    @Test
    @Proves("UO-4")
    void aRepeatedContendTakesNoSecondPlace() throws Exception {
        queued();
        SpiClient holder = spi();
        recognisesCopies(holder);
        SpiClient client = spi();
        Grant held = granted("UO-4", holder.contend(name(), true, null));
        Contender waiting = client.contend(held.name(), true, null);
        answers("UO-4", Answer.WAITING, waiting);
        Contender copy = repeated(client, waiting);
        StoredLock stored = done("UO-4", "inspect", holder.backend().inspect(held.name()));
        check(
                "UO-4",
                stored.contenders() == 2,
                () -> "a contend was repeated while it waits, and the store shows " + stored
                        + " instead of the holder and one that waits");
        check("UO-3", done("UO-3", "release", holder.session().release(held)), () -> held + " was gone");
        // In this process both have one name: to which of them the store's answer goes is their session's affair.
        Grant grant = (Grant) done(
                "UO-4",
                "the grant of a contend that was repeated while it waited",
                CompletableFuture.anyOf(
                        waiting.granted().toCompletableFuture(), copy.granted().toCompletableFuture()));
        check("UO-4", grant != null, () -> "a contend that was repeated while it waited ended without its grant");
        check("UO-3", done("UO-3", "release", client.session().release(grant)), () -> grant + " was gone");
        StoredLock left = done("UO-4", "inspect", holder.backend().inspect(held.name()));
        check(
                "UO-4",
                !left.isHeld() && left.contenders() == 0,
                () -> "a contend that was repeated while it waited was granted and released, and the store shows "
                        + left);
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
            createsNothing("UO-2", client, given, other, "after " + GIVEN_UP_SINCE + " others had been given up");
            for (int i = 0; i < 3; i++) {
                Await.pass(lease().dividedBy(4));
                renewed = renewed(client, renewed);
            }
            createsNothing("UO-2", client, given, other, "after three quarters of a lease");
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
        createsNothing(
                "UO-2", client, given, other, "after its grant had been released by force, and it was withdrawn then,");
    }

    private void createsNothing(String rule, SpiClient client, Contender given, SpiClient other, String when)
            throws Exception {
        repeated(client, given);
        StoredLock stored =
                done(rule, "inspect", other.backend().inspect(given.request().name()));
        check(
                rule,
                !stored.isHeld() && stored.contenders() == 0,
                () -> "a copy of a contend that is over came " + when + ", and the store shows " + stored);
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
}
