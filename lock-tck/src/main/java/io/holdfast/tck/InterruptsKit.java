// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.DistributedLock;
import io.holdfast.ForceOutcome;
import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import io.holdfast.ReleaseOutcome;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** WA-14: what an interrupted thread asks for is done, and it stays interrupted. */
@SuppressWarnings("LockNotBeforeTry") // the scene ends what a failure leaves
abstract class InterruptsKit extends Kit {
    private <T> T interrupted(String what, Callable<T> body) throws Exception {
        return result("WA-14", patience(), what + " on an interrupted thread", begin(() -> {
            Thread.currentThread().interrupt();
            T value = body.call();
            check("WA-14", Thread.interrupted(), () -> what + " took the interrupt status of its thread away");
            return value;
        }));
    }

    @Test
    @Proves({"WA-14", "RE-4"})
    void anInterruptedThreadTakesWhatIsFreeAndGivesItBack() throws Exception {
        String name = name();
        LockClient client = client();
        LockClient other = client();
        LockHandle hold = interrupted("tryAcquire", () -> client.tryAcquire(name)
                .orElseThrow(() -> broken("WA-14", "a free lock was refused to an interrupted thread", null)));
        check("WA-4", interrupted("tryAcquire", () -> other.tryAcquire(name)).isEmpty(), () -> "two clients hold");
        ReleaseOutcome outcome = interrupted("release", hold::release);
        check("WA-14", outcome == ReleaseOutcome.RELEASED, () -> "a release on an interrupted thread is " + outcome);
        free("RE-4", other, name).release();
        interrupted("tryLock and unlock", () -> {
            DistributedLock lock = client.lock(name);
            check("WA-14", lock.tryLock(), () -> "a free lock was refused to an interrupted thread");
            lock.unlock();
            return true;
        });
        free("RE-4", other, name);
    }

    @Test
    @Proves({"WA-14", "IN-2"})
    void anInterruptedThreadGetsAnswersFromTheStore() throws Exception {
        String name = name();
        LockClient client = client();
        LockHandle held = hold("IN-2", client, name);
        LockClient other = client();
        check("IN-2", interrupted("isLocked", () -> other.lock(name).isLocked()), () -> "a held lock is shown free");
        check(
                "IN-2",
                interrupted("inspect", () -> other.lock(name).inspect()).isHeld(),
                () -> "a held lock is shown free");
        check(
                "IN-2",
                interrupted("list", other::list).stream()
                        .anyMatch(lock -> lock.name().equals(name)),
                () -> "list() does not show '" + name + "'");
        check("IN-4", !interrupted("diagnose", other::diagnose).isEmpty(), () -> "a diagnosis without a finding");
        ForceOutcome outcome = interrupted("forceUnlock", () -> other.forceUnlock(name, held.fencingToken()));
        check("IN-3", outcome == ForceOutcome.RELEASED, () -> "a forced release says " + outcome);
    }

    @Test
    @Proves({"WA-14", "CL-1"})
    void aCloseOnAnInterruptedThreadEndsEverything() throws Exception {
        String name = name();
        LockClient client = client();
        hold("CL-1", client, name);
        interrupted("close", () -> {
            client.close();
            return true;
        });
        free("CL-1", client(), name);
    }
}
