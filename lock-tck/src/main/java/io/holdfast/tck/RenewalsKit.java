// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.ForceOutcome;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Contender.Answer;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.Renewal;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.SpiClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** KE-1 and CR-1: what a renewal is worth, by itself and among many. */
abstract class RenewalsKit extends SpiCase {
    private static final int ATTEMPTS = 5;
    private static final int RENEWALS = 40;
    private static final int FEW = 5;

    /** More than a store's batches: of a hundred, or of 128. */
    private static final int HOLDS = 130;

    /** In a store in which so many take too long: more than its batches of a few. */
    private static final int FEWEST = 30;

    /** So often it is tried to hold them all: a machine that was busy the first time may not be so the next time. */
    private static final int TRIES_FOR_ALL = 3;

    /** More than the connections of a usual pool. */
    private static final int WAITS = 40;

    @Test
    @Proves({"KE-1", "CR-1"})
    void manyRenewalsExtendAHoldAsFarAsOneAndNoFurther() throws Exception {
        needsSilence();
        SpiClient other = spi();
        untilInTime(() -> {
            String name = name();
            Renewing holder = new Renewing(holder("KE-1", name));
            for (int i = 0; i < RENEWALS; i++) {
                if (!holder.renews()) {
                    return false;
                }
            }
            return holder.goesOn() && holder.keepsUntilTheEnd("KE-1", other, name) && freesInTime(other, name);
        });
    }

    private boolean freesInTime(SpiClient other, String name) throws Exception {
        result(
                "CR-1",
                time().takeover(),
                "the next client, behind one that renewed " + RENEWALS + " times and fell silent,",
                begin(() -> take(other, name)));
        return true;
    }

    /** Nothing renews it: what it was granted for is all there. */
    @Test
    @Proves("CF-5")
    void aGrantLastsAsLongAsItsLease() throws Exception {
        needsSilence();
        SpiClient other = spi();
        untilInTime(() -> {
            String name = name();
            return new Renewing(holder("CF-5", name)).keepsUntilTheEnd("CF-5", other, name);
        });
    }

    @Test
    @Proves({"KE-1", "LO-5"})
    void eachOfManyHoldsIsRenewedThoughSomeAreGone() throws Exception {
        needsSilence();
        SpiClient other = spi();
        AtomicInteger tries = new AtomicInteger();
        untilInTime(() -> {
            Renewing holder = new Renewing(holder("KE-1", name()));
            long enough = System.nanoTime() + time().scaled(3000).toNanos();
            for (int i = 1; i < HOLDS && (i < FEWEST || System.nanoTime() - enough < 0); i++) {
                if (!holder.alsoHolds(name()) || (i % FEW == 0 && !holder.renews())) {
                    return false;
                }
            }
            for (int i = 0; i < FEWEST; i += 10) {
                if (!holder.isForced(other, i)) {
                    return false;
                }
            }
            boolean judged = holder.goesOn() && holder.releasesAll();
            return judged && (holder.holds() >= HOLDS || tries.incrementAndGet() >= TRIES_FOR_ALL);
        });
    }

    /** Each wait may take a connection or a thread: what has to be done meanwhile must not stand behind them. */
    @Test
    @Proves("KE-3")
    void manyWaitsLeaveRoomForARenewal() throws Exception {
        queued();
        SpiClient holder = spi();
        SpiClient waiting = spi();
        Contender held = waiting.contend(name(), true, null);
        Grant grant = granted("KE-3", held);
        List<Contender> waits = new ArrayList<>();
        for (int i = 0; i < WAITS; i++) {
            String name = name();
            granted("KE-3", holder.contend(name, false, null));
            waits.add(waiting.contend(name, true, null));
        }
        for (Contender wait : waits) {
            answers("KE-3", Answer.WAITING, wait);
        }
        String meanwhile = " while its client waits for " + WAITS + " other locks";
        Renewal renewal =
                done("KE-3", "a renewal" + meanwhile, waiting.session().renew(List.of(held)));
        check(
                "KE-3",
                !(renewal.statuses().get(grant.contenderId()) instanceof ContenderStatus.Gone),
                () -> grant + " is gone" + meanwhile);
        check(
                "KE-3",
                done("KE-3", "a release" + meanwhile, waiting.session().release(grant)),
                () -> grant + " was gone");
    }

    /** A scene in which leases have to be renewed in time; false when the machine was too slow for it to say anything. */
    private interface Timely {
        boolean plays() throws Exception;
    }

