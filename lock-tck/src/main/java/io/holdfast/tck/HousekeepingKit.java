// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.spi.Contender;
import io.holdfast.spi.Contender.Answer;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.Renewal;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.SpiClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * KE-1, OR-1 and FT-1 of what stands long: whoever sweeps a store of what is old, as it opens, looks, takes or leaves, finds holds and places
 * that were taken leases ago and are renewed late each time, and numbers of locks that nobody holds. All of that stays.
 */
abstract class HousekeepingKit extends SpiCase {
    /** Of half a lease each, and of what others do then. */
    private static final int ROUNDS = 7;

    @Test
    @Proves({"KE-1", "OR-1", "FT-1"})
    void whatStandsLongIsKeptThoughOthersComeAndGo() throws Exception {
        needsSilence();
        whileRenewalsAreInTime(Set.of("KE-1", "OR-1", "ME-1"), () -> new Old().play());
    }

    /** A holder and a waiter that renew late, and the names of a holder that died and of one that released. */
    private final class Old {
        private final SpiClient visitor = spi();
        private final Grant before = granted("OR-1", spi().contend(name(), true, null));
        private final Grant dead = holder("FT-1", name()).grant();
        private final Grant released = releasedAtOnce();
        private final List<Contender> renewed = new ArrayList<>();
        private final Holder slow = holder("KE-1", name());
        private long since = basis(slow.client(), slow.grant());

        Old() throws Exception {
            renewed.add(slow.contender());
            if (capabilities().queues()) {
                Contender waiting = slow.client().contend(before.name(), true, null);
                answers("OR-1", Answer.WAITING, waiting);
                renewed.add(waiting);
            }
        }

        private Grant releasedAtOnce() throws Exception {
            Holder once = holder("FT-1", name());
            done("UO-3", "release", once.client().session().release(once.grant()));
            done("CL-1", "close() of a session", once.client().session().close());
            return once.grant();
        }

        void play() throws Exception {
            try {
                stands();
            } catch (HarnessTrouble noVerdict) {
                for (Grant left :
                        List.of(dead, slow.grant())) { // what a client leaves that dies goes with the next one
                    done("UO-3", "release", visitor.session().release(take(visitor, left.name())));
                }
                throw noVerdict;
            }
        }

        private void stands() throws Exception {
            for (int round = 1; round <= ROUNDS; round++) {
                Await.pass(lease().dividedBy(2));
                visit();
                renew(round);
            }
            rises(dead, "whose holder died");
            rises(released, "that was released");
        }

        /** What is answered when the lease can be over, by two clocks that differ, is no verdict. */
        private void inTime() {
            if (System.nanoTime() - since > lease().toNanos() / 100 * 97) {
                throw new HarnessTrouble("what others do meanwhile took so long that a lease of " + lease()
                        + " was not renewed in time");
            }
        }

        /** What others do meanwhile, each of which may be when a store is swept. */
        private void visit() throws Exception {
            String name = slow.grant().name();
            SpiClient guest = spi();
            Contender taking = guest.contend(name(), false, null);
            Grant taken = granted("KE-1", taking);
            Contender refused = guest.contend(name, false, null);
            Answer answer = done("KE-1", "a try", refused.answered());
            inTime();
            check(
                    "KE-1",
                    answer == Answer.BUSY,
                    () -> "a holder renews late, but in time, and another client's try is answered " + answer);
            done("IN-2", "list()", guest.backend().list());
            done("IN-2", "inspect", guest.backend().inspect(name));
            done("KE-1", "a renewal", guest.session().renew(List.of(taking)));
            done("UO-3", "release", guest.session().release(taken));
            done("CL-1", "close() of a session", guest.session().close());
        }

        private void renew(int round) throws Exception {
            long sent = System.nanoTime();
            Renewal renewal = done(
                    "KE-1", "a renewal", slow.client().session().renew(renewed).exceptionally(failure -> null));
            inTime();
            check("KE-1", renewal != null, () -> "a renewal that came late, but in time, failed");
            since = sent;
            for (Contender contender : renewed) {
                ContenderStatus status =
                        renewal.statuses().get(contender.request().contenderId());
                boolean holds = contender == slow.contender();
                check(
                        holds ? "KE-1" : "OR-1",
                        !(status instanceof ContenderStatus.Gone),
                        () -> (holds ? "a hold" : "a place in line") + " was renewed late, but in time, " + round
                                + " times, and is gone");
            }
            stillHeld("KE-1", visitor, slow.grant(), "what others did while it was renewed late, but in time,");
            if (renewed.size() > 1 && capabilities().scope() != LeaseScope.NONE) {
                int contenders = done("OR-1", "inspect", visitor.backend().inspect(before.name()))
                        .contenders();
                check(
                        "OR-1",
                        contenders == 2,
                        () -> "a place in line was renewed late, but in time, and the store shows " + contenders
                                + " contenders");
            }
        }

        private void rises(Grant old, String what) throws Exception {
            Grant next = granted("FT-1", visitor.contend(old.name(), false, null));
            check(
                    "FT-1",
                    next.storeToken() > old.storeToken(),
                    () -> "of a lock " + what + " leases ago, " + next + " came after " + old);
            check("UO-3", done("UO-3", "release", visitor.session().release(next)), () -> next + " was gone");
        }
    }
}
