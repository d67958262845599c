// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.DistributedLock;
import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import io.holdfast.LockLostException;
import io.holdfast.LockOptions;
import io.holdfast.LockOwner;
import io.holdfast.ReleaseOutcome;
import io.holdfast.tck.internal.Step;
import io.holdfast.tck.internal.Tap;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** RE: the owner re-enters, only the owner releases, and only the last release frees; end to end on every store. */
@SuppressWarnings("LockNotBeforeTry") // levels and releases are what is tested; the scene ends what a failure leaves
abstract class ReentrancyKit extends Kit {
    @Test
    @Proves({"RE-1", "RE-3", "RE-4"})
    void aThreadReentersThroughEveryMethodAndFreesWithTheLastRelease() throws Exception {
        reentersAndFrees(UnaryOperator.identity());
    }

    @Test
    @Proves({"RE-1", "RE-3", "RE-4"})
    void anExplicitOwnerReentersThroughEveryMethodAndFreesWithTheLastRelease() throws Exception {
        LockOwner owner = LockOwner.named("owner");
        reentersAndFrees(lock -> lock.ownedBy(owner));
    }

    private void reentersAndFrees(UnaryOperator<DistributedLock> owned) throws Exception {
        String name = name();
        Tap tap = new Tap();
        DistributedLock lock = owned.apply(client(tap).lock(name));
        LockClient other = client();
        Map<String, Callable<Boolean>> ways = waysIn(lock);
        play("RE-1", "re-entering", () -> {
            lock.lock();
            int requests = tap.count(Step.CONTEND);
            int level = 1;
            for (Map.Entry<String, Callable<Boolean>> way : ways.entrySet()) {
                level++;
                int expected = level;
                boolean entered = way.getValue().call();
                check(
                        "RE-1",
                        entered && lock.getHoldCount() == expected,
                        () -> way.getKey() + " by the owner: entered " + entered + ", hold count " + lock.getHoldCount()
                                + " instead of " + expected);
            }
            check(
                    "RE-3",
                    tap.count(Step.CONTEND) == requests,
                    () -> "re-entering was sent to the store: " + tap.counts());
            for (int left = level; left > 0; left--) {
                int levels = left;
                check(
                        "RE-4",
                        other.tryAcquire(name).isEmpty(),
                        () -> "another client was given the lock with " + levels + " levels still to release");
                check("RE-3", tap.count(Step.RELEASE) == 0, () -> "an inner release was sent to the store");
                lock.unlock();
            }
            check("RE-4", lock.getHoldCount() == 0, () -> "hold count " + lock.getHoldCount() + " after all releases");
            free("RE-4", other, name);
            return level;
        });
    }

    private static Map<String, Callable<Boolean>> waysIn(DistributedLock lock) {
        Duration second = Duration.ofSeconds(1);
        Map<String, Callable<Boolean>> ways = new LinkedHashMap<>();
        ways.put("lock()", () -> {
            lock.lock();
            return true;
        });
        ways.put("lock(options)", () -> {
            lock.lock(LockOptions.defaults());
            return true;
        });
        ways.put("lockInterruptibly()", () -> {
            lock.lockInterruptibly();
            return true;
        });
        ways.put("tryLock()", lock::tryLock);
        ways.put("tryLock(zero)", () -> lock.tryLock(Duration.ZERO));
        ways.put("tryLock(wait)", () -> lock.tryLock(second));
        ways.put("tryLock(wait, maximum)", () -> lock.tryLock(second, second));
        ways.put("tryLock(time, unit)", () -> lock.tryLock(1, TimeUnit.SECONDS));
        ways.put("tryLock(options)", () -> lock.tryLock(LockOptions.defaults().waitLimit(second)));
        return ways;
    }

    @Test
    @Proves("RE-2")
    void nobodyButTheOwnerReleases() throws Exception {
        String name = name();
        LockClient client = client();
        DistributedLock lock = client.lock(name);
        LockClient other = client();
        DistributedLock owned = lock.ownedBy(LockOwner.named("the owner"));
        play("RE-2", "acquiring", () -> {
            owned.lock();
            return true;
        });
        refused("another thread's unlock", lock::unlock);
        refused("another owner's unlock", lock.ownedBy(LockOwner.named("the owner"))::unlock);
        refused("another client's unlock", other.lock(name)::unlock);
        refused("the unlock of a lock that nobody holds", client.lock(name())::unlock);
        check(
                "RE-2",
                owned.getHoldCount() == 1,
                () -> "hold count " + owned.getHoldCount() + " after refused releases");
        check("RE-2", other.tryAcquire(name).isEmpty(), () -> "a stranger's release freed the lock");
        owned.unlock();
        refused("a second unlock", owned::unlock);
        play("RE-2", "holding as a thread", () -> {
            lock.lock();
            refused("the unlock of another thread's lock", lock::unlock);
            refused("an explicit owner's unlock of a thread's lock", owned::unlock);
            check(
                    "RE-2",
                    lock.getHoldCount() == 1,
                    () -> "hold count " + lock.getHoldCount() + " after refused releases");
            lock.unlock();
            return true;
        });
    }

    private void refused(String what, Runnable release) throws Exception {
        IllegalMonitorStateException refused = throwing("RE-2", IllegalMonitorStateException.class, what, () -> {
            release.run();
            return "normally";
        });
        check(
                "RE-2",
                !(refused instanceof LockLostException),
                () -> what + " says that a hold was lost, which there was not");
    }

