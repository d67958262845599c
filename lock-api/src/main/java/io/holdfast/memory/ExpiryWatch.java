// SPDX-License-Identifier: Apache-2.0
package io.holdfast.memory;

import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.LockScheduler.Scheduled;
import org.jspecify.annotations.Nullable;

/**
 * A timer for the moment when a holder's lease would end, on the runtime of the contender that waits behind it.
 *
 * <p>A watch that comes too late or too early is harmless: the store looks whether it is still the line's own, and at the
 * clock.
 */
final class ExpiryWatch {
    final MemoryContender waiter;
    private final Runnable look;
    private volatile boolean over;
    private volatile @Nullable Scheduled task;

    ExpiryWatch(MemoryContender waiter, Runnable look) {
        this.waiter = waiter;
        this.look = look;
    }

    void start(LockRuntime runtime, long delayNanos) {
        if (over) {
            return;
        }
        Scheduled scheduled = runtime.scheduler().schedule(look, delayNanos);
        task = scheduled;
        if (over) { // stopped by another thread between the two looks: it has not seen the task
            scheduled.cancel();
        }
    }

    void stop() {
        over = true;
        Scheduled scheduled = task;
        if (scheduled != null) {
            scheduled.cancel();
        }
    }
}
