// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

import io.holdfast.LockHandle;
import io.holdfast.LockLoss;
import io.holdfast.ReleaseOutcome;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** A hold as a value. The engine refers to it weakly, so that a forgotten one is found. */
public final class EngineHandle implements LockHandle {
    private final EngineClient client;
    private final NameState state;
    private final Hold hold;

    EngineHandle(EngineClient client, Hold hold) {
        this.client = client;
        this.state = hold.place.state;
        this.hold = hold;
    }

    @Override
    public String name() {
        return state.name;
    }

    @Override
    public long fencingToken() {
        return hold.token;
    }

    @Override
    public boolean isValid() {
        return hold.isValid();
    }

    @Override
    public Duration remainingLease() {
        return Duration.ofNanos(hold.remainingNanos());
    }

    @Override
    public void onLost(Consumer<LockLoss> action) {
        LockLoss already = state.onLost(hold, Objects.requireNonNull(action, "action"));
        if (already != null) {
            client.listeners().run(action, already);
        }
    }

    @Override
    public ReleaseOutcome release() {
        return client.outcome(state.release(hold, true));
    }

    /** As {@link #release()}, without waiting for the store. */
    public CompletionStage<ReleaseOutcome> releaseAsync() {
        return state.release(hold, false);
    }

    @Override
    public void close() {
        release();
    }

    @Override
    public String toString() {
        return "hold of '" + Names.printable(state.name) + "', fencing token " + hold.token + ", "
                + (isValid() ? "valid" : hold.status().name().toLowerCase(java.util.Locale.ROOT));
    }
}
