// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi.line;

import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Turns wake-ups into looks, one at a time: however many come during a look, one more follows it, since it may have been answered before
 * what woke us happened. Thread-safe; looks under no lock.
 */
final class Looks {
    private final BooleanSupplier wanted;
    private final Supplier<CompletionStage<?>> look;

    // Guarded by this.
    private boolean looking;
    private boolean again;

    /**
     * Of one contender.
     *
     * @param wanted whether a look can still say something; a look that it overtakes does no harm
     * @param look asks the store; completes when the answer was taken in, exceptionally when there was none
     */
    Looks(BooleanSupplier wanted, Supplier<CompletionStage<?>> look) {
        this.wanted = wanted;
        this.look = look;
    }

    void woken() {
        if (wanted.getAsBoolean() && begins()) {
            next();
        }
    }

    private synchronized boolean begins() {
        again = looking;
        looking = true;
        return !again;
    }

    private void next() {
        look.get().whenComplete((done, failure) -> {
            if (goesOn(wanted.getAsBoolean())) {
                next();
            }
        });
    }

    private synchronized boolean goesOn(boolean isWanted) {
        looking = again && isWanted;
        again = false;
        return looking;
    }
}
