// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import static io.holdfast.tck.internal.Disturbance.HOLD_REPLY;
import static io.holdfast.tck.internal.Disturbance.LOSE_REPLY;
import static io.holdfast.tck.internal.Disturbance.LOSE_REQUEST;
import static io.holdfast.tck.internal.Disturbance.REFUSE;

import io.holdfast.DistributedLock;
import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import io.holdfast.LockUnavailableException;
import io.holdfast.ReleaseOutcome;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.Call;
import io.holdfast.tck.internal.Disturbance;
import io.holdfast.tck.internal.Step;
import io.holdfast.tck.internal.Tap;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** UO: requests whose answer never came, and a store that is not reached. */
@SuppressWarnings("LockNotBeforeTry") // levels and releases are what is tested; the scene ends what a failure leaves
abstract class UnknownOutcomeKit extends Kit {
    @Test
    @Proves({"UO-1", "ER-1"})
    void busyIsFalseAndUnreachableIsAnError() throws Exception {
        String name = name();
        Tap tap = new Tap();
        LockClient client = client(tap);
        LockClient other = client();
        LockHandle hold = hold("UO-1", other, name);
        check("UO-1", !client.lock(name).tryLock(), () -> "a held lock was not refused");
        hold.release();
        for (Disturbance how : List.of(REFUSE, LOSE_REQUEST)) {
            tap.disturb(Step.CONTEND, how);
            LockUnavailableException failed = throwing(
                    "UO-1",
                    LockUnavailableException.class,
                    "tryLock while every contend meets " + how,
                    () -> client.lock(name).tryLock());
            check(
                    "ER-1",
                    says(failed, name) && says(failed, client.store()),
                    () -> "the error does not name lock and store: " + failed);
            tap.heal();
        }
        check("UO-1", client.tryAcquire(name).isPresent(), () -> "the store is reached again, and a free lock refused");
    }

    @Test
    @Proves({"UO-1", "WA-5", "LK-1"})
    void anAcquisitionWhoseAnswerWasLostIsUndone() throws Exception {
        String name = name();
        Tap tap = new Tap();
        LockClient client = client(tap);
        tap.disturb(Step.CONTEND, LOSE_REPLY, 1);
        throwing("UO-1", LockUnavailableException.class, "tryLock whose answer was lost", () -> client.lock(name)
                .tryLock());
        check("UO-1", client.metrics().held() == 0, () -> "an unknown outcome counts as a hold: " + client.metrics());
        LockClient other = client();
        free("UO-1", other, name);
        check(
                "UO-1",
                other.lock(name).inspect().contenders() == 1,
                () -> "the undone attempt is still there: " + other.lock(name).inspect());
    }

    @Test
    @Proves("UO-1")
    void anUndoIsTriedAgainUntilTheStoreConfirms() throws Exception {
        String name = name();
        Tap tap = new Tap();
        LockClient client = client(tap);
        tap.disturb(Step.CONTEND, LOSE_REPLY, 1);
        tap.disturb(Step.WITHDRAW, LOSE_REQUEST, 2);
        throwing("UO-1", LockUnavailableException.class, "tryLock whose answer was lost", () -> client.lock(name)
                .tryLock());
        LockClient other = client();
        free("UO-1", other, name);
        check("UO-1", tap.count(Step.WITHDRAW) >= 3, () -> "the undo was not tried again: " + tap.counts());
    }

    @Test
    @Proves({"WA-6", "WA-1"})
    void aWaitRidesThroughAnOutageWithinItsLimit() throws Exception {
        String name = name();
        Tap tap = new Tap();
        LockClient client = client(tap);
        tap.disturb(Step.CONTEND, REFUSE);
        Call<LockHandle> waiting = begin(() -> client.acquire(name, patience().multipliedBy(2)));
        stays("WA-6", waiting, () -> "a wait with a limit ended at the first failure of the store");
        tap.heal();
        result("WA-6", patience(), "a wait, after the outage,", waiting).release();
        tap.disturb(Step.CONTEND, REFUSE);
        Duration limit = time().moment();
        long begun = System.nanoTime();
        throwing(
                "UO-1",
                LockUnavailableException.class,
                "a timed try whose store was out of reach all the time",
                () -> client.lock(name).tryLock(limit));
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        check("WA-6", took.compareTo(limit) >= 0, () -> "a try with a limit of " + limit + " gave up after " + took);
    }

    @Test
    @Proves("WA-6")
    void aWaitWithoutALimitGivesUpWhenTheOutageLastsTooLong() throws Exception {
        Duration outage = time().moment().multipliedBy(2);
        Tap tap = new Tap();
        LockClient client = client(tap, config -> config.withOutageTimeout(outage));
        DistributedLock lock = client.lock(name());
        tap.disturb(Step.CONTEND, REFUSE);
        long begun = System.nanoTime();
        throwing("WA-6", LockUnavailableException.class, "lock() in an outage without end", () -> {
            lock.lock();
            return "the lock";
        });
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        check(
                "WA-6",
                took.compareTo(outage) >= 0,
                () -> "lock() gave up after " + took + ", outage-timeout is " + outage);
    }

