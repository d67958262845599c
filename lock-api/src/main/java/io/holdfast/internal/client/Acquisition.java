// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.client;

import io.holdfast.LockHandle;
import io.holdfast.LockNames;
import io.holdfast.LockOptions;
import io.holdfast.internal.context.Engine;
import io.holdfast.internal.context.Failures;
import io.holdfast.internal.name.ForgottenHolds;
import io.holdfast.internal.name.Hold;
import io.holdfast.internal.name.NameState;
import io.holdfast.internal.name.NameTable;
import io.holdfast.internal.name.Owner;
import io.holdfast.internal.name.Waiter;
import io.holdfast.internal.name.Waiter.Patience;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The ways to wait for a lock: with or without regard to interrupts, or without a thread. */
final class Acquisition {
    private final Engine engine;
    private final NameTable names;
    private final ForgottenHolds forgottenHolds;
    final Executor completions;

    /**
     * The ways of one engine.
     *
     * @param engine its context
     * @param names where the waits go
     * @param forgottenHolds watches handles
     * @param completions where what the caller made of an asynchronous acquisition is run
     */
    Acquisition(Engine engine, NameTable names, ForgottenHolds forgottenHolds, Executor completions) {
        this.engine = engine;
        this.names = names;
        this.forgottenHolds = forgottenHolds;
        this.completions = completions;
    }

    /** How long options let a caller wait whose method says what no limit means. */
    static Patience patience(LockOptions options, Patience withoutLimit) {
        Objects.requireNonNull(options, "options");
        return options.waitLimit()
                .map(l -> l.isZero() ? Patience.NONE : Patience.LIMITED)
                .orElse(withoutLimit);
    }

    /** Waits whatever interrupts come, and restores the status. @return null when refused */
    @Nullable
    Hold uninterruptibly(String name, Owner owner, LockOptions options, Patience patience) {
        Waiter w = new Waiter(owner, options, patience, engine.clock().nanoTime(), null);
        names.submit(name, w, maySendInline(w));
        if (w.awaitUninterruptibly()) {
            Thread.currentThread().interrupt();
        }
        return result(w);
    }

    /** Waits until interrupted; nothing is held then. @return null when refused */
    @Nullable
    Hold interruptibly(String name, Owner owner, LockOptions options, Patience patience) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted before waiting for lock '" + LockNames.printable(name) + "'");
        }
        Waiter w = new Waiter(owner, options, patience, engine.clock().nanoTime(), null);
        NameState state = names.submit(name, w, maySendInline(w));
        if (!w.awaitInterruptibly()) {
            Hold raced = state.withdraw(w) ? null : w.hold();
            if (raced != null) {
                Pending.outcome(
                        engine, state.discard(raced, true)); // before the interrupt is reported: nothing is held then
            }
            throw new InterruptedException("interrupted while waiting for lock '" + LockNames.printable(name) + "'");
        }
        return result(w);
    }

    /** A handle, which is an owner of its own. @return null when refused */
    @Nullable
    LockHandle handle(String name, LockOptions options, Patience patience) throws InterruptedException {
        Hold hold = interruptibly(name, Owner.unique(), options, patience);
        return hold == null ? null : handle(hold);
    }

    /** A handle for a try: it asks, and waits for nobody. @return null when refused */
    @Nullable
    LockHandle handle(String name) {
        Hold hold = uninterruptibly(name, Owner.unique(), LockOptions.defaults(), Patience.NONE);
        return hold == null ? null : handle(hold);
    }

    private EngineHandle handle(Hold hold) {
        EngineHandle handle = new EngineHandle(engine, hold);
        forgottenHolds.watch(handle, hold);
        return handle;
    }

    /** A handle some time later; cancelling it, or completing it in any other way, withdraws (rules WA-10, WA-13). */
    CompletionStage<LockHandle> later(String name, LockOptions options) {
        AtomicReference<@Nullable Runnable> withdrawal = new AtomicReference<>();
        Deliverable<LockHandle> future = new Deliverable<>(() -> {
            Runnable withdraw = withdrawal.get();
            if (withdraw != null) {
                withdraw.run();
            }
        });
        Waiter w = new Waiter(
                Owner.unique(),
                options,
                patience(options, Patience.ENDLESS),
                engine.clock().nanoTime(),
                settled -> complete(future, settled, name));
        NameState state = names.submit(name, w, false);
        withdrawal.set(() -> state.withdraw(w));
        return future;
    }

    /** What it is completed with runs the caller's own code, so it runs where that delays nobody else (rule LI-2). */
    private void complete(Deliverable<LockHandle> future, Waiter w, String name) {
        try {
            completions.execute(() -> completeNow(future, w, name));
        } catch (RuntimeException | Error refused) {
            // Nobody would ever get the hold. An executor must not
            // refuse (LockRuntime), but one that was shut down does.
            Hold hold = w.hold();
            if (hold != null) {
                hold.home().discard(hold, false);
            }
            future.refuse(engine.failures()
                    .unavailable(
                            name, "the executor took no task", engine.failures().unwrap(refused)));
        }
    }

    private void completeNow(Deliverable<LockHandle> future, Waiter w, String name) {
        Hold hold = w.hold();
        RuntimeException failure = w.failure();
        if (hold != null) {
            // It goes back when it was cancelled as it was granted, or every stage made of it was, or will be before
            // anybody has taken it.
            future.deliver(handle(hold), () -> hold.home().discard(hold, false));
        } else if (failure != null) {
            future.refuse(failure);
        } else if (w.state() == Waiter.State.REFUSED) {
            Duration waited = w.options().waitLimit().orElse(Duration.ZERO);
            future.refuse(engine.failures().timeout(name, waited));
        }
    }

    /** A blocking backend may send on the caller's thread when the caller would wait as long as a request may take. */
    private boolean maySendInline(Waiter w) {
        return w.patience() != Patience.LIMITED
                || w.options()
                                .waitLimit()
                                .orElse(Duration.ZERO)
                                .compareTo(engine.settings().operationTimeout())
                        > 0;
    }

    private static @Nullable Hold result(Waiter w) {
        RuntimeException failure = w.failure();
        if (failure != null) {
            throw Failures.rethrown(failure);
        }
        return w.hold();
    }
}
