// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import static io.holdfast.tck.internal.Disturbance.LOSE_REQUEST;

import io.holdfast.DistributedLock;
import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import io.holdfast.LockTimeoutException;
import io.holdfast.LockUnavailableException;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.Call;
import io.holdfast.tck.internal.Step;
import io.holdfast.tck.internal.Tap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** WA: a wait ends by the lock, by its limit or when told, and leaves nothing behind. */
abstract class WaitingKit extends Kit {
    private static final int STORM = 40;

    @Test
    @Proves("WA-1")
    void aTimedTryWaitsItsLimitAndNotMuchLonger() throws Exception {
        String name = name();
        hold("WA-1", client(), name);
        LockClient client = client();
        DistributedLock lock = client.lock(name);
        for (Duration limit : List.of(
                Duration.ofSeconds(-1),
                Duration.ZERO,
                time().moment(),
                time().moment().multipliedBy(3))) {
            lasts(
                    limit,
                    "tryLock(" + limit + ")",
                    () -> check("WA-1", !lock.tryLock(limit), () -> "tryLock got a lock that another client holds"));
            lasts(
                    limit,
                    "tryAcquire(" + limit + ")",
                    () -> check(
                            "WA-1",
                            client.tryAcquire(name, limit).isEmpty(),
                            () -> "tryAcquire got a lock that another client holds"));
        }
        lasts(time().moment(), "acquire within " + time().moment(), () -> {
            LockTimeoutException late = throwingHere(
                    "WA-1", LockTimeoutException.class, "acquire", () -> client.acquire(name, time().moment()));
            check("ER-1", says(late, name), () -> "the error does not name the lock: " + late);
        });
    }

    /** Each limit is shorter than the way to any store that is not in this process. */
    @Test
    @Proves("WA-12")
    void aLimitShorterThanTheWayToTheStoreFindsAFreeLockAndIsRefusedABusyOne() throws Exception {
        LockClient client = client();
        String busy = name();
        hold("WA-12", client(), busy);
        for (Duration limit : List.of(Duration.ofNanos(1), Duration.ofNanos(20_000), Duration.ofMillis(1))) {
            DistributedLock free = client.lock(name());
            boolean got = answered("tryLock(" + limit + ") of a free lock", () -> free.tryLock(limit));
            check("WA-12", got, () -> "tryLock(" + limit + ") did not get a lock that nobody holds");
            free.unlock();
            boolean taken = answered("tryLock(" + limit + ") of a busy lock", () -> client.lock(busy)
                    .tryLock(limit));
            check("WA-12", !taken, () -> "tryLock(" + limit + ") got a lock that another client holds");
        }
    }

    private <T> T answered(String what, Callable<T> wait) throws Exception {
        try {
            return wait.call();
        } catch (LockUnavailableException outage) {
            throw broken("WA-12", what + " was called an outage of a store that answers", outage);
        }
    }

    private interface Risky {
        void run() throws Exception;
    }

    private void lasts(Duration limit, String what, Risky call) throws Exception {
        long begun = System.nanoTime();
        result("WA-1", limit.plus(patience()), what, begin(() -> {
            call.run();
            return true;
        }));
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        check("WA-1", took.compareTo(limit) >= 0, () -> what + " gave up after " + took);
    }

    @Test
    @Proves("WA-2")
    void lockIsNotEndedByInterruptsAndRestoresTheStatus() throws Exception {
        String name = name();
        LockHandle before = hold("WA-2", client(), name);
        DistributedLock lock = client().lock(name);
        Call<Boolean> waiting = begin(() -> {
            Thread.currentThread().interrupt(); // before the wait
            lock.lock();
            return Thread.interrupted() && lock.isHeldByCurrentThread();
        });
        for (int i = 0; i < 3; i++) {
            stays("WA-2", waiting, () -> "an interrupt ended lock()");
            waiting.thread().interrupt();
        }
        before.release();
        check(
                "WA-2",
                result("WA-7", patience(), "lock(), after the release,", waiting),
                () -> "lock() returned without the interrupt status, or without the lock");
    }

    @Test
    @Proves({"WA-3", "WA-5"})
    void interruptibleWaitsEndWhenInterruptedAndHoldNothing() throws Exception {
        String name = name();
        LockClient holder = client();
        LockHandle before = hold("WA-3", holder, name);
        LockClient client = client();
        DistributedLock lock = client.lock(name);
        List<Call<?>> waits = List.of(
                begin(() -> {
                    lock.lockInterruptibly();
                    return true;
                }),
                begin(() -> lock.tryLock(patience().multipliedBy(3))),
                begin(() -> client.acquire(name)),
                begin(() -> client.tryAcquire(name, patience().multipliedBy(3))));
        eventually("WA-3", () -> client.metrics().waiting() == waits.size(), () -> "waiting: " + client.metrics());
        for (Call<?> wait : waits) {
            wait.thread().interrupt();
            thrown("WA-3", InterruptedException.class, "an interrupted wait", wait);
        }
        eventually(
                "WA-5",
                () -> holder.lock(name).inspect().contenders() == 1,
                () -> "waits were interrupted, and the store still shows "
                        + holder.lock(name).inspect());
        throwing("WA-3", InterruptedException.class, "a wait begun with the interrupt status", () -> {
            Thread.currentThread().interrupt();
            lock.lockInterruptibly();
            return "the lock";
        });
        before.release();
        free("WA-5", holder, name);
        check("WA-3", client.metrics().held() == 0, () -> "an interrupted client holds: " + client.metrics());
    }

