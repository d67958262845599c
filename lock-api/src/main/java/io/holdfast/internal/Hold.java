// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

import io.holdfast.LockLoss;
import io.holdfast.LockOptions;
import io.holdfast.spi.LockClock;
import io.holdfast.spi.LockScheduler.Scheduled;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An owner's possession, with its count and its token.
 *
 * <p>HELD → RELEASED, or HELD → LOST, once, under the name's mutex. Validity is HELD and a lease that has not passed; it is read
 * without the mutex.
 */
final class Hold {
    enum Status {
        HELD,
        RELEASED,
        LOST
    }

    final Owner owner;
    final Place place;
    final long token;
    final long acquiredAt;
    final @Nullable Thread interruptOnLoss;

    private final LockClock clock;
    private volatile Status status = Status.HELD;
    /** Written under the mutex only. */
    private volatile int count = 1;

    /** Written under the mutex only. */
    volatile long maximumNanos;

    // Guarded by the name's mutex.
    long minimumNanos;

    @Nullable
    Scheduled maximumTimer;

    boolean suspect;
    private @Nullable LockLoss loss;
    private final List<Consumer<LockLoss>> lossActions = new ArrayList<>(0);

    /** Cleared by the collector when nothing refers to the handle any more; null when the owner is no handle. */
    volatile @Nullable HandleReference handle;

    Hold(Waiter waiter, Place place, long token, LockClock clock) {
        this.clock = clock;
        this.owner = waiter.owner;
        this.place = place;
        this.token = token;
        this.acquiredAt = clock.nanoTime();
        LockOptions o = waiter.options;
        this.interruptOnLoss = o.interruptsOnLoss() ? waiter.thread : null;
        this.minimumNanos = Durations.saturatedNanos(o.minimumHold());
        this.maximumNanos = o.maximumHold().map(Durations::saturatedNanos).orElse(Long.MAX_VALUE);
    }

    boolean isValid() {
        return status == Status.HELD && untilMaximum() > 0 && place.lease.alive();
    }

    long remainingNanos() {
        return status == Status.HELD ? Math.max(0, Math.min(untilMaximum(), place.lease.remaining())) : 0;
    }

    /** What is left of the maximum hold; it ends a hold by the clock too, not by its timer alone (rules LO-1, WA-8). */
    long untilMaximum() {
        long maximum = maximumNanos;
        return maximum == Long.MAX_VALUE ? maximum : maximum - (clock.nanoTime() - acquiredAt);
    }

    Status status() {
        return status;
    }

    int count() {
        return count;
    }

    /** One level more. An inner acquisition may lengthen limits, never shorten them. */
    void reenter(LockOptions options) {
        int before = count;
        count = Math.addExact(before, 1);
        minimumNanos = Math.max(minimumNanos, Durations.saturatedNanos(options.minimumHold()));
    }

    /** One level less. @return whether it was the last */
    boolean leave() {
        int left = count - 1;
        count = left;
        return left == 0;
    }

    /** Ends it as released. @return what to call if the store turns out to have lost it before */
    List<Consumer<LockLoss>> released() {
        status = Status.RELEASED;
        return close();
    }

    /** Ends it as lost. @return what to call, outside the mutex */
    List<Consumer<LockLoss>> lost(LockLoss why) {
        loss = why;
        status = Status.LOST;
        Thread thread = interruptOnLoss;
        if (thread != null) {
            // Under the mutex, which unlock must enter: no interrupt can come after unlock has returned (rule LO-4).
            thread.interrupt();
        }
        return close();
    }

    /** Registers an action. @return the loss when it has happened already, so that the caller runs the action */
    @Nullable
    LockLoss onLost(Consumer<LockLoss> action) {
        if (status == Status.HELD) {
            lossActions.add(action);
        }
        return loss;
    }

    private List<Consumer<LockLoss>> close() {
        Scheduled t = maximumTimer;
        if (t != null) {
            t.cancel();
        }
        List<Consumer<LockLoss>> actions = List.copyOf(lossActions);
        lossActions.clear();
        return actions;
    }
}
