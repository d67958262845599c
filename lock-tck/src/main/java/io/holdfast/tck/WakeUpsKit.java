// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.spi.Contender;
import io.holdfast.spi.Contender.Answer;
import io.holdfast.spi.Grant;
import io.holdfast.spi.SessionOptions;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.LineTap;
import io.holdfast.tck.internal.SpiClient;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/**
 * SP-4 of who waits: what happens to a lock wakes the one whose turn it is, and not the whole line. Counted where it can be: between a line
 * and its backend.
 */
abstract class WakeUpsKit extends SpiCase {
    private static final int WAITERS = 10;

    /** What its own turn takes, and who stands next to what has happened; a herd is of as many as wait. */
    private static final int FEW = 4;

    /** A line may look around by itself now and then, just when it is counted. */
    private static final int ROUNDS = 3;

    /** Something that happens to a lock; the grant is that of who holds then. */
    private interface Event {
        void happens(Waits waits, int round) throws Exception;
    }

    @Test
    @Proves("SP-4")
    void aReleaseWakesNoHerd() throws Exception {
        wakesFew("a release", (waits, round) -> {
            done("OR-1", "release", waits.holder(round).session().release(waits.grant(round)));
            granted("OR-1", waits.contender(round));
        });
    }

    @Test
    @Proves("SP-4")
    void aForcedReleaseWakesNoHerd() throws Exception {
        wakesFew("a forced release", (waits, round) -> {
            OptionalLong token = OptionalLong.of(waits.grant(round).storeToken());
            done("IN-3", "forceRelease", waits.holder(round).backend().forceRelease(waits.name(), token));
            granted("OR-1", waits.contender(round));
        });
    }

    @Test
    @Proves("SP-4")
    void theEndOfAHoldersSessionWakesNoHerd() throws Exception {
        wakesFew("the end of a holder's session", (waits, round) -> {
            done("CL-1", "close()", waits.holder(round).session().close());
            granted("OR-1", waits.contender(round));
        });
    }

    @Test
    @Proves("SP-4")
    void whoLeavesTheLineWakesNoHerd() throws Exception {
        wakesFew(
                "a withdrawal of who waited",
                (waits, round) -> done(
                        "WA-5", "withdraw()", waits.contender(2 * round + 1).withdraw()));
    }

    @Test
    @Proves("SP-4")
    void whoComesWakesNoHerd() throws Exception {
        List<SpiClient> coming = spis(ROUNDS);
        wakesFew("a contender that comes, and a try that is refused", (waits, round) -> {
            answers("OR-1", Answer.BUSY, waits.holder(0).contend(waits.name(), false, null));
            Contender newest = coming.get(round).contend(waits.name(), true, null);
            answers("OR-1", Answer.WAITING, newest);
        });
    }

    private void wakesFew(String what, Event event) throws Exception {
        Waits waits = new Waits();
        int fewest = Integer.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            int before = waits.tap.hints();
            event.happens(waits, round);
            Await.pass(time().moment());
            fewest = Math.min(fewest, waits.tap.hints() - before);
        }
        int woken = fewest;
        check(
                "SP-4",
                woken <= FEW,
                () -> "of " + WAITERS + " who wait for a lock, and as many for another one, " + what + " wakes "
                        + woken);
    }

    /** Two lines on one connection that is listened to. */
    private final class Waits {
        private final LineTap tap;
        private final List<SpiClient> clients = new ArrayList<>();
        private final List<Contender> line = new ArrayList<>();
        private final Grant first;

        Waits() throws Exception {
            Tapped tapped = tapped();
            tap = tapped.tap();
            first = granted("OR-1", tapped.client().contend(WakeUpsKit.this.name(), true, null));
            Grant other = granted("OR-1", tapped.client().contend(WakeUpsKit.this.name(), true, null));
            clients.add(tapped.client());
            for (int i = 0; i < WAITERS; i++) {
                SpiClient client = scene().spi(
                                tapped.client().backend(),
                                new SessionOptions(time().longLease(), WakeUpsKit.this.name(), scene().runtime()));
                clients.add(client);
                Contender waiting = client.contend(first.name(), true, null);
                answers("OR-1", Answer.WAITING, waiting);
                line.add(waiting);
                answers("OR-1", Answer.WAITING, client.contend(other.name(), true, null));
            }
        }

        String name() {
            return first.name();
        }

        /** Whose turn it is when so many have held. */
        SpiClient holder(int turn) {
            return clients.get(turn);
        }

        Grant grant(int turn) throws Exception {
            return turn == 0 ? first : granted("OR-1", line.get(turn - 1));
        }

        Contender contender(int place) {
            return line.get(place);
        }
    }
}
