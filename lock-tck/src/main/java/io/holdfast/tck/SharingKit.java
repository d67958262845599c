// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.ForceOutcome;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Contender.Answer;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.StoredLock;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.Call;
import io.holdfast.tck.internal.SpiClient;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Clients of one connection, and of one thread: each has its own lease, its own name, its own news and its own locks. */
abstract class SharingKit extends SpiCase {
    private static final int TRIES = 3;

    private SpiClient session(LockBackend of, Duration lease, String label) throws Exception {
        return scene().spi(of, new SessionOptions(lease, label, scene().runtime()));
    }

    /** Of the thread that asks, or of its connection, a store may know that it holds; it is not who holds. */
    @Test
    @Proves({"RE-6", "ME-1"})
    void clientsThatAskOnOneThreadAreStrangers() throws Exception {
        LockBackend shared = scene().backend();
        List<SpiClient> clients = List.of(
                session(shared, time().longLease(), name()), session(shared, time().longLease(), name()), spi());
        String name = name();
        Contender holding = clients.get(0).session().contend(clients.get(0).request(name, false, null));
        List<Answer> answers = result("SP-3", patience(), "three tries on one thread", begin(() -> {
            holding.start();
            Answer first = holding.answered().toCompletableFuture().get();
            return List.of(first, tried(clients.get(1), name), tried(clients.get(2), name));
        }));
        check("RE-6", answers.get(0) == Answer.GRANTED, () -> "a free lock was refused");
        check(
                "RE-6",
                answers.get(1) == Answer.BUSY,
                () -> "on the thread that took '" + name + "' for one client of a connection, another client of it was"
                        + " answered " + answers.get(1));
        check(
                "RE-6",
                answers.get(2) == Answer.BUSY,
                () -> "on the thread that took '" + name + "' for one client, a client with a connection of its own was"
                        + " answered " + answers.get(2));
        stillHeld("RE-6", clients.get(2), granted("RE-6", holding), "a try by another client on the same thread");
    }

    private static Answer tried(SpiClient client, String name) throws Exception {
        Contender contender = client.session().contend(client.request(name, false, null));
        contender.start();
        return contender.answered().toCompletableFuture().get();
    }

    /** A client whose end could not be told is silent, too, beside the others of its connection: they must not keep what it had. */
    @Test
    @Proves({"CR-1", "CL-1"})
    void aSilentClientsGrantEndsThoughOthersOfItsConnectionRenew() throws Exception {
        needsSilence();
        LockBackend shared = scene().backend();
        SpiClient other = spi();
        SpiClient silent = session(shared, lease(), name());
        Contender left = silent.contend(name(), false, null);
        done(
                "CR-1",
                "a grant",
                left.granted().handle((grant, failure) -> grant)); // a busy machine may be too late for it
        SpiClient renewing = session(shared, time().longLease(), name());
        Contender kept = renewing.contend(name(), false, null);
        granted("CR-1", kept);
        Call<Grant> taking = begin(() -> take(other, left.request().name()));
        long end = System.nanoTime() + time().takeover().toNanos();
        while (!taking.isDone() && System.nanoTime() - end < 0) {
            done("KE-1", "a renewal", renewing.session().renew(List.of(kept)).handle((renewal, failure) -> true));
            Await.until(lease().dividedBy(5), taking::isDone);
        }
        check(
                "CR-1",
                taking.isDone(),
                () -> "a client fell silent, and renewals of another client of its connection kept its lock for "
                        + time().takeover());
        granted("CR-1", kept);
    }

    /** The first client of a connection may have had another lease; the one whose lease is short falls silent. */
    @Test
    @Proves({"CF-5", "IN-2"})
    void clientsOfOneConnectionHaveTheirOwnLeasesAndLabels() throws Exception {
        LockBackend shared = scene().backend();
        SpiClient other = spi();
        SpiClient lasting = session(shared, time().longLease(), name());
        Grant kept = granted("CF-5", lasting.contend(name(), false, null));
        String label = name();
        SpiClient second = session(shared, time().longLease(), label);
        Grant named = granted("IN-2", second.contend(name(), false, null));
        StoredLock shown = done("IN-2", "inspect", other.backend().inspect(named.name()));
        check(
                "IN-2",
                label.equals(shown.holder()),
                () -> "a client with the label '" + label + "' holds, on a connection that others share, and the"
                        + " store shows " + shown);
        needsSilence();
        Duration said = session(shared, lease(), name()).session().lease();
        check(
                "CF-5",
                said.equals(lease()),
                () -> "two clients of one connection asked for leases of " + time().longLease() + " and " + lease()
                        + ", and their sessions say " + lasting.session().lease() + " and " + said);
        whileRenewalsAreInTime(Set.of("CF-5"), () -> fallsSilent(session(shared, lease(), name()), other));
        stillHeld("CF-5", other, kept, "the end of the lease of another client of the connection");
    }

