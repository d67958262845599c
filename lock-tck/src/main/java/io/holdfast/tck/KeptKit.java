// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import static io.holdfast.tck.internal.Disturbance.HOLD_REPLY;
import static io.holdfast.tck.internal.Disturbance.LOSE_REPLY;
import static io.holdfast.tck.internal.Disturbance.LOSE_REQUEST;
import static io.holdfast.tck.internal.Disturbance.REFUSE;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.LockInfo;
import io.holdfast.LockListener;
import io.holdfast.spi.LockBackend;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.Call;
import io.holdfast.tck.internal.Disturbance;
import io.holdfast.tck.internal.Heard;
import io.holdfast.tck.internal.Step;
import io.holdfast.tck.internal.Tap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** KE: a hold is kept for as long as its process runs and its store answers. */
abstract class KeptKit extends Kit {
    /** 80 leases of 1.5 s; a test that takes half as long again is taken for hung. */
    private static final long LONG_MILLIS = 120_000;

    @Test
    @Proves({"KE-1", "LI-1", "IN-2"})
    void aHoldOutlastsItsLeaseThreeTimesWhileAnotherClientWaits() throws Exception {
        whileRenewalsAreInTime(Set.of("KE-1", "ME-1", "IN-2"), () -> keeps(lease().multipliedBy(3)));
    }

    @Test
    @Tag("long")
    @Proves("KE-1")
    void aHoldIsKeptForManyLeases() throws Exception {
        whileRenewalsAreInTime(Set.of("KE-1", "ME-1", "IN-2"), () -> keeps(time().scaled(LONG_MILLIS)));
    }

    private void keeps(Duration time) throws Exception {
        String name = name();
        LockClient client = client(config -> config.withLease(lease()));
        Heard heard = new Heard();
        client.addListener(new LockListener() {
            @Override
            public void renewed(String lock, long fencingToken) {
                throw new IllegalStateException("a listener that throws at every renewal");
            }
        });
        client.addListener(heard);
        LockHandle hold = hold("KE-1", client, name);
        LockInfo shown = client.lock(name).inspect();
        LockClient second = client(config -> config.withLease(lease()));
        Call<LockHandle> waiting = begin(() -> second.acquire(name));
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() - end < 0) {
            check("KE-1", hold.isValid(), () -> "a hold of a living process ended; heard " + heard.kinds(name));
            check("ME-1", !waiting.isDone(), () -> "a waiter was given the lock of a living process");
            Await.pass(time().moment().dividedBy(10));
        }
        check(
                "KE-1",
                client.metrics().lost() == 0 && heard.losses().isEmpty(),
                () -> "losses without a fault: " + client.metrics() + heard.losses());
        LockInfo later = client.lock(name).inspect();
        check(
                "IN-2",
                later.holder().equals(shown.holder())
                        && later.fencingToken().equals(shown.fencingToken())
                        && later.since().equals(shown.since()),
                () -> "a hold was renewed for longer than its lease, and " + shown + " is shown as " + later);
        hold.release();
        LockHandle next = result("KE-1", patience(), "a waiter of several leases, after the release,", waiting);
        check("KE-1", next.isValid(), () -> "a waiter of several leases was given a hold that is not valid");
        check(
                "KE-1",
                second.metrics().sessions() == 1,
                () -> "the waiter's session ended while it waited: " + second.metrics());
    }

    /** The ids of contenders begin anew in each client: an event must find its own client's. */
    @Test
    @Proves("KE-1")
    void theLossOfOneClientsHoldEndsNoOtherClients() throws Exception {
        whileRenewalsAreInTime(Set.of("KE-1"), this::oneOfThreeLoses);
    }

    private void oneOfThreeLoses() throws Exception {
        LockBackend shared = scene().backend();
        UnaryOperator<LockConfig> briefly = config -> config.withLease(lease());
        LockClient unlucky = scene().keep(LockClient.open(shared, scene().config(briefly)));
        List<LockClient> others =
                List.of(scene().keep(LockClient.open(shared, scene().config(briefly))), client(briefly));
        Heard heard = new Heard();
        String lost = name();
        LockHandle ended = hold("KE-1", unlucky, lost);
        List<LockHandle> kept = new ArrayList<>();
        for (LockClient other : others) {
            other.addListener(heard);
            kept.add(hold("KE-1", other, name()));
        }
        client().lock(lost).forceUnlock();
        within(
                "LO-5",
                lease().plus(patience()),
                () -> !ended.isValid(),
                () -> "a lock was forced open, and its holder's hold goes on");
        Await.pass(time().moment());
        for (LockHandle hold : kept) {
            check(
                    "KE-1",
                    hold.isValid() && heard.losses().isEmpty(),
                    () -> "the hold of one client was ended by force, and another client lost " + hold.name() + ": "
                            + heard.losses());
        }
    }

    @Test
    @Proves("KE-2")
    void oneBadRenewalLosesNothing() throws Exception {
        needsLease();
        whileRenewalsAreInTime(Set.of("KE-2"), this::meetsOneBadRenewalEach);
    }

    private void meetsOneBadRenewalEach() throws Exception {
        Map<Disturbance, LockHandle> holds = new EnumMap<>(Disturbance.class);
        Map<Disturbance, Tap> taps = new EnumMap<>(Disturbance.class);
        for (Disturbance how : new Disturbance[] {REFUSE, LOSE_REQUEST, LOSE_REPLY, HOLD_REPLY}) {
            Tap tap = new Tap();
            taps.put(how, tap);
            holds.put(how, hold("KE-2", shortLived(tap), name()));
            tap.disturb(Step.RENEW, how, 1);
        }
        long end = System.nanoTime() + lease().multipliedBy(2).toNanos();
        while (System.nanoTime() - end < 0) {
            holds.forEach((how, hold) ->
                    check("KE-2", hold.isValid(), () -> "one renewal met " + how + ", and the hold was lost"));
            Await.pass(time().moment().dividedBy(10));
        }
        taps.forEach((how, tap) -> check(
                "KE-2", tap.count(Step.RENEW) > 1, () -> "after a renewal that met " + how + " no other was sent"));
    }
}
