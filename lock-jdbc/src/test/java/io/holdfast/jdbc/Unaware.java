// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import io.holdfast.LockHandle;
import io.holdfast.LockLoss;
import io.holdfast.ReleaseOutcome;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** A hold as its holder sees it who was stopped since he asked: valid. */
record Unaware(LockHandle hold) implements LockHandle {
    @Override
    public String name() {
        return hold.name();
    }

    @Override
    public long fencingToken() {
        return hold.fencingToken();
    }

    @Override
    public boolean isValid() {
        return true;
    }

    @Override
    public Duration remainingLease() {
        return Duration.ofSeconds(1);
    }

    @Override
    public void onLost(Consumer<LockLoss> action) {
        hold.onLost(action);
    }

    @Override
    public ReleaseOutcome release() {
        return hold.release();
    }

    @Override
    public CompletionStage<ReleaseOutcome> releaseAsync() {
        return hold.releaseAsync();
    }

    @Override
    public void limit(Duration maximum) {
        hold.limit(maximum);
    }

    @Override
    public void close() {
        hold.close();
    }
}
