// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import static io.holdfast.tck.internal.Disturbance.HOLD_REPLY;
import static io.holdfast.tck.internal.Disturbance.LOSE_REQUEST;

import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import io.holdfast.spi.LeaseScope;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.Call;
import io.holdfast.tck.internal.Heard;
import io.holdfast.tck.internal.KitRuntime;
import io.holdfast.tck.internal.SpiClient;
import io.holdfast.tck.internal.Step;
import io.holdfast.tck.internal.Tap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** ME: at most one valid hold of a name at a time, and until when a hold is valid. */
abstract class MutualExclusionKit extends Kit {
    @Test
    @Proves("ME-1")
    void aSecondClientIsRefusedWhileTheFirstHolds() throws Exception {
        String name = name();
        LockClient first = client();
        LockClient second = client();
        LockHandle hold = hold("ME-1", first, name);
        check(
                "ME-1",
                second.tryAcquire(name).isEmpty(),
                () -> "a second client was given '" + name + "' while the first held it with token "
                        + hold.fencingToken());
        hold.release();
        check(
                "ME-1",
                second.tryAcquire(name).isPresent(),
                () -> "'" + name + "' was still refused after its holder had released it");
    }

    @Test
    @Proves("ME-1")
    void aWaiterHoldsOnlyAfterTheHolderReleased() throws Exception {
        String name = name();
        LockClient first = client();
        LockClient second = client();
        LockHandle hold = hold("ME-1", first, name);
        Call<LockHandle> waiting = begin(() -> second.acquire(name));
        stays("ME-1", waiting, () -> "a waiter was given '" + name + "' while another client held it");
        check("ME-1", hold.isValid(), () -> "the holder's hold ended while another client waited");
        hold.release();
        result("ME-1", patience(), "the waiter, after the release,", waiting);
    }

    @Test
    @Proves("ME-1")
    void holdsOfDifferentNamesDoNotExcludeEachOther() throws Exception {
        LockClient first = client();
        LockClient second = client();
        hold("ME-1", first, name());
        hold("ME-1", second, name());
        hold("ME-1", second, name());
    }

    /** Of clients on other machines: one whose time of day is ahead, one behind, and each counts its own time from another moment. */
    @Test
    @Proves({"ME-1", "CR-1"})
    void clientsWhoseClocksDifferExcludeEachOther() throws Exception {
        List<KitRuntime> machines = List.of(scene().runtime(), machine(1), machine(-1));
        List<LockClient> clients = new ArrayList<>();
        for (KitRuntime machine : machines) {
            clients.add(client(config -> config.withRuntime(machine)));
        }
        for (LockClient holder : clients) {
            LockHandle hold = hold("ME-1", holder, name());
            Call<LockHandle> waiting = begin(() -> clients.get(0).acquire(hold.name()));
            for (LockClient other : clients) {
                check(
                        "ME-1",
                        holder == other || other.tryAcquire(hold.name()).isEmpty(),
                        () -> "client " + clients.indexOf(other) + " was given what client " + clients.indexOf(holder)
                                + " holds; the clocks of 1 are ahead of those of 0, of 2 behind");
            }
            hold.release();
            result("CR-1", patience(), "a client, after one whose clocks are others,", waiting)
                    .release();
        }
        if (capabilities().scope() != LeaseScope.NONE && scene().run().fixture().silenceExpires()) {
            fallsSilent(machines.get(1), clients.get(0));
            fallsSilent(machines.get(0), clients.get(2));
        }
    }

    private KitRuntime machine(int direction) {
        KitRuntime machine = scene().runtime();
        machine.countFrom(direction * Duration.ofDays(40).toNanos());
        machine.jumpWallClock(direction * Duration.ofHours(1).toMillis());
        return machine;
    }

    private void fallsSilent(KitRuntime machine, LockClient next) throws Exception {
        String name = name();
        SpiClient silent = scene().spi(lease(), machine);
        result("CR-1", patience(), "acquiring", begin(() -> silent.contend(name, false, null)
                .granted()
                .toCompletableFuture()
                .get()));
        result(
                "CR-1",
                time().takeover(),
                "a client whose clocks are others than those of one that fell silent",
                begin(() -> next.acquire(name)));
    }

    @Test
    @Proves("ME-2")
    void aHoldIsNotValidBeyondItsLease() throws Exception {
        needsLease();
        Tap tap = new Tap();
        LockClient client = shortLived(tap);
        LockHandle hold = hold("ME-2", client, name());
        tap.disturb(Step.RENEW, LOSE_REQUEST);
        Await.pass(time().moment()); // a renewal that was under way may still be answered
        long bound = tap.lastAnswer() + lease().toNanos() / 100 * 99;
        long lastValid = System.nanoTime();
        for (long asked = lastValid; hold.isValid(); asked = System.nanoTime()) {
            lastValid = asked;
            check("ME-2", asked - bound < lease().toNanos(), () -> "a hold without a renewal stayed valid for ever");
            Await.pass(Duration.ofMillis(1));
        }
        long over = lastValid - bound;
        check(
                "ME-2",
                over <= 0,
                () -> "the hold was valid " + Duration.ofNanos(over) + " longer than lease - margin after the store's"
                        + " last answer, and so longer than after the request");
    }