    @Test
    @Proves("UO-5")
    void anUndoThatIsNotConfirmedRetiresTheSession() throws Exception {
        needsLease();
        whileRenewalsAreInTime(Set.of("UO-5"), this::leavesAnUndoOpen);
    }

    private void leavesAnUndoOpen() throws Exception {
        String orphan = name();
        Tap tap = new Tap();
        LockClient client = shortLived(tap);
        LockHandle kept = hold("UO-5", client, name());
        tap.disturb(Step.CONTEND, LOSE_REPLY, 1);
        tap.disturb(Step.WITHDRAW, LOSE_REQUEST);
        throwing("UO-5", LockUnavailableException.class, "tryLock whose answer was lost", () -> client.lock(orphan)
                .tryLock());
        within(
                "UO-5",
                lease().multipliedBy(2).plus(patience()),
                () -> {
                    // The next session is opened when somebody needs one.
                    client.tryAcquire(name()).ifPresent(LockHandle::release);
                    return tap.count(Step.OPEN) > 1;
                },
                () -> "an undo was not confirmed for two leases, and the session is used on: " + tap.counts());
        long end = System.nanoTime() + lease().toNanos();
        while (System.nanoTime() - end < 0) {
            check("UO-5", kept.isValid(), () -> "a hold of the retired session was lost while its owner had it");
            Await.pass(time().moment().dividedBy(4));
        }
        kept.release();
        free("UO-5", client(), orphan);
    }

    @Test
    @Proves("UO-6")
    void aReleaseThatIsNotConfirmedIsUnknownAndGoesOn() throws Exception {
        String name = name();
        Tap tap = new Tap();
        Duration limit = time().moment();
        LockClient client = client(tap, config -> config.withOperationTimeout(limit));
        LockHandle hold = hold("UO-6", client, name);
        tap.disturb(Step.RELEASE, LOSE_REQUEST, 2);
        ReleaseOutcome outcome =
                result("UO-6", limit.plus(patience()), "release() whose request was lost", begin(hold::release));
        check(
                "UO-6",
                outcome == ReleaseOutcome.UNKNOWN || outcome == ReleaseOutcome.RELEASED,
                () -> "release() whose request was lost answered " + outcome);
        check("UO-6", !hold.isValid(), () -> "a hold is valid after its release");
        free("UO-6", client(), name);
        check("UO-6", tap.count(Step.RELEASE) >= 3, () -> "the release was not tried again: " + tap.counts());
    }

    @Test
    @Proves("UO-6")
    void unlockReturnsAlthoughTheStoreDoesNotAnswer() throws Exception {
        String name = name();
        Tap tap = new Tap();
        Duration limit = time().moment();
        LockClient client = client(tap, config -> config.withOperationTimeout(limit));
        DistributedLock lock = client.lock(name);
        LockHandle handle = hold("UO-6", client, name());
        tap.disturb(Step.RELEASE, HOLD_REPLY);
        play("UO-6", "unlocking, with a store that does not answer,", () -> {
            lock.lock();
            lock.unlock();
            check("UO-6", lock.getHoldCount() == 0, () -> "the hold goes on after unlock");
            return true;
        });
        ReleaseOutcome outcome = result("UO-6", limit.plus(patience()), "release()", begin(handle::release));
        check("UO-6", outcome == ReleaseOutcome.UNKNOWN, () -> "release() without an answer answered " + outcome);
        tap.heal();
        free("UO-6", client(), name);
    }

    @Test
    @Proves({"UO-3", "UO-6"})
    void aReleaseWhoseAnswerWasLostTouchesNoLaterGrant() throws Exception {
        String name = name();
        Tap tap = new Tap();
        LockClient client = client(tap);
        LockClient other = client();
        LockHandle hold = hold("UO-3", client, name);
        Call<LockHandle> waiting = begin(() -> other.acquire(name));
        tap.disturb(Step.RELEASE, LOSE_REPLY, 3);
        begin(hold::release);
        LockHandle next = result("UO-3", patience(), "the next client", waiting);
        eventually("UO-3", () -> tap.count(Step.RELEASE) > 3, () -> "the release was not tried again: " + tap.counts());
        Await.pass(time().moment());
        check("UO-3", next.isValid(), () -> "a repeated release ended the next client's hold");
        check("UO-3", client.tryAcquire(name).isEmpty(), () -> "a repeated release freed the next client's lock");
    }
}
