// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.client;

import io.holdfast.LockOptions;
import io.holdfast.LockOwner;
import io.holdfast.ReleaseOutcome;
import io.holdfast.internal.name.Hold;
import io.holdfast.internal.name.NameState;
import io.holdfast.internal.name.Owner;
import io.holdfast.internal.name.Waiter;
import io.holdfast.internal.name.Waiter.Patience;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * A lock object whose calls park no thread: what {@code EngineLock} does for an owner, in steps, for a simulation that has one
 * thread. A thread that would be woken is a task of the client's executor here.
 */
public final class OwnedLock {
    private final EngineClient whole;
    private final ClientParts client;
    private final String name;
    private final Owner owner;

    /** A lock of the client. */
    public OwnedLock(EngineClient client, String name, LockOwner owner) {
        this.whole = client;
        this.client = client.parts;
        this.name = name;
        this.owner = Owner.of(owner);
    }

    /** What came of a wait. */
    public sealed interface Outcome {}

    /**
     * The owner holds, one level more.
     *
     * @param handle to ask of the hold
     * @param since when the owner came to hold, on the client's monotonic clock
     * @param isLimited whether the hold ends by itself
     */
    public record Held(EngineHandle handle, long since, boolean isLimited) implements Outcome {}

    /**
     * It does not.
     *
     * @param why what the call would throw
     */
    public record Refused(RuntimeException why) implements Outcome {}

    /** A wait under way. */
    public interface Wait {
        /** Interrupts the waiting thread. Returns whether the wait was ended by that; the outcome does not come then. */
        boolean interrupt();
    }

    /** Takes the lock, or one level more of it. */
    public Wait acquire(LockOptions options, Consumer<Outcome> woken) {
        Patience patience = Acquisition.patience(options, Patience.ENDLESS);
        Waiter w =
                new Waiter(owner, options, patience, client.engine().clock().nanoTime(), settled -> client.acquisition()
                        .completions
                        .execute(() -> woken.accept(outcome(settled))));
        NameState state = client.names().submit(name, w, false);
        return () -> !w.settled() && state.withdraw(w);
    }

    private Outcome outcome(Waiter w) {
        Hold hold = w.hold();
        if (hold != null) {
            return new Held(new EngineHandle(client.engine(), hold), hold.acquiredAt(), hold.isLimited());
        }
        RuntimeException failure = w.failure();
        return new Refused(
                failure != null
                        ? failure
                        : client.engine()
                                .failures()
                                .timeout(name, w.options().waitLimit().orElse(java.time.Duration.ZERO)));
    }

    /** Gives up one level; throws as {@code unlock} does. */
    public CompletionStage<ReleaseOutcome> unlock() {
        NameState state = client.names().get(name);
        if (state == null) {
            throw client.names().lostHolds().notHeld(name, owner);
        }
        return state.release(owner);
    }

    /** How many levels the owner's hold has; 0 without one. */
    public int levels() {
        NameState state = client.names().get(name);
        Hold hold = state == null ? null : state.holdOf(owner);
        return hold != null && hold.isValid() ? hold.count() : 0;
    }

    /** How many requests for a place its client has sent, for any name. */
    public long contends() {
        return whole.metrics().contends();
    }
}
