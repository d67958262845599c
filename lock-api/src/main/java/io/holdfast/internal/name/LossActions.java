// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.name;

import io.holdfast.LockLoss;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done when a hold is lost. A release leaves them open: the store may answer that the hold was gone before. Each action
 * is handed out once, by whoever sees the loss first (rule LO-3).
 */
final class LossActions {
    private final List<Consumer<LockLoss>> actions = new ArrayList<>(0);
    private boolean settled;
    private @Nullable LockLoss loss;

    /** Registers one. @return the loss when it is known already, so that the caller runs the action */
    synchronized @Nullable LockLoss add(Consumer<LockLoss> action) {
        if (!settled) {
            actions.add(action);
        }
        return loss;
    }

    /** It was lost. @return what to call, outside every mutex */
    synchronized List<Consumer<LockLoss>> lost(LockLoss why) {
        loss = why;
        List<Consumer<LockLoss>> all = List.copyOf(actions);
        notLost();
        return all;
    }

    /** It was given back, as far as will ever be known: nobody is told anything. */
    synchronized void notLost() {
        settled = true;
        actions.clear();
    }
}