    private void fallsSilent(SpiClient brief, SpiClient other) throws Exception {
        Grant ending = granted("CF-5", brief.contend(name(), false, null));
        within(
                "CF-5",
                time().takeover(),
                () -> done(
                                "CF-5",
                                "a try",
                                other.contend(ending.name(), false, null).answered())
                        == Answer.GRANTED,
                () -> "a client with a lease of " + lease() + " fell silent, and holds on; another client of its"
                        + " connection has one of " + time().longLease());
    }

    /** The news of a loss goes to whom it concerns, whoever came to the connection last. */
    @Test
    @Proves({"LO-5", "KE-1"})
    void theNewsOfAConnectionReachTheClientTheyAreOf() throws Exception {
        LockBackend shared = scene().backend();
        SpiClient first = session(shared, time().longLease(), name());
        SpiClient last = session(shared, time().longLease(), name());
        Contender forced = first.contend(name(), false, null);
        Grant taken = granted("LO-5", forced);
        Contender kept = last.contend(name(), false, null);
        Grant held = granted("KE-1", kept);
        ForceOutcome outcome =
                done("IN-3", "forceRelease", spi().backend().forceRelease(taken.name(), OptionalLong.empty()));
        check("IN-3", outcome == ForceOutcome.RELEASED, () -> "a forced release of " + taken + " says " + outcome);
        within(
                "LO-5",
                patience(),
                () -> first.losses() > 0 || !first.lostGrants().isEmpty() || isGone(first, forced),
                () -> "a grant was released by force, and neither an event nor a renewal tells its client");
        done("KE-1", "a renewal", last.session().renew(List.of(kept)));
        check(
                "KE-1",
                last.losses() == 0 && last.lostGrants().isEmpty(),
                () -> "a client's grant was released by force, and another client of the same connection, which holds "
                        + held + ", is told that it lost " + last.lostGrants());
        stillHeld("KE-1", first, held, "a forced release of another client's grant");
        check("UO-3", done("UO-3", "release", last.session().release(held)), () -> held + " was gone");
    }

    private boolean isGone(SpiClient client, Contender contender) throws Exception {
        Renewal renewal = done("LO-5", "a renewal", client.session().renew(List.of(contender)));
        return renewal.statuses().get(contender.request().contenderId()) instanceof ContenderStatus.Gone;
    }

    /** A client that holds nothing has a session all the same; what it takes after a while is given to it. */
    @Test
    @Proves({"KE-1", "SP-3"})
    void aSessionThatHoldsNothingIsKept() throws Exception {
        needsLease();
        claims(
                capabilities().scope() == LeaseScope.SESSION,
                "a lease here is a grant's: a session that holds nothing has none");
        for (int i = 0; i < TRIES; i++) {
            if (isKept(scene().spi(lease()))) {
                return;
            }
        }
        throw new HarnessTrouble("the machine let a lease of " + lease() + " pass between two renewals");
    }

    /** False when the machine was so late that the lease may have run out. */
    private boolean isKept(SpiClient idle) throws Exception {
        long opened = System.nanoTime();
        long renewed = opened;
        while (System.nanoTime() - opened < lease().toNanos() * 3 / 2) {
            Await.pass(lease().dividedBy(4));
            long sent = System.nanoTime();
            Renewal renewal = done(
                    "KE-1",
                    "a renewal without contenders",
                    idle.session().renew(List.of()).exceptionally(failure -> null));
            if (isOver(renewed)) {
                return false;
            }
            check("KE-1", renewal != null, () -> "a renewal without contenders, which came in time, failed");
            renewed = sent;
        }
        Contender contender = idle.contend(name(), false, null);
        Answer answer = done("KE-1", "a try", contender.answered().handle((known, failure) -> known));
        if (isOver(renewed)) {
            return false;
        }
        check(
                "KE-1",
                answer == Answer.GRANTED && idle.losses() == 0,
                () -> "a session was renewed in time, for one and a half leases, while it held nothing, and what it"
                        + " asked for then was answered " + answer + why(contender));
        return true;
    }

    private boolean isOver(long renewed) {
        return System.nanoTime() - renewed > lease().toNanos() / 100 * 99;
    }
}
