// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import static io.holdfast.tck.internal.Disturbance.LOSE_REQUEST;

import io.holdfast.DistributedLock;
import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import io.holdfast.LockLoss;
import io.holdfast.LockLostException;
import io.holdfast.LockOptions;
import io.holdfast.ReleaseOutcome;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.Call;
import io.holdfast.tck.internal.Heard;
import io.holdfast.tck.internal.KitRuntime;
import io.holdfast.tck.internal.Said;
import io.holdfast.tck.internal.Step;
import io.holdfast.tck.internal.Tap;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** LO: a hold that can no longer be proven is announced, in time and once. */
@SuppressWarnings("LockNotBeforeTry") // levels and releases are what is tested; the scene ends what a failure leaves
abstract class LossKit extends Kit {
    @Test
    @Alone
    @Proves({"LO-1", "LO-2", "LO-3", "LO-6"})
    void aHoldThatIsNotRenewedIsSuspectThenLostOnceAtItsDeadline() throws Exception {
        needsLease();
        whileRenewalsAreInTime(Set.of("LO-6"), this::isSuspectThenLost);
    }

    private void isSuspectThenLost() throws Exception {
        String name = name();
        Tap tap = new Tap();
        LockClient client = shortLived(tap);
        Heard heard = new Heard();
        client.addListener(heard);
        LockHandle hold = hold("LO-1", client, name);
        List<LockLoss> told = new CopyOnWriteArrayList<>();
        hold.onLost(told::add);
        tap.disturb(Step.RENEW, LOSE_REQUEST);
        Await.pass(time().moment());
        long deadline = System.nanoTime() + hold.remainingLease().toNanos();
        within("LO-2", lease().plus(patience()), () -> heard.has("lost", name), () -> "no loss was announced");
        long at = heard.all("lost", name).get(0).at();
        check(
                "LO-2",
                at - deadline < time().scaled(1000).toNanos(),
                () -> "the loss was announced " + Duration.ofNanos(at - deadline) + " after the deadline");
        check("LO-1", !hold.isValid(), () -> "a hold is valid after its loss was announced");
        check("LO-1", hold.remainingLease().isZero(), () -> "a lost hold has lease left: " + hold.remainingLease());
        eventually("LO-2", () -> told.size() == 1, () -> "the hold's own listener heard " + told);
        tap.reportSessionLost("reported once more by the kit");
        Await.pass(time().moment());
        check("LO-3", heard.losses().size() == 1, () -> "one loss was announced as " + heard.losses());
        check("LO-3", told.size() == 1, () -> "the hold's own listener heard one loss as " + told);
        List<String> kinds = heard.kinds(name).stream()
                .filter(List.of("suspect", "safe", "lost")::contains)
                .toList();
        check(
                "LO-6",
                kinds.equals(List.of("suspect", "lost")),
                () -> "a hold that was not renewed was announced as " + kinds + " instead of suspect, lost");
    }

    @Test
    @Proves({"LO-1", "RE-5"})
    void queriesTurnAtTheDeadlineAlthoughNoTimerRunsAndEachLevelIsTold() throws Exception {
        needsLease();
        String name = name();
        KitRuntime runtime = scene().runtime();
        LockClient client =
                client(config -> config.withLease(lease()).withRuntime(runtime).withCloseTimeout(time().moment()));
        DistributedLock lock = client.lock(name);
        play("LO-1", "holding without timers", () -> {
            lock.lock();
            lock.lock();
            LockHandle other = client.acquire(name());
            runtime.stall();
            Await.pass(lease().plus(time().moment()));
            check("LO-1", !other.isValid(), () -> "isValid goes by a timer: the lease is over and it says yes");
            check("LO-1", !lock.isHeldByCurrentThread(), () -> "isHeldByCurrentThread goes by a timer");
            check("LO-1", lock.getHoldCount() == 0, () -> "getHoldCount goes by a timer");
            check("LO-1", lock.remainingLease().isZero(), () -> "remainingLease goes by a timer");
            for (int level = 2; level > 0; level--) {
                throwingHere("RE-5", LockLostException.class, "unlock of an expired hold, level " + level, () -> {
                    lock.unlock();
                    return "normally";
                });
            }
            lock.lock();
            check("RE-5", lock.getHoldCount() == 1, () -> "the lock is not usable again after its expiry was told");
            return true;
        });
    }

