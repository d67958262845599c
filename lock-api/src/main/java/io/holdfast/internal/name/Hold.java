// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.name;

import io.holdfast.LockLoss;
import io.holdfast.LockOptions;
import io.holdfast.ReleaseOutcome;
import io.holdfast.internal.context.Durations;
import io.holdfast.spi.LockClock;
import io.holdfast.spi.LockScheduler.Scheduled;
import java.lang.ref.Reference;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An owner's possession, with its count and its token.
 *
 * <p>HELD → RELEASED, or HELD → LOST, once, under the name's mutex. Validity is HELD and a lease that has not passed; it is read
 * without the mutex.
 */
public final class Hold {
    static final String MAXIMUM_PASSED = "its maximum hold passed";

    /** What may be done with a hold by whoever has it; the name does it. */
    public interface Home {
        /** What is held. */
        String name();

        /** The client's clock. */
        LockClock clock();

        /** Gives it up, whoever calls; NOT_HELD when it has ended. */
        CompletionStage<ReleaseOutcome> release(Hold h, boolean mayBlock);

        /** Gives it up when its owner never got to know of it, because the wait was interrupted or cancelled as it was granted. */
        CompletionStage<ReleaseOutcome> discard(Hold h, boolean mayBlock);

        /** Changes its maximum. Returns false when it has ended. */
        boolean limit(Hold h, long maximumNanos);

        /** Registers a loss action. Returns the loss when it has happened, so that the caller runs the action. */
        @Nullable
        LockLoss onLost(Hold h, Consumer<LockLoss> action);

        /** Its owner is gone for good, and nobody else can release it; returns at once. */
        void abandoned(Hold h, String why);
    }

    /** How a possession stands. */
    public enum Status {
        HELD,
        RELEASED,
        LOST
    }

    final Home home;
    final Owner owner;
    final Place place;
    final long token;
    final long acquiredAt;

    /** Guarded by the name's mutex. */
    private @Nullable Thread interruptOnLoss;

    /** When it ended, monotonic; written before the status. */
    private long endedAt;

    private final LockClock clock;
    private volatile Status status = Status.HELD;
    private final Levels levels = new Levels();

    /** Written under the mutex only. */
    volatile long maximumNanos;

    // Guarded by the name's mutex.
    /** Counted from the beginning, like the maximum. */
    long minimumNanos;

    @Nullable
    Scheduled maximumTimer;

    boolean suspect;
    /** Written before the status. */
    private volatile @Nullable LockLoss loss;

    final LossActions lossActions = new LossActions();

    /** Cleared by the collector when nothing refers to the handle any more; null when the owner is no handle. */
    volatile @Nullable Reference<?> handle;

    /** The store did not have it any more when it was released. */
    volatile boolean gone;

    Hold(Home home, Owner owner, Place place, long token) {
        this.home = home;
        this.clock = home.clock();
        this.owner = owner;
        this.place = place;
        this.token = token;
        this.acquiredAt = clock.nanoTime();
    }

    /** What its first level asked for; before anybody else sees it. */
    void begin(LockOptions options, @Nullable Thread waited) {
        interruptOnLoss = options.interruptsOnLoss() ? waited : null;
        minimumNanos = Durations.saturatedNanos(options.minimumHold());
        maximumNanos = options.maximumHold().map(Durations::saturatedNanos).orElse(Long.MAX_VALUE);
    }

    /** What its owner may do with it. */
    public Home home() {
        return home;
    }

    /** Whose it is. */
    public Owner owner() {
        return owner;
    }

    /** Its fencing token. */
    public long token() {
        return token;
    }

    /** When it began, monotonic. */
    public long acquiredAt() {
        return acquiredAt;
    }

    /** How long it lasted, in nanoseconds; once it has ended. */
    long heldNanos() {
        return Math.max(0, endedAt - acquiredAt);
    }

    /** Whether it ends by itself. */
    public boolean isLimited() {
        return maximumNanos != Long.MAX_VALUE;
    }

    /** Whether its owner may rely on it. */
    public boolean isValid() {
        return status == Status.HELD && untilMaximum() > 0 && place.lease.alive();
    }

    /** How long that stays so without a renewal. */
    public long remainingNanos() {
        return status == Status.HELD ? Math.max(0, Math.min(untilMaximum(), place.lease.remaining())) : 0;
    }

    /** What is left of the maximum hold; it ends a hold by the clock too, not by its timer alone (rules LO-1, WA-8). */
    long untilMaximum() {
        long maximum = maximumNanos;
        return maximum == Long.MAX_VALUE ? maximum : maximum - (clock.nanoTime() - acquiredAt);
    }

    /** How it was lost: told already, or seen just now. */
    public LockLoss loss() {
        return new LockLoss(home.name(), token, whyOver());
    }

    /** How it was lost if it was released before anybody knew. */
    public LockLoss goneAtRelease() {
        return new LockLoss(home.name(), token, "the store no longer had it when it was released");
    }

    /** Whether the store did not have it any more when it was released. */
    public boolean isGone() {
        return gone;
    }

    /** Why it is not valid, as long as nobody has told it otherwise. */
    private String whyOver() {
        LockLoss told = loss;
        if (told != null) {
            return told.reason();
        }
        return place.lease.alive() && untilMaximum() <= 0 ? MAXIMUM_PASSED : place.lease.whyOver();
    }

    /** How it stands. */
    public Status status() {
        return status;
    }

    /** How many levels it has. */
    public int count() {
        return levels.count();
    }

    /**
     * One level more without the mutex, when the hold is valid. A loss or a release that comes meanwhile seals the levels first: it
     * counts this one, or this one is refused (rule RE-5).
     */
    public boolean reentersAtOnce() {
        return isValid() && levels.add();
    }

    /** One level less without the mutex, when the hold is valid and it is not the last one. */
    public boolean leavesInnerLevel() {
        return isValid() && levels.removeInner();
    }

    /** Lets no level come or go any more; before its loss is told. @return how many there are */
    int seal() {
        return levels.seal();
    }

    /** One level more. Of its options only the minimum counts, from now on; the later end of two is kept (rule RE-9). */
    void reenter(Duration minimum) {
        if (!levels.add()) {
            throw new ArithmeticException("a hold has at most " + Integer.MAX_VALUE + " levels");
        }
        if (!minimum.isZero()) {
            long held = clock.nanoTime() - acquiredAt;
            long asked = Durations.saturatedNanos(minimum);
            minimumNanos = Math.max(minimumNanos, asked > Long.MAX_VALUE - held ? Long.MAX_VALUE : held + asked);
        }
    }

    /** One level less. @return whether it was the last, after which none comes */
    boolean leave() {
        return levels.remove();
    }

    /** Ends it as released; its loss actions stay, for the store may turn out to have lost it before. */
    void released() {
        endedAt = clock.nanoTime();
        status = Status.RELEASED;
        stopTimer();
    }

    /** Ends it as lost. @return what to call, outside the mutex */
    List<Consumer<LockLoss>> lost(LockLoss why) {
        loss = why;
        endedAt = clock.nanoTime();
        status = Status.LOST;
        Thread thread = interruptOnLoss;
        if (thread != null) {
            // Under the mutex, which unlock must enter: no interrupt can come after unlock has returned (rule LO-4).
            thread.interrupt();
        }
        stopTimer();
        return lossActions.lost(why);
    }

    private void stopTimer() {
        Scheduled t = maximumTimer;
        if (t != null) {
            t.cancel();
        }
    }
}
