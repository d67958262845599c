// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Looks again until a condition holds or a limit has passed. */
public final class Await {
    private static final long GAP_NANOS = 2_000_000;

    private Await() {}

    /** Whether the condition held within the limit. */
    public static boolean until(Duration limit, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() - deadline >= 0) {
                return false;
            }
            LockSupport.parkNanos(GAP_NANOS);
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted while awaiting a condition");
            }
        }
        return true;
    }

    /** Lets real time pass: to show that something does not happen in it, or that a lease has run. */
    public static void pass(Duration time) throws InterruptedException {
        long deadline = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = deadline - System.nanoTime()) {
            LockSupport.parkNanos(left);
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted while letting time pass");
            }
        }
    }
}
