// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.DistributedLock;
import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import io.holdfast.LockLostException;
import io.holdfast.LockOptions;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.Call;
import io.holdfast.tck.internal.Heard;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** WA-8 to WA-10: the longest and the shortest hold, and acquisitions that are cancelled. */
abstract class HoldLimitsKit extends Kit {
    private static final int STORM = 40;

    @Test
    @Proves({"WA-8", "RE-5"})
    void aHoldEndsAtItsMaximumAsLost() throws Exception {
        String name = name();
        Duration maximum = time().moment().multipliedBy(3);
        LockClient client = client();
        Heard heard = new Heard();
        client.addListener(heard);
        DistributedLock lock = client.lock(name);
        LockClient other = client();
        play("WA-8", "holding to the maximum", () -> {
            long asked = System.nanoTime();
            check("WA-8", lock.tryLock(patience(), maximum), () -> "a free lock was refused");
            Duration left = lock.remainingLease();
            check("WA-8", left.compareTo(maximum) <= 0, () -> "remainingLease is " + left + ", above the maximum hold");
            LockHandle next = free("WA-8", other, name);
            Duration kept = Duration.ofNanos(System.nanoTime() - asked);
            check("WA-8", kept.compareTo(maximum) >= 0, () -> "the lock was free after " + kept);
            check("WA-8", !lock.isHeldByCurrentThread(), () -> "the hold is valid beyond its maximum");
            eventually("WA-8", () -> heard.has("lost", name), () -> "no loss was announced: " + heard.kinds(name));
            throwingHere("RE-5", LockLostException.class, "unlock after the maximum hold", () -> {
                lock.unlock();
                return "normally";
            });
            next.release();
            return true;
        });
    }

    @Test
    @Proves("WA-8")
    void aReleaseBeforeTheMaximumIsARelease() throws Exception {
        String name = name();
        Duration maximum = time().moment().multipliedBy(2);
        LockClient client = client();
        Heard heard = new Heard();
        client.addListener(heard);
        LockHandle hold = client.acquire(name, LockOptions.defaults().maximumHold(maximum));
        hold.release();
        LockHandle next = hold("WA-8", client, name);
        Await.pass(maximum.plus(time().moment()));
        check("WA-8", heard.losses().isEmpty(), () -> "a released hold was lost: " + heard.losses());
        check("WA-8", next.isValid(), () -> "the maximum of an earlier hold ended a later one");
    }

    @Test
    @Proves("WA-9")
    void nobodyHoldsBeforeTheMinimumHasPassed() throws Exception {
        String name = name();
        Duration minimum = time().moment().multipliedBy(5);
        LockClient client = client();
        LockClient other = client();
        LockOptions options = LockOptions.defaults().minimumHold(minimum);
        long asked = System.nanoTime();
        LockHandle hold = result("WA-9", patience(), "acquiring", begin(() -> client.acquire(name, options)));
        hold.release();
        long released = System.nanoTime();
        check("WA-9", !hold.isValid(), () -> "a released hold is valid");
        if (Duration.ofNanos(released - asked).compareTo(minimum) < 0) {
            check(
                    "WA-9",
                    client.tryAcquire(name).isEmpty() || past(asked, minimum),
                    () -> "the same client was given " + "the lock before the minimum hold had passed");
        }
        Call<Long> next = begin(() -> {
            LockHandle taken = other.acquire(name);
            long at = System.nanoTime();
            taken.release();
            return at;
        });
        long at = result("WA-9", minimum.plus(patience()), "another client", next);
        Duration after = Duration.ofNanos(at - asked);
        check(
                "WA-9",
                after.compareTo(minimum) >= 0,
                () -> "another client held after " + after + ", before the minimum hold of " + minimum);
    }

    private static boolean past(long begin, Duration time) {
        return System.nanoTime() - begin >= time.toNanos();
    }

    @Test
    @Proves({"WA-9", "CL-1"})
    void closeEndsAMinimumHoldWhenItsOwnTimeIsUp() throws Exception {
        String name = name();
        LockClient client = client(config -> config.withCloseTimeout(time().moment()));
        client.acquire(name, LockOptions.defaults().minimumHold(time().longLease()))
                .release();
        begin(() -> {
            client.close();
            return true;
        });
        free("WA-9", client(), name);
    }

    @Test
    @Proves("WA-10")
    void cancellingAnAcquisitionWithdrawsIt() throws Exception {
        String name = name();
        LockClient holder = client();
        LockHandle hold = hold("WA-10", holder, name);
        LockClient client = client();
        CompletableFuture<LockHandle> asked = client.acquireAsync(name).toCompletableFuture();
        eventually(
                "WA-10",
                () -> client.metrics().waiting() == 1,
                () -> "an asynchronous acquisition does not wait: " + client.metrics());
        asked.cancel(true);
        eventually(
                "WA-10",
                () -> holder.lock(name).inspect().contenders() == 1
                        && client.metrics().waiting() == 0,
                () -> "an acquisition was cancelled, and the store shows "
                        + holder.lock(name).inspect() + ", the client " + client.metrics());
        hold.release();
        free("WA-10", holder, name);
    }

    @Test
    @Proves("WA-10")
    void aGrantBesideACancellationIsReleased() throws Exception {
        String name = name();
        LockClient first = client();
        LockClient second = client();
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < STORM; round++) {
            LockHandle hold = hold("WA-10", first, name);
            CompletableFuture<LockHandle> asked = second.acquireAsync(name).toCompletableFuture();
            Call<?> release = begin(hold::release);
            Await.pass(Duration.ofNanos(random.nextInt(2_000_000)));
            if (!asked.cancel(true)) {
                asked.get(patience().toMillis(), TimeUnit.MILLISECONDS).release();
            }
            result("WA-10", patience(), "the release", release);
        }
        free("WA-10", first, name);
        eventually(
                "WA-10",
                () -> second.metrics().held() == 0,
                () -> "the cancelling client holds: " + second.metrics() + " (seed " + seed + ")");
    }
}