    @Test
    @Alone
    @Proves("ME-2")
    void theTimeAnAnswerTakesIsNotAddedToTheLease() throws Exception {
        needsLease();
        Tap tap = new Tap();
        Call<LockHandle> slow;
        tap.disturb(Step.OPEN, HOLD_REPLY, 1);
        Call<LockClient> opening = begin(() -> shortLived(tap));
        eventually("ME-2", () -> tap.keptReplies() > 0, () -> "no session was opened");
        Await.pass(lease().dividedBy(8));
        tap.deliver();
        LockClient client = result("ME-2", patience(), "opening a client", opening);
        tap.disturb(Step.RENEW, LOSE_REQUEST);
        tap.disturb(Step.CONTEND, HOLD_REPLY, 1);
        slow = begin(() -> client.acquire(name()));
        eventually("ME-2", () -> tap.keptReplies() > 0, () -> "no contend was sent");
        Await.pass(lease().dividedBy(8));
        tap.deliver();
        LockHandle hold = result("ME-2", patience(), "acquiring", slow);
        long now = System.nanoTime();
        Duration left = hold.remainingLease();
        long over = now + left.toNanos() - (tap.lastAnswer() + lease().toNanos() / 100 * 99);
        check(
                "ME-2",
                over <= 0,
                () -> "an answer that was late made the hold last " + Duration.ofNanos(over)
                        + " longer: its lease is counted from the answer's arrival");
    }

    @Test
    @Proves("ME-3")
    void aGrantThatComesLateHasAThirdOfItsLeaseLeft() throws Exception {
        needsLease();
        String name = name();
        LockHandle before = hold("ME-3", client(), name);
        Tap tap = new Tap();
        LockClient late = shortLived(tap);
        Call<LockHandle> waiting = begin(() -> late.acquire(name));
        eventually("ME-3", () -> tap.count(Step.CONTEND) > 0, () -> "no contend was sent");
        tap.disturb(Step.RENEW, LOSE_REQUEST);
        Await.pass(lease().multipliedBy(4).dividedBy(5));
        tap.heal();
        before.release();
        LockHandle hold = result("ME-3", patience().plus(lease()), "the waiter", waiting);
        Duration left = hold.remainingLease();
        check(
                "ME-3",
                left.compareTo(lease().dividedBy(4)) > 0,
                () -> "a waiter whose renewals had failed was given the lock with " + left + " left of " + lease());
    }

    @Test
    @Proves("ME-4")
    void anAnswerAfterTheDeadlineRevivesNothing() throws Exception {
        needsLease();
        String name = name();
        Tap tap = new Tap();
        LockClient client = shortLived(tap);
        LockHandle hold = hold("ME-4", client, name);
        tap.disturb(Step.RENEW, HOLD_REPLY);
        within("ME-4", lease().plus(patience()), () -> !hold.isValid(), () -> "the hold stayed valid, not renewed");
        check("ME-4", tap.keptReplies() > 0, () -> "no renewal was sent within a lease");
        tap.heal();
        Await.pass(time().moment());
        check("ME-4", !hold.isValid(), () -> "an answer that came after the deadline made the hold valid again");
        check("ME-4", hold.remainingLease().isZero(), () -> "a lost hold says that it has lease left");
        LockHandle next = hold("ME-4", client, name);
        check(
                "ME-4",
                next.fencingToken() > hold.fencingToken(),
                () -> "the hold after the loss has token " + next.fencingToken() + ", not above the lost one's "
                        + hold.fencingToken());
    }

    @Test
    @Proves("ME-5")
    void aWallClockThatRanAheadMakesAHoldSuspectUntilItIsRenewed() throws Exception {
        needsLease();
        whileRenewalsAreInTime(Set.of("ME-5"), this::jumpsTheWallClock);
    }

    private void jumpsTheWallClock() throws Exception {
        String name = name();
        KitRuntime runtime = scene().runtime();
        LockClient client = client(config -> config.withLease(lease()).withRuntime(runtime));
        Heard heard = new Heard();
        client.addListener(heard);
        LockHandle hold = hold("ME-5", client, name);
        runtime.jumpWallClock(Duration.ofHours(1).toMillis());
        within(
                "ME-5",
                lease().plus(patience()),
                () -> heard.has("suspect", name),
                () -> "the wall clock ran an hour ahead and the hold was not suspect; heard " + heard.kinds(name));
        within(
                "ME-5",
                lease().plus(patience()),
                () -> heard.has("safe", name),
                () -> "a suspect hold was renewed and not said to be safe; heard " + heard.kinds(name));
        check("ME-5", hold.isValid(), () -> "a step of the time of day ended the hold");
    }

    @Test
    @Proves("ME-6")
    void aHoldIsNotValidAnyMoreWhenItsReleaseIsSent() throws Exception {
        Tap tap = new Tap();
        LockClient client = client(tap);
        LockHandle hold = hold("ME-6", client, name());
        AtomicBoolean wasValid = new AtomicBoolean();
        tap.watch(Step.RELEASE, () -> wasValid.set(hold.isValid()));
        hold.release();
        check("ME-6", tap.count(Step.RELEASE) == 1, () -> "no release was sent: " + tap.counts());
        check("ME-6", !wasValid.get(), () -> "the hold was valid still when its release was sent");
    }

    @Test
    @Proves("ME-6")
    void aHoldIsNotValidAnyMoreWhenItIsHandedOff() throws Exception {
        String name = name();
        LockClient client = client();
        LockHandle first = hold("ME-6", client, name);
        AtomicBoolean wasValid = new AtomicBoolean();
        Call<LockHandle> waiting = begin(() -> {
            LockHandle next = client.acquire(name);
            wasValid.set(first.isValid());
            return next;
        });
        eventually("ME-6", () -> client.metrics().waiting() == 1, () -> "the second owner does not wait");
        first.release();
        result("ME-6", patience(), "the next owner", waiting);
        check("ME-6", !wasValid.get(), () -> "the first owner's hold was valid when the next owner had the lock");
    }
}