    @Test
    @Proves("RE-2")
    void aThreadIsNotAnotherOneAfterItsEnd() throws Exception {
        // Thread ids and names are used again; an owner is told by nothing of the kind.
        String name = name();
        DistributedLock lock = client().lock(name);
        LockHandle hold = hold("RE-2", client(), name);
        for (int i = 0; i < 50; i++) {
            play("RE-2", "asking on a new thread", () -> {
                check("RE-2", lock.getHoldCount() == 0, () -> "a new thread holds what it never acquired");
                check("RE-2", !lock.isHeldByCurrentThread(), () -> "a new thread holds what it never acquired");
                return true;
            });
        }
        hold.release();
    }

    @Test
    @Proves("RE-5")
    void everyLevelOfALostHoldIsToldOnce() throws Exception {
        String name = name();
        LockClient other = client();
        LockClient client = client(config -> config.withLease(lease()));
        DistributedLock lock = client.lock(name);
        play("RE-5", "losing a hold of three levels", () -> {
            lock.lock();
            lock.lock();
            lock.lock();
            other.lock(name).forceUnlock();
            within(
                    "LO-5",
                    lease().plus(patience()),
                    () -> !lock.isHeldByCurrentThread(),
                    () -> "the hold did not end although its entry in the store is gone");
            check("RE-5", lock.getHoldCount() == 0, () -> "a lost hold has a count of " + lock.getHoldCount());
            told("unlock at level 3", lock::unlock);
            throwingHere("RE-5", LockLostException.class, "re-entering a lost hold", lock::tryLock);
            told("unlock at level 2", lock::unlock);
            told("unlock at level 1", lock::unlock);
            IllegalMonitorStateException free =
                    throwingHere("RE-5", IllegalMonitorStateException.class, "a fourth unlock", () -> {
                        lock.unlock();
                        return "normally";
                    });
            check(
                    "RE-5",
                    !(free instanceof LockLostException),
                    () -> "a fourth unlock was told of a loss of three levels");
            lock.lock();
            check("RE-5", lock.getHoldCount() == 1, () -> "the lock is not usable again after its loss was told");
            lock.unlock();
            return true;
        });
    }

    private void told(String what, Runnable release) {
        LockLostException lost = throwingHere("RE-5", LockLostException.class, what + " of a lost hold", () -> {
            release.run();
            return "normally";
        });
        check("RE-5", lost.loss() != null, () -> what + " does not say what was lost");
    }

    @Test
    @Proves("RE-5")
    void askingIsNotTelling() throws Exception {
        String name = name();
        LockClient client = client(config -> config.withLease(lease()));
        DistributedLock lock = client.lock(name);
        LockClient other = client();
        play("RE-5", "losing a hold", () -> {
            lock.lock();
            other.lock(name).forceUnlock();
            within("LO-5", lease().plus(patience()), () -> lock.getHoldCount() == 0, () -> "the hold did not end");
            throwingHere("RE-5", LockLostException.class, "asking a lost hold for its token", lock::fencingToken);
            lock.isHeldByCurrentThread();
            lock.remainingLease();
            told("unlock", lock::unlock);
            return true;
        });
    }

    @Test
    @Proves("RE-6")
    void anOwnerThatIsNotAThreadWorksFromAnyThread() throws Exception {
        String name = name();
        LockClient client = client();
        DistributedLock lock = client.lock(name).ownedBy(LockOwner.named("request 7"));
        play("RE-6", "acquiring", () -> {
            lock.lock();
            return true;
        });
        play("RE-6", "re-entering on another thread", () -> lock.tryLock());
        check("RE-6", lock.getHoldCount() == 2, () -> "hold count " + lock.getHoldCount() + " instead of 2");
        check(
                "RE-6",
                client.lock(name).getHoldCount() == 0,
                () -> "the thread that asks holds what the explicit owner acquired");
        lock.unlock();
        play("RE-6", "releasing on another thread", () -> {
            lock.unlock();
            return true;
        });
        LockHandle hold = hold("RE-6", client, name);
        result("RE-6", patience(), "releasing a handle on another thread", begin(hold::release));
        free("RE-6", client(), name);
    }

    @Test
    @Proves("RE-6")
    void twoClientsInOneThreadAreTwoOwners() throws Exception {
        String name = name();
        DistributedLock first = client().lock(name);
        DistributedLock second = client().lock(name);
        play("RE-6", "acquiring from two clients", () -> {
            first.lock();
            check("RE-6", !second.tryLock(), () -> "a second client in the same thread re-entered");
            check("RE-6", second.getHoldCount() == 0, () -> "the second client counts the first one's hold");
            first.unlock();
            check("RE-6", second.tryLock(), () -> "the second client was refused a free lock");
            second.unlock();
            return true;
        });
    }

    @Test
    @Proves("RE-7")
    void aHandleIsReleasedOnce() throws Exception {
        String name = name();
        Tap tap = new Tap();
        LockClient client = client(tap);
        LockClient other = client();
        LockHandle hold = hold("RE-7", client, name);
        ReleaseOutcome first = hold.release();
        check("RE-7", first == ReleaseOutcome.RELEASED, () -> "releasing a handle answered " + first);
        LockHandle next = free("RE-7", other, name);
        ReleaseOutcome second = hold.release();
        hold.close();
        check("RE-7", second == ReleaseOutcome.NOT_HELD, () -> "releasing a handle again answered " + second);
        check("RE-7", tap.count(Step.RELEASE) == 1, () -> "the second release reached the store: " + tap.counts());
        check("RE-7", next.isValid(), () -> "the second release ended another client's hold");
        check("RE-7", client.tryAcquire(name).isEmpty(), () -> "the second release freed another client's lock");
    }
}