    private void untilInTime(Timely scene) throws Exception {
        for (int i = 0; i < ATTEMPTS; i++) {
            if (scene.plays()) {
                return;
            }
        }
        throw new HarnessTrouble(
                "the machine was too slow " + ATTEMPTS + " times to renew a lease of " + lease() + " in time");
    }

    /**
     * A client that renews its holds. What it sees is judged only when it was answered before its lease can have been over,
     * whatever two clocks drift apart; else its methods return false.
     */
    private final class Renewing {
        private final SpiClient client;
        private final List<Contender> contenders = new ArrayList<>();
        private final List<Grant> grants = new ArrayList<>();
        private final Set<Long> gone = new HashSet<>();
        private long basis;

        /** How many it was given, those that are gone among them. */
        int holds() {
            return grants.size();
        }

        Renewing(Holder first) {
            client = first.client();
            contenders.add(first.contender());
            grants.add(first.grant());
            basis = basis(client, first.grant());
        }

        private boolean isInTime() {
            return System.nanoTime() - basis < part(0.99);
        }

        private long part(double ofTheLease) {
            return Math.round(lease().toNanos() * ofTheLease);
        }

        boolean alsoHolds(String name) throws Exception {
            Contender contender = client.contend(name, false, null);
            Grant grant = done("KE-1", "the grant of " + contender.request(), contender.granted());
            if (!isInTime()) {
                return false;
            }
            check("KE-1", grant != null, () -> contender.request() + " of a free name was not granted");
            contenders.add(contender);
            grants.add(grant);
            return true;
        }

        /** Another client takes one of its holds away. */
        boolean isForced(SpiClient other, int hold) throws Exception {
            ForceOutcome outcome = done(
                    "LO-5",
                    "forceRelease",
                    other.backend().forceRelease(grants.get(hold).name(), OptionalLong.empty()));
            gone.add(grants.get(hold).contenderId());
            return outcome == ForceOutcome.RELEASED;
        }

        boolean renews() throws Exception {
            Renewal renewal =
                    done("KE-1", "a renewal", client.session().renew(contenders).exceptionally(failure -> null));
            if (!isInTime()) {
                return false;
            }
            check("KE-1", renewal != null, () -> "a renewal that came in time failed");
            Map<Long, ContenderStatus> statuses = renewal.statuses();
            check(
                    "KE-1",
                    contenders.stream()
                            .map(each -> each.request().contenderId())
                            .noneMatch(id -> statuses.get(id) instanceof ContenderStatus.Gone && !gone.contains(id)),
                    () -> "a renewal that came in time calls a hold gone: " + statuses);
            basis = capabilities().scope() == LeaseScope.SESSION
                    ? client.session().basis()
                    : renewal.sentAt();
            return true;
        }

        /** Renews as often as is usual, until no lease is left that was not renewed. */
        boolean goesOn() throws Exception {
            long end = System.nanoTime() + part(1.25);
            boolean inTime = true;
            while (inTime && System.nanoTime() - end < 0) {
                Await.pass(lease().dividedBy(4));
                inTime = renews();
            }
            return inTime;
        }

        /** Near the end of the last renewal's lease another client tries: all of that lease has to be there. */
        boolean keepsUntilTheEnd(String rule, SpiClient other, String name) throws Exception {
            Await.pass(Duration.ofNanos(Math.max(0, basis + part(0.8) - System.nanoTime())));
            Contender early = other.contend(name, false, null);
            Grant taken = done(rule, "a try while another client holds", early.granted());
            check(
                    rule,
                    taken == null || !isInTime(),
                    () -> "before a lease of " + lease() + " was over the store gave the lock to another client: "
                            + taken);
            return taken == null;
        }

        boolean releasesAll() throws Exception {
            for (Grant grant : grants) {
                boolean released = done(
                        "KE-1",
                        "a release",
                        client.session().release(grant).handle((freed, failure) -> failure == null && freed));
                if (gone.contains(grant.contenderId())) {
                    check("LO-5", !released, () -> grant + " was released by force, and released once more");
                    continue;
                }
                check(
                        "KE-1",
                        released || !isInTime(),
                        () -> "a client renewed its " + grants.size()
                                + " holds, and before their lease was over that of '" + grant.name() + "' was gone");
                if (!released) {
                    return false;
                }
            }
            return true;
        }
    }
}
