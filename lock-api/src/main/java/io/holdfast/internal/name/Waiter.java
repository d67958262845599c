// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.name;

import io.holdfast.LockAttempt;
import io.holdfast.LockOptions;
import io.holdfast.spi.LockScheduler.Scheduled;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An owner queued inside the client, until it holds, is refused, fails or is withdrawn. Settled under its name's mutex. */
public final class Waiter {
    /** How a wait stands. */
    public enum State {
        WAITING,
        GRANTED,
        /** The wait limit passed, or a try found the lock busy. */
        REFUSED,
        FAILED,
        WITHDRAWN
    }

    /** How long it may take. */
    public enum Patience {
        /** A try: one request, no place in line. */
        NONE,
        LIMITED,
        ENDLESS
    }

    final Owner owner;
    final LockOptions options;
    /** Written under the mutex only: a wait whose limit has passed goes on as a try until the store has answered (rule WA-12). */
    private volatile Patience patience;

    /** When it came, monotonic. */
    final long since;
    /** Who is interrupted on loss; null for an asynchronous acquisition. */
    final @Nullable Thread thread;

    private final @Nullable Consumer<Waiter> whenSettled;
    private volatile State state = State.WAITING;

    // Written before the state, read after it.
    private @Nullable Hold hold;
    private @Nullable RuntimeException failure;

    /**
     * A try that was refused while something of our own was still leaving the store: it may have been refused by that. Guarded by the
     * name's mutex.
     */
    boolean refusedByOwn;

    /** Guarded by the name's mutex. */
    @Nullable
    Scheduled timer;

    /**
     * A wait that begins.
     *
     * @param since when it came, monotonic
     * @param whenSettled called when it ends; null when the calling thread waits
     */
    public Waiter(
            Owner owner, LockOptions options, Patience patience, long since, @Nullable Consumer<Waiter> whenSettled) {
        this.owner = owner;
        this.options = options;
        this.patience = patience;
        this.since = since;
        this.whenSettled = whenSettled;
        this.thread = whenSettled == null ? Thread.currentThread() : null;
    }

    boolean isTry() {
        return patience == Patience.NONE;
    }

    boolean isEndless() {
        return patience == Patience.ENDLESS;
    }

    /** What it asked for. */
    public LockOptions options() {
        return options;
    }

    /** How long it may take. */
    public Patience patience() {
        return patience;
    }

    /** Its limit has passed and nobody has said anything of the lock yet: it wants no place in line any more, only an answer. */
    void becomeTry() {
        patience = Patience.NONE;
    }

    /** Whether it was asked to wait for some time. */
    boolean isLimited() {
        return options.waitLimit().filter(limit -> !limit.isZero()).isPresent();
    }

    /** How it stands. */
    public State state() {
        return state;
    }

    /** Whether it has ended. */
    public boolean settled() {
        return state != State.WAITING;
    }

    /** The hold, when it was granted one. */
    public @Nullable Hold hold() {
        return hold;
    }

    /** Why it failed, when it did. */
    public @Nullable RuntimeException failure() {
        return failure;
    }

    void grant(Hold granted, NameHome home) {
        hold = granted;
        settle(State.GRANTED, home);
    }

    void fail(RuntimeException why, NameHome home) {
        failure = why;
        settle(State.FAILED, home);
    }

    /** Ends the wait; under the mutex of its name, which wakes the thread after it was left: it may need that mutex at once. */
    void settle(State end, NameHome home) {
        state = end;
        Scheduled t = timer;
        if (t != null) {
            t.cancel();
        }
        home.engine.listeners().attempted(() -> attempt(home));
        if (thread != Thread.currentThread()) {
            home.after(this::wake);
        }
    }

    private LockAttempt attempt(NameHome home) {
        Duration waited = Duration.ofNanos(Math.max(0, home.clock().nanoTime() - since));
        Hold got = hold;
        return got != null
                ? LockAttempt.acquired(home.name(), waited, got.token, got.place.handoffs > 0)
                : LockAttempt.without(home.name(), outcome(), waited);
    }

    private LockAttempt.Outcome outcome() {
        return switch (state) {
            case FAILED -> LockAttempt.Outcome.FAILED;
            case WITHDRAWN -> LockAttempt.Outcome.WITHDRAWN;
            default -> isLimited() ? LockAttempt.Outcome.TIMEOUT : LockAttempt.Outcome.BUSY;
        };
    }

    private void wake() {
        if (whenSettled != null) {
            whenSettled.accept(this);
        } else {
            LockSupport.unpark(thread);
        }
    }

    /** Parks the calling thread until settled. @return whether it was interrupted meanwhile */
    public boolean awaitUninterruptibly() {
        boolean interrupted = false;
        while (!settled()) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        return interrupted;
    }

    /** Parks the calling thread until settled or interrupted. @return false when interrupted first; the status is cleared */
    public boolean awaitInterruptibly() {
        while (!settled()) {
            if (Thread.interrupted()) {
                return false;
            }
            LockSupport.park(this);
        }
        return true;
    }
}
