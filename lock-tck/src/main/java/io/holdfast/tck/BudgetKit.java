// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.DistributedLock;
import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import io.holdfast.LockMetrics;
import io.holdfast.LockOwner;
import io.holdfast.spi.LeaseScope;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.Call;
import io.holdfast.tck.internal.Step;
import io.holdfast.tck.internal.Tap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** SP-4: what an acquisition, a release, a wait and a renewal cost in calls to the backend. */
abstract class BudgetKit extends Kit {
    private static final int ROUNDS = 20;

    @Test
    @Proves("SP-4")
    void anAcquisitionIsOneContendAndARelease() throws Exception {
        String name = name();
        Tap tap = new Tap();
        LockClient client = client(tap);
        for (int i = 0; i < ROUNDS; i++) {
            hold("SP-4", client, name).release();
        }
        check("SP-4", tap.count(Step.CONTEND) == ROUNDS, () -> ROUNDS + " acquisitions cost " + tap.counts());
        check("SP-4", tap.count(Step.RELEASE) == ROUNDS, () -> ROUNDS + " releases cost " + tap.counts());
        check(
                "SP-4",
                tap.count(Step.WITHDRAW) + tap.count(Step.LOOK) == 0,
                () -> "beside them there were " + tap.counts());
        check("SP-4", tap.count(Step.OPEN) == 1, () -> "sessions were opened: " + tap.counts());
        LockMetrics metrics = client.metrics();
        check(
                "SP-4",
                metrics.contends() == ROUNDS && metrics.releases() == ROUNDS && metrics.acquired() == ROUNDS,
                () -> "the client's own counts differ: " + metrics + " for " + tap.counts());
    }

    @Test
    @Proves({"SP-4", "FT-1"})
    void aHandOffCostsNothing() throws Exception {
        String name = name();
        Tap tap = new Tap();
        LockClient client = client(tap);
        LockHandle first = hold("SP-4", client, name);
        List<Call<Long>> waits = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            waits.add(begin(() -> {
                try (LockHandle hold = client.acquire(name)) {
                    return hold.fencingToken();
                }
            }));
        }
        eventually("SP-4", () -> client.metrics().waiting() == ROUNDS, () -> "waiting: " + client.metrics());
        int contends = tap.count(Step.CONTEND);
        first.release();
        for (Call<Long> wait : waits) {
            result("SP-4", patience(), "a hand-off", wait);
        }
        // The client may stand in the store's line beside its own hold, for the time when its run of hand-offs is over.
        check(
                "SP-4",
                contends <= 2 && tap.count(Step.CONTEND) == contends,
                () -> ROUNDS + " hand-offs cost " + tap.counts());
        eventually("SP-4", () -> tap.count(Step.RELEASE) == 1, () -> ROUNDS + " hand-offs cost " + tap.counts());
        check("SP-4", client.metrics().handoffs() == ROUNDS, () -> "hand-offs were not counted: " + client.metrics());
    }

    @Test
    @Proves("SP-4")
    void aWaitCostsOneContend() throws Exception {
        claims(capabilities().queues(), "the store keeps no line: who waits polls");
        String name = name();
        LockHandle hold = hold("SP-4", client(), name);
        Tap tap = new Tap();
        LockClient client = client(tap);
        Call<LockHandle> waiting = begin(() -> client.acquire(name));
        stays("SP-4", waiting, () -> "a held lock was given away");
        hold.release();
        result("SP-4", patience(), "the waiter", waiting);
        check("SP-4", tap.count(Step.CONTEND) == 1 && tap.count(Step.LOOK) == 0, () -> "a wait cost " + tap.counts());
    }

    @Test
    @Proves("SP-4")
    void aRenewalRoundIsOneCallHoweverManyNamesAreHeld() throws Exception {
        claims(capabilities().scope() != LeaseScope.NONE, "the store has no leases: nothing is renewed");
        whileRenewalsAreInTime(Set.of("KE-1"), this::renewsManyForALease);
    }

    private void renewsManyForALease() throws Exception {
        Tap tap = new Tap();
        LockClient client = shortLived(tap);
        List<LockHandle> holds = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            holds.add(hold("SP-4", client, name()));
        }
        int before = tap.count(Step.RENEW);
        Await.pass(lease());
        int rounds = tap.count(Step.RENEW) - before;
        int most = 2 * capabilities().holdingRenewals() + 1;
        check(
                "SP-4",
                rounds >= 1 && rounds <= most,
                () -> ROUNDS + " holds cost " + rounds + " renewals in a lease; " + "the backend declares "
                        + capabilities().holdingRenewals());
        holds.forEach(hold -> check("KE-1", hold.isValid(), () -> "one of many holds was not renewed"));
    }

    @Test
    @Proves({"RE-3", "IN-1"})
    @SuppressWarnings("LockNotBeforeTry") // the calls are what is counted
    void reenteringAndLocalQueriesAskNobody() throws Exception {
        Tap tap = new Tap();
        LockClient client = client(tap);
        DistributedLock lock = client.lock(name()).ownedBy(LockOwner.named("owner"));
        LockHandle handle = hold("IN-1", client, name());
        lock.lock();
        String before = tap.counts();
        LockMetrics counted = client.metrics();
        for (int i = 0; i < ROUNDS; i++) {
            lock.lock();
            lock.isHeldByCurrentThread();
            lock.getHoldCount();
            lock.fencingToken();
            lock.remainingLease();
            handle.isValid();
            handle.fencingToken();
            handle.remainingLease();
            client.metrics();
            lock.unlock();
        }
        LockMetrics after = client.metrics();
        check(
                "RE-3",
                after.contends() == counted.contends() && after.releases() == counted.releases(),
                () -> "re-entering was counted as requests: " + counted + " became " + after);
        Duration left = lock.remainingLease();
        // A renewal of its own may fall into this time when the store serves short leases only.
        if (left.compareTo(time().scaled(20_000)) > 0) {
            check(
                    "IN-1",
                    tap.counts().equals(before),
                    () -> "local calls were sent to the store: " + before + " became " + tap.counts());
        }
        lock.unlock();
    }
}
