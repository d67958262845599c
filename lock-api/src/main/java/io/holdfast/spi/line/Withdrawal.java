// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi.line;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The removal of one contender, run by one caller at a time and not again once the store confirmed it.
 *
 * <p>{@link io.holdfast.spi.Contender#withdraw()} may be called again, and by two threads at once. Where what a contender is called in the
 * store is used again, as a slot is, a second removal that is still on its way when the first is confirmed would hit the next contender of
 * that slot (rule UO-2). Who calls {@link #run()} during a removal waits for that one. Thread-safe.
 */
final class Withdrawal {
    private final Supplier<? extends CompletionStage<?>> removal;

    /** The removal under way, or the one that was confirmed; null before the first and after one that failed. */
    private @Nullable CompletableFuture<@Nullable Void> current;

    /**
     * Prepares a removal, and sends nothing.
     *
     * @param removal completes when the store confirmed that the contender is not there and never will be, exceptionally when that
     *     is unknown; never called while one that it returned before is not complete, nor after one that completed normally
     */
    Withdrawal(Supplier<? extends CompletionStage<?>> removal) {
        this.removal = Objects.requireNonNull(removal, "removal");
    }

    /**
     * Removes, or waits for the removal under way.
     *
     * @return completes as the removal does; the next call after a failure removes again
     */
    CompletionStage<@Nullable Void> run() {
        CompletableFuture<@Nullable Void> mine = new CompletableFuture<>();
        synchronized (this) {
            if (current != null) {
                return current.minimalCompletionStage();
            }
            current = mine;
        }
        begin().whenComplete((done, failure) -> {
            if (failure == null) {
                mine.complete(null);
            } else {
                // Before it is told: whoever is told may call again at once.
                again();
                mine.completeExceptionally(failure);
            }
        });
        return mine.minimalCompletionStage();
    }

    private CompletionStage<?> begin() {
        try {
            return removal.get();
        } catch (RuntimeException | Error failure) { // or everybody would wait for ever
            return CompletableFuture.failedFuture(failure);
        }
    }

    private synchronized void again() {
        current = null;
    }
}