    @Test
    @Proves("LO-3")
    void aReleasedHoldIsNeverLost() throws Exception {
        String name = name();
        Tap tap = new Tap();
        LockClient client = client(tap);
        Heard heard = new Heard();
        client.addListener(heard);
        LockHandle hold = hold("LO-3", client, name);
        List<LockLoss> told = new CopyOnWriteArrayList<>();
        hold.onLost(told::add);
        hold.release();
        tap.reportSessionLost("reported by the kit");
        hold("LO-3", client, name()); // the client goes on with another session
        Await.pass(time().moment());
        check(
                "LO-3",
                told.isEmpty() && heard.losses().isEmpty(),
                () -> "a hold was released, then its session ended, and a loss was announced: " + heard.losses()
                        + told);
    }

    @Test
    @Proves({"LO-3", "LI-1", "RE-7"})
    void anEndedSessionLosesEveryHoldOnceWhateverAListenerThrows() throws Exception {
        Tap tap = new Tap();
        LockClient client = client(tap);
        Heard heard = new Heard();
        client.addListener(new ThrowingListener());
        client.addListener(heard);
        List<LockHandle> holds = new CopyOnWriteArrayList<>();
        for (int i = 0; i < 3; i++) {
            holds.add(hold("LO-3", client, name()));
        }
        tap.reportSessionLost("reported by the kit");
        tap.reportSessionLost("reported by the kit again");
        for (LockHandle hold : holds) {
            eventually("LI-1", () -> heard.has("lost", hold.name()), () -> "the loss of a hold was not announced");
            check("LO-1", !hold.isValid(), () -> "a hold is valid although its session has ended");
            ReleaseOutcome outcome = hold.release();
            check("RE-7", outcome == ReleaseOutcome.NOT_HELD, () -> "releasing a lost handle answered " + outcome);
        }
        check("RE-7", tap.count(Step.RELEASE) == 0, () -> "the release of a lost handle was sent: " + tap.counts());
        Await.pass(time().moment());
        check("LO-3", heard.losses().size() == 3, () -> "three losses were announced as " + heard.losses());
        hold("LI-1", client, name());
    }

    @Test
    @Alone
    @Proves("LI-1")
    void whatAListenerThrowsIsLogged() throws Exception {
        Said said = scene().keep(new Said());
        said.needsToHear();
        LockClient client = client();
        client.addListener(new ThrowingListener());
        hold("LI-1", client, name());
        eventually("LI-1", () -> said.has(ThrowingListener.WHAT), () -> "what a listener threw was not logged");
    }

    @Test
    @Proves("LO-4")
    void theOwnersThreadIsInterruptedOnLossAndNotAfterItsRelease() throws Exception {
        String name = name();
        Tap tap = new Tap();
        LockClient client = client(tap);
        DistributedLock lock = client.lock(name);
        CountDownLatch holds = new CountDownLatch(1);
        Call<Boolean> owner = begin(() -> {
            lock.lock(LockOptions.defaults().interruptOnLoss());
            holds.countDown();
            return interruptedWithin(patience());
        });
        check("LO-4", holds.await(patience().toMillis(), TimeUnit.MILLISECONDS), () -> "the lock was not acquired");
        tap.reportSessionLost("reported by the kit");
        check(
                "LO-4",
                result("LO-4", patience().multipliedBy(2), "the owner", owner),
                () -> "the owner's thread was not interrupted when its hold was lost");
        CountDownLatch released = new CountDownLatch(1);
        Call<Boolean> done = begin(() -> {
            lock.lock(LockOptions.defaults().interruptOnLoss());
            lock.unlock();
            released.countDown();
            return interruptedWithin(time().moment().multipliedBy(2));
        });
        eventually("LO-4", () -> released.getCount() == 0 || done.isDone(), () -> "the lock was not released");
        tap.reportSessionLost("reported by the kit");
        check(
                "LO-4",
                !result("LO-4", patience(), "the owner", done),
                () -> "a thread was interrupted for a hold that it had released");
    }

