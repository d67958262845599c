// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * A possession of a lock as a value: an owner of its own, usable and releasable from any thread.
 *
 * <p>Keep it reachable while the lock is needed: a handle that nothing refers to any more is reported and released at the next
 * renewal (rule FH-1). Thread-safe.
 */
public interface LockHandle extends AutoCloseable {
    /**
     * The lock's name.
     *
     * @return as given
     */
    String name();

    /**
     * The hold's fencing token, to be sent along to whatever the lock protects (rules FT-1 to FT-3). It stays readable after
     * the end of the hold.
     *
     * @return a positive number, greater than that of every earlier hold of the name
     */
    long fencingToken();

    /**
     * Whether the hold is still proven, by the monotonic clock at this moment; asks nobody. It turns false at the deadline
     * even when the process was stopped meanwhile (rule LO-1).
     *
     * @return false once released or lost
     */
    boolean isValid();

    /**
     * How long the hold stays valid without another renewal.
     *
     * @return zero when it is not valid; {@link Long#MAX_VALUE} nanoseconds in a store without leases
     */
    Duration remainingLease();

    /**
     * Registers what to do when the hold is lost: called exactly once, on a thread of the client's executor; at once when it is
     * lost already, never when it was released.
     *
     * @param action gets which and why; it should not refer to this handle, which could then not be found forgotten
     */
    void onLost(Consumer<LockLoss> action);

    /**
     * Gives the lock back, or hands it to the next owner of this client. Validity ends before the request is sent.
     *
     * @return NOT_HELD when it was released or lost before, UNKNOWN when the store did not confirm within the operation timeout
     */
    ReleaseOutcome release();

    /**
     * As {@link #release()}, without waiting for the store: for event loops and other threads that must not block.
     *
     * @return completes with what {@code release()} would return; never exceptionally
     */
    CompletionStage<ReleaseOutcome> releaseAsync();

    /**
     * Limits the hold from now on, in place of any maximum that it has: when the time has passed the lock is released, and the hold
     * counts as lost (rule RE-10). Asks nobody.
     *
     * @param maximum counted from now; positive. {@code ChronoUnit.FOREVER.getDuration()} takes the limit away
     * @throws IllegalArgumentException when it is not positive
     * @throws LockLostException when the hold was lost
     * @throws IllegalMonitorStateException when it was released
     */
    void limit(Duration maximum);

    /**
     * As {@link #release()}, and throws when the hold was lost and nothing has told so yet: the end of a {@code try} block must not look
     * like work done under the lock (rule LO-8). Told has who saw {@link #isValid()} false or no remaining lease, whose {@link #onLost}
     * action has begun, who got {@code NOT_HELD} from a release, or got the exception; so a second {@code close()} throws nothing. A loss
     * that {@code close()} itself finds is thrown, and told to the actions, too. When the block itself threw, that stays the exception
     * thrown, and this one is suppressed in it.
     *
     * @throws LockLostException when the hold was lost and nobody has been told
     */
    @Override
    void close();
}
