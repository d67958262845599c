// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.spi.Contender;
import io.holdfast.spi.Contender.Answer;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionOptions;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.Call;
import io.holdfast.tck.internal.SpiClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** ME-2 at the level of the SPI: a lease is counted from before its request, never from an answer. */
abstract class BasisKit extends SpiCase {
    private static final int MEETING = 6;
    private static final int ROUNDS = 15;

    @Test
    @Alone
    @Proves("ME-2")
    void anOpenedSessionIsCountedFromTheRequestHoweverLateItsAnswer() throws Exception {
        claims(capabilities().scope() == LeaseScope.SESSION, "no lease begins with a session here");
        LockBackend backend = scene().backend();
        open(backend); // whatever a first session connects is there
        Duration late = time().moment().multipliedBy(2);
        SpiClient listening = new SpiClient(backend);
        SessionOptions options = new SessionOptions(time().longLease(), name(), scene().runtime());
        faults().holdRequests();
        long sent = System.nanoTime();
        Call<LockSession> opening = begin(() ->
                backend.openSession(options, listening).toCompletableFuture().get());
        Await.pass(late);
        faults().heal();
        LockSession session = result("ME-2", patience(), "the opening of a session that was delivered late", opening);
        long after = session.basis() - sent;
        done("SP-3", "close()", session.close());
        check(
                "ME-2",
                after < late.toNanos() / 2,
                () -> "the opening of a session took " + late + ", and its lease counts from " + Duration.ofNanos(after)
                        + " after it was sent: from when its answer came");
    }

    private void open(LockBackend backend) throws Exception {
        SpiClient listening = new SpiClient(backend);
        SessionOptions options = new SessionOptions(time().longLease(), name(), scene().runtime());
        LockSession session = done("ME-2", "openSession", backend.openSession(options, listening));
        done("SP-3", "close()", session.close());
    }

    @Test
    @Alone
    @Proves("ME-2")
    void aRenewedLeaseIsCountedFromTheRequestHoweverLateItsAnswer() throws Exception {
        needsLease();
        SpiClient first = spi();
        Contender holding = first.contend(name(), true, null);
        Grant grant = granted("ME-2", holding);
        Duration late = time().moment().multipliedBy(2);
        faults().holdRequests();
        long sent = System.nanoTime();
        Call<Renewal> renewing = begin(() ->
                first.session().renew(List.of(holding)).toCompletableFuture().get());
        Await.pass(late);
        faults().heal();
        Renewal renewal = result("ME-2", patience(), "a renewal that was delivered late", renewing);
        ContenderStatus status = renewal.statuses().get(holding.request().contenderId());
        Grant renewed = status instanceof ContenderStatus.Holding holds ? holds.grant() : grant;
        long basis = basis(first, renewed);
        check(
                "ME-2",
                basis - sent < late.toNanos() / 2,
                () -> "a renewal took " + late + ", and the lease counts from " + Duration.ofNanos(basis - sent)
                        + " after it was sent: from when its answer came");
    }

    @Test
    @Proves("ME-2")
    void aGrantThatWasWaitedForIsCountedFromBeforeItsWakeUp() throws Exception {
        queued();
        needsLease();
        String name = name();
        SpiClient first = spi();
        SpiClient second = spi();
        Grant held = granted("ME-2", first.contend(name, true, null));
        Contender waiting = second.contend(name, true, null);
        answers("ME-2", Answer.WAITING, waiting);
        long answered = System.nanoTime();
        Await.pass(time().moment());
        done("ME-2", "release", first.session().release(held));
        Grant grant = granted("ME-2", waiting);
        long basis = basis(second, grant);
        check(
                "ME-2",
                basis <= answered,
                () -> "nothing was renewed since the place in line was acknowledged, and the " + "grant counts from "
                        + Duration.ofNanos(basis - answered) + " after that: from its wake-up");
    }

    /** The answer to an older renewal may come last. That it does not move the basis back is looked at with each renewal. */
    @Test
    @Proves("ME-2")
    void renewalsThatMeetMoveTheBasisForwardOnly() throws Exception {
        claims(capabilities().scope() == LeaseScope.SESSION, "no lease begins with a session here");
        SpiClient client = spi();
        List<Contender> holding = List.of(client.contend(name(), true, null));
        granted("ME-2", holding.get(0));
        List<Call<Long>> renewers = new ArrayList<>();
        for (int i = 0; i < MEETING; i++) {
            renewers.add(begin(() -> {
                for (int round = 0; round < ROUNDS; round++) {
                    client.session().renew(holding).toCompletableFuture().get();
                    client.session().basis();
                }
                return client.session().basis();
            }));
        }
        for (Call<Long> renewer : renewers) {
            long seen = result("ME-2", patience(), "renewals that meet", renewer);
            long after = client.session().basis();
            check("ME-2", after - seen >= 0, () -> "the basis went back by " + Duration.ofNanos(seen - after));
        }
    }
}
