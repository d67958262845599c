// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.client;

import io.holdfast.LockHandle;
import io.holdfast.LockLoss;
import io.holdfast.LockNames;
import io.holdfast.ReleaseOutcome;
import io.holdfast.internal.context.Durations;
import io.holdfast.internal.context.Engine;
import io.holdfast.internal.name.Hold;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A hold as a value. The engine refers to it weakly, so that a forgotten one is found. */
public final class EngineHandle implements LockHandle {
    private final Engine engine;
    private final Hold hold;

    /**
     * Its owner has learned, by a call or by an action that has begun, that it is held no more (rule LO-8). An object of its own, since
     * the actions must not keep the handle from being found forgotten.
     */
    private final AtomicBoolean told = new AtomicBoolean();

    EngineHandle(Engine engine, Hold hold) {
        this.engine = engine;
        this.hold = hold;
    }

    @Override
    public String name() {
        return hold.home().name();
    }

    @Override
    public long fencingToken() {
        return hold.token();
    }

    @Override
    public boolean isValid() {
        boolean valid = hold.isValid();
        if (!valid) {
            told.set(true);
        }
        return valid;
    }

    @Override
    public Duration remainingLease() {
        long left = hold.remainingNanos();
        if (left == 0) {
            told.set(true);
        }
        return Duration.ofNanos(left);
    }

    @Override
    public void onLost(Consumer<LockLoss> action) {
        Objects.requireNonNull(action, "action");
        AtomicBoolean begun = told;
        Consumer<LockLoss> telling = loss -> {
            begun.set(true);
            action.accept(loss);
        };
        LockLoss already = hold.home().onLost(hold, telling);
        if (already != null) {
            engine.listeners().run(telling, already);
        }
    }

    @Override
    public void limit(Duration maximum) {
        if (!hold.home().limit(hold, Durations.checkedMaximum(maximum))) {
            boolean lost = hold.status() != Hold.Status.RELEASED;
            if (lost) {
                told.set(true);
            }
            throw lost
                    ? engine.failures().lost(loss())
                    : engine.failures().notOwner(name(), hold.owner().toString());
        }
    }

    @Override
    public ReleaseOutcome release() {
        ReleaseOutcome outcome = Pending.outcome(engine, hold.home().release(hold, true));
        learned(outcome);
        return outcome;
    }

    @Override
    public CompletionStage<ReleaseOutcome> releaseAsync() {
        return hold.home().release(hold, false).whenComplete((outcome, failure) -> learned(outcome));
    }

    private void learned(@Nullable ReleaseOutcome outcome) {
        if (outcome == ReleaseOutcome.NOT_HELD) {
            told.set(true);
        }
    }

    @Override
    public void close() {
        boolean known = told.get();
        boolean ended = hold.status() == Hold.Status.RELEASED;
        boolean held = release() != ReleaseOutcome.NOT_HELD;
        // Another thread may have released it since the look: then it was not held, and nothing was lost.
        boolean lost = hold.status() == Hold.Status.LOST || hold.isGone();
        if (!held && lost && !known && !ended) {
            throw engine.failures().lost(loss());
        }
    }

    /** Why it is held no more: it was lost, or the store did not have it any more when it was released. */
    private LockLoss loss() {
        return hold.status() == Hold.Status.RELEASED ? hold.goneAtRelease() : hold.loss();
    }

    @Override
    public String toString() {
        return "hold of '" + LockNames.printable(hold.home().name()) + "', fencing token " + hold.token() + ", "
                + (isValid() ? "valid" : hold.status().name().toLowerCase(java.util.Locale.ROOT));
    }
}
