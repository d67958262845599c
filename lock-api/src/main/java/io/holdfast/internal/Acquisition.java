// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

import io.holdfast.LockHandle;
import io.holdfast.LockOptions;
import io.holdfast.internal.Waiter.Patience;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The ways to wait for a lock: with or without regard to interrupts, or without a thread. */
final class Acquisition {
    private final EngineClient client;
    private final Function<String, NameState> names;

    Acquisition(EngineClient client, Function<String, NameState> names) {
        this.client = client;
        this.names = names;
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
        Waiter w = new Waiter(owner, options, patience, client.clock().nanoTime(), null);
        submit(name, w, maySendInline(w));
        if (w.awaitUninterruptibly()) {
            Thread.currentThread().interrupt();
        }
        return result(w);
    }

    /** Waits until interrupted; nothing is held then. @return null when refused */
    @Nullable
    Hold interruptibly(String name, Owner owner, LockOptions options, Patience patience) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted before waiting for lock '" + Names.printable(name) + "'");
        }
        Waiter w = new Waiter(owner, options, patience, client.clock().nanoTime(), null);
        NameState state = submit(name, w, maySendInline(w));
        if (!w.awaitInterruptibly()) {
            Hold raced = state.withdraw(w) ? null : w.hold();
            if (raced != null) {
                client.outcome(state.discard(raced, true)); // before the interrupt is reported: nothing is held then
            }
            throw new InterruptedException("interrupted while waiting for lock '" + Names.printable(name) + "'");
        }
        return result(w);
    }

    /** A handle, which is an owner of its own. @return null when refused */
    @Nullable
    LockHandle handle(String name, LockOptions options, Patience patience) throws InterruptedException {
        Hold hold = interruptibly(name, Owner.unique(), options, patience);
        return hold == null ? null : client.handle(hold);
    }

    /** A handle some time later; cancelling it, or completing it in any other way, withdraws (rule WA-10). */
    CompletionStage<LockHandle> later(String name, LockOptions options) {
        CompletableFuture<LockHandle> future = new CompletableFuture<>();
        Waiter w = new Waiter(
                Owner.unique(),
                options,
                patience(options, Patience.ENDLESS),
                client.clock().nanoTime(),
                settled -> client.execute(() -> complete(future, settled, name)));
        NameState state = submit(name, w, false);
        future.whenComplete((h, e) -> {
            if (w.state() == Waiter.State.WAITING) { // completed by somebody else: cancelled, timed out
                state.withdraw(w);
            }
        });
        return future;
    }

    private void complete(CompletableFuture<LockHandle> future, Waiter w, String name) {
        Hold hold = w.hold();
        RuntimeException failure = w.failure();
        if (hold != null) {
            if (!future.complete(client.handle(hold))) {
                hold.place.state.discard(hold, false); // cancelled as it was granted
            }
        } else if (failure != null) {
            future.completeExceptionally(failure);
        } else if (w.state() == Waiter.State.REFUSED) {
            Duration waited = w.options.waitLimit().orElse(Duration.ZERO);
            future.completeExceptionally(client.failures().timeout(name, waited));
        }
    }

    private NameState submit(String name, Waiter w, boolean mayBlock) {
        while (true) {
            NameState state = names.apply(name);
            if (state.acquire(w, mayBlock)) {
                return state;
            }
            client.drop(state);
        }
    }

    /** A blocking backend may send on the caller's thread when the caller would wait as long as a request may take. */
    private boolean maySendInline(Waiter w) {
        return w.patience != Patience.LIMITED
                || w.options
                                .waitLimit()
                                .orElse(Duration.ZERO)
                                .compareTo(client.settings().operationTimeout())
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
