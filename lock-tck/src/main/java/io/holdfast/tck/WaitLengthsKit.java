// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.DistributedLock;
import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import io.holdfast.LockOptions;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.Call;
import io.holdfast.tck.internal.Heard;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** WA-1, WA-8 and WA-9 at the ends of what a duration can be: nothing overflows. */
abstract class WaitLengthsKit extends Kit {
    /** Longer than the nanoseconds of a long, just as long, and just about. */
    private static final List<Duration> HUGE = List.of(
            Duration.ofSeconds(Long.MAX_VALUE, 999_999_999),
            Duration.ofSeconds(Long.MAX_VALUE),
            Duration.ofNanos(Long.MAX_VALUE).plusNanos(1),
            Duration.ofNanos(Long.MAX_VALUE),
            Duration.ofMillis(Long.MAX_VALUE),
            Duration.ofDays(200 * 365));

    private static final List<Duration> NEGATIVE = List.of(
            Duration.ZERO, Duration.ofNanos(-1), Duration.ofNanos(Long.MIN_VALUE), Duration.ofSeconds(Long.MIN_VALUE));

    @Test
    @Proves("WA-1")
    void aHugeLimitIsAWaitWithoutEnd() throws Exception {
        String name = name();
        LockHandle held = hold("WA-1", client(), name);
        LockClient client = client();
        DistributedLock lock = client.lock(name);
        List<Call<?>> waits = new ArrayList<>();
        for (Duration limit : HUGE) {
            waits.add(begin(() -> released(client.tryAcquire(name, limit).orElseThrow())));
            waits.add(begin(() -> released(client.acquire(name, limit))));
            waits.add(begin(() -> unlocked(lock, lock.tryLock(limit))));
            waits.add(begin(() -> client.withLock(name, limit, hold -> hold.isValid())));
        }
        for (TimeUnit unit : TimeUnit.values()) {
            waits.add(begin(() -> unlocked(lock, lock.tryLock(Long.MAX_VALUE, unit))));
        }
        Await.pass(time().moment());
        for (Call<?> wait : waits) {
            if (wait.isDone()) {
                result("WA-1", patience(), "a wait with a huge limit", wait); // tells what it threw
                throw broken("WA-1", "a wait with a huge limit ended while another client holds the lock", null);
            }
        }
        held.release();
        for (Call<?> wait : waits) {
            check(
                    "WA-1",
                    Boolean.TRUE.equals(
                            result("WA-1", patience(), "a wait with a huge limit, after the release,", wait)),
                    () -> "a wait with a huge limit ended without the lock");
        }
    }

    private static boolean released(LockHandle hold) {
        return hold.release() != null;
    }

    private static boolean unlocked(DistributedLock lock, boolean locked) {
        if (locked) {
            lock.unlock();
        }
        return locked;
    }

    @Test
    @Proves({"WA-1", "WA-4"})
    void aNegativeLimitIsATryWithoutAWait() throws Exception {
        String busy = name();
        LockHandle held = hold("WA-1", client(), busy);
        LockClient client = client();
        String free = name();
        for (Duration limit : NEGATIVE) {
            check("WA-1", !atOnce(limit, () -> client.tryAcquire(busy, limit).isPresent()), () -> "two clients hold");
            check("WA-1", !atOnce(limit, () -> client.lock(busy).tryLock(limit)), () -> "two clients hold");
            check(
                    "WA-1",
                    atOnce(limit, () -> client.tryAcquire(free, limit)
                            .map(WaitLengthsKit::released)
                            .orElse(false)),
                    () -> "a free lock was refused with a limit of " + limit);
        }
        for (TimeUnit unit : TimeUnit.values()) {
            for (long time : new long[] {0, -1, Long.MIN_VALUE}) {
                check(
                        "WA-1",
                        !atOnce(unit + " " + time, () -> client.lock(busy).tryLock(time, unit)),
                        () -> "two clients hold");
            }
        }
        int contenders = client.lock(busy).inspect().contenders();
        check("WA-4", contenders == 1, () -> "tries without a wait left " + contenders + " contenders");
        held.release();
    }

    private boolean atOnce(Object limit, Callable<Boolean> call) throws Exception {
        return result("WA-1", patience(), "a try with a limit of " + limit, begin(call));
    }

    @Test
    @Proves("WA-8")
    void aHugeMaximumHoldIsNone() throws Exception {
        LockClient client = client();
        Heard heard = new Heard();
        client.addListener(heard);
        List<LockHandle> holds = new ArrayList<>();
        for (Duration maximum : HUGE) {
            LockOptions options = LockOptions.defaults().maximumHold(maximum);
            holds.add(result(
                    "WA-8",
                    patience(),
                    "acquiring with a maximum of " + maximum,
                    begin(() -> client.acquire(name(), options))));
        }
        Await.pass(time().moment());
        for (LockHandle hold : holds) {
            check("WA-8", hold.isValid(), () -> "a hold with a huge maximum ended; heard " + heard.losses());
            check("WA-8", !hold.remainingLease().isZero(), () -> "a hold with a huge maximum has no lease left");
            hold.release();
        }
    }

    @Test
    @Proves("WA-9")
    void aHugeMinimumHoldKeepsTheLockUntilClose() throws Exception {
        LockClient other = client();
        for (Duration minimum : List.of(HUGE.get(0), HUGE.get(3))) {
            String name = name();
            LockClient client = client(config -> config.withCloseTimeout(time().moment()));
            LockOptions options = LockOptions.defaults().minimumHold(minimum);
            LockHandle hold = result(
                    "WA-9",
                    patience(),
                    "acquiring with a minimum of " + minimum,
                    begin(() -> client.acquire(name, options)));
            result("WA-9", patience(), "the release", begin(hold::release));
            Await.pass(time().moment());
            check("WA-9", other.tryAcquire(name).isEmpty(), () -> "a minimum hold of " + minimum + " was over at once");
            result("WA-9", patience(), "close with a huge minimum hold", begin(() -> {
                client.close();
                return true;
            }));
            free("WA-9", other, name);
        }
    }
}