    @Test
    @Proves({"WA-3", "WA-5"})
    void interruptsAroundTheGrantLeaveTheLockFree() throws Exception {
        String name = name();
        LockClient first = client();
        LockClient second = client();
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < STORM; round++) {
            LockHandle hold = hold("WA-5", first, name);
            Call<Boolean> waiting = begin(() -> {
                try (LockHandle taken = second.acquire(name)) {
                    return taken.isValid();
                } catch (InterruptedException e) {
                    return true;
                }
            });
            Await.pass(Duration.ofNanos(random.nextInt(2_000_000)));
            Call<?> release = begin(hold::release);
            Await.pass(Duration.ofNanos(random.nextInt(500_000)));
            waiting.thread().interrupt();
            check(
                    "WA-3",
                    result("WA-3", patience(), "an interrupted wait (seed " + seed + ")", waiting),
                    () -> "a hold given beside an interrupt was not valid (seed " + seed + ")");
            result("WA-3", patience(), "the release", release);
        }
        free("WA-5", first, name);
    }

    @Test
    @Proves({"WA-4", "IN-2"})
    void aTryWithoutAWaitNeverQueues() throws Exception {
        String name = name();
        LockClient holder = client();
        LockClient trying = client();
        LockHandle hold = hold("WA-4", holder, name);
        for (int i = 0; i < 5; i++) {
            check("WA-4", !trying.lock(name).tryLock(), () -> "a try got a lock that another client holds");
            check("WA-4", trying.tryAcquire(name).isEmpty(), () -> "a try got a lock that another client holds");
        }
        check(
                "WA-4",
                holder.lock(name).inspect().contenders() == 1,
                () -> "refused tries left contenders: " + holder.lock(name).inspect());
        check("WA-4", trying.metrics().waiting() == 0, () -> "refused tries wait: " + trying.metrics());
        LockClient waiter = client();
        Call<LockHandle> waiting = begin(() -> waiter.acquire(name));
        hold.release();
        result("WA-4", patience(), "the only real waiter", waiting);
    }

    @Test
    @Proves("WA-5")
    void waitersThatGaveUpAreNeverGivenTheLock() throws Exception {
        String name = name();
        LockClient holder = client();
        LockHandle hold = hold("WA-5", holder, name);
        List<LockClient> clients = List.of(client(), client(), client());
        List<Call<Boolean>> waits = new ArrayList<>();
        for (LockClient client : clients) {
            for (int i = 0; i < 3; i++) {
                waits.add(begin(() -> client.tryAcquire(name, time().moment()).isPresent()));
            }
        }
        for (Call<Boolean> wait : waits) {
            check("WA-5", !result("WA-5", patience(), "a timed try", wait), () -> "a try got a held lock");
        }
        eventually(
                "WA-5",
                () -> holder.lock(name).inspect().contenders() == 1,
                () -> "all waiters gave up, and the store shows "
                        + holder.lock(name).inspect());
        hold.release();
        free("WA-5", client(), name);
    }

    @Test
    @Proves("WA-7")
    void aLostWakeUpCostsNoMoreThanARenewalRound() throws Exception {
        claims(capabilities().queues(), NO_LINE);
        String name = name();
        LockHandle before = hold("WA-7", client(), name);
        Tap tap = new Tap();
        LockClient waiter = shortLived(tap);
        tap.disturb(Step.WAKE, LOSE_REQUEST);
        Call<LockHandle> waiting = begin(() -> waiter.acquire(name));
        eventually("WA-7", () -> tap.count(Step.CONTEND) > 0, () -> "no contend was sent");
        Await.until(lease(), tap::looksAtWaiters);
        if (!tap.looksAtWaiters()) {
            before.release();
            throw new HookMissing(Hook.NONE, "lose a wake-up: renewals here say nothing of contenders in line");
        }
        before.release();
        LockHandle hold = result("WA-7", lease().plus(patience()), "a waiter whose wake-up was lost", waiting);
        check("WA-7", hold.isValid(), () -> "a waiter whose wake-up was lost was given a hold that is not valid");
    }
}