    private static boolean interruptedWithin(Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(1_000_000);
            if (Thread.interrupted()) {
                return true;
            }
        }
        return false;
    }

    @Test
    @Proves({"LO-5", "KE-1"})
    void aForcedReleaseEndsTheHoldWithinARenewalRound() throws Exception {
        whileRenewalsAreInTime(Set.of("LO-3", "KE-1"), () -> {
            LockHandle next = endsWhen(name -> client().lock(name).forceUnlock());
            // A renewal that was stopped with the first hold may be missing now.
            Await.pass(lease()); // in all a lease, and a renewal after it
            check("KE-1", next.isValid(), () -> "after a loss, the client's next hold of the name is not renewed");
        });
    }

    @Test
    @Alone
    @Proves("LO-5")
    void aForeignDeletionEndsTheHoldWithinARenewalRound() throws Exception {
        whileRenewalsAreInTime(
                Set.of("LO-3", "KE-1"),
                () -> endsWhen(name -> {
                    faults().deleteHolder(name);
                    return true;
                }));
    }

    /** What takes a lock from its holder. */
    private interface Deletion {
        boolean of(String name) throws Exception;
    }

    private LockHandle endsWhen(Deletion deletion) throws Exception {
        String name = name();
        LockClient client = client(config -> config.withLease(lease()));
        Heard heard = new Heard();
        client.addListener(heard);
        LockHandle hold = hold("LO-5", client, name);
        check("LO-5", deletion.of(name), () -> "the holder's entry was not found");
        within(
                "LO-5",
                lease().dividedBy(capabilities().holdingRenewals()).plus(patience()),
                () -> !hold.isValid() && heard.has("lost", name),
                () -> "the holder's entry in the store is gone, and the hold goes on; heard " + heard.kinds(name));
        check("LO-3", heard.losses().size() == 1, () -> "one loss was announced as " + heard.losses());
        LockHandle next = hold("LO-5", client, name);
        Await.pass(lease().dividedBy(2)); // with a renewal in it
        check(
                "LO-3",
                next.isValid() && heard.losses().size() == 1,
                () -> "the loss of one hold was taken for that of the next one: " + heard.losses());
        return next;
    }

    @Test
    @Alone
    @Proves("LO-6")
    void aHoldWhoseRenewalIsOverdueIsSafeAgainOnceItSucceeds() throws Exception {
        needsLease();
        String name = name();
        Tap tap = new Tap();
        LockClient client = shortLived(tap);
        Heard heard = new Heard();
        client.addListener(heard);
        LockHandle hold = hold("LO-6", client, name);
        // Of a third of a lease, in which several threads have to act one after another.
        onATimelyMachine(lease().dividedBy(20), () -> suspectThenSafe(name, tap, heard, hold));
    }

    private void suspectThenSafe(String name, Tap tap, Heard heard, LockHandle hold) throws Exception {
        tap.disturb(Step.RENEW, LOSE_REQUEST);
        within(
                "LO-6",
                lease().plus(patience()),
                () -> heard.has("suspect", name),
                () -> "no renewal for " + "a whole lease, and the hold was not suspect; heard " + heard.kinds(name));
        check("LO-6", hold.isValid(), () -> "the hold was suspect only after its deadline");
        tap.heal();
        within(
                "LO-6",
                lease().plus(patience()),
                () -> heard.has("safe", name),
                () -> "renewals succeed again, and " + "the hold is not said to be safe; heard " + heard.kinds(name));
        check("LO-6", hold.isValid() && !heard.has("lost", name), () -> "a hold renewed in time was lost");
    }

    @Test
    @Proves("LO-7")
    void workUnderALostLockIsNotReportedAsDone() throws Exception {
        Tap tap = new Tap();
        LockClient client = client(tap);
        throwing("LO-7", LockLostException.class, "withLock whose hold was lost", () -> {
            return client.withLock(name(), patience(), hold -> {
                tap.reportSessionLost("reported by the kit");
                return "a result computed without protection";
            });
        });
        IllegalArgumentException own = new IllegalArgumentException("the work's own");
        IllegalArgumentException seen =
                throwing("LO-7", IllegalArgumentException.class, "withLock whose work threw", () -> {
                    return client.withLock(name(), patience(), hold -> {
                        tap.reportSessionLost("reported by the kit");
                        throw own;
                    });
                });
        check("LO-7", seen.equals(own), () -> "the work threw " + own + " and withLock " + seen);
    }

    /** A listener with a fault in every method that the tests of loss reach. */
    private static final class ThrowingListener implements io.holdfast.LockListener {
        static final String WHAT = "thrown by a listener of the kit";

        @Override
        public void acquired(String name, long fencingToken) {
            throw new IllegalStateException(WHAT);
        }

        @Override
        public void lost(LockLoss loss) {
            throw new IllegalStateException(WHAT);
        }
    }
}
