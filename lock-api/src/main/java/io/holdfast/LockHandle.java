// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * A possession of a lock as a value: an owner of its own, usable and releasable from any thread.
 *
 * <p>Keep it reachable while the lock is needed: a handle that nothing refers to any more is reported in the log and released at the next
 * renewal, once the garbage collector has found it (rule FH-1). A handle is never re-entered: who acquires again is another owner, and
 * waits. Thread-safe.
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
     * @return a positive number, greater than that of every earlier hold of the name as long as the store keeps its data
     */
    long fencingToken();

    /**
     * Whether the hold is still valid, by the monotonic clock at this moment; asks nobody. It turns false at the deadline even when the
     * process was stopped meanwhile (rule LO-1). True is what the client believes: of a forced release it may learn a renewal round later.
     *
     * @return false once released or lost, its maximum passed included
     */
    boolean isValid();

    /**
     * How long the hold stays valid without another renewal, its maximum included; asks nobody.
     *
     * @return zero when it is not valid; {@link Long#MAX_VALUE} nanoseconds in a store without leases when there is no maximum
     */
    Duration remainingLease();

    /**
     * Registers what to do when the hold is lost. Each registered action is called exactly once, on a thread for callbacks ({@link
     * io.holdfast.spi.LockRuntime#callbacks()}), and at once when the hold is lost already. It is never called for a hold that was
     * released, unless the store answers the release that the hold was gone before; one registered after that answer is called, too.
     *
     * @param action gets which lock was lost and why. It should not refer to this handle, which could then never be found forgotten
     */
    void onLost(Consumer<LockLoss> action);

    /**
     * Gives the lock back, or hands it to the next waiter of this client. The hold ends before the request is sent; then it waits for the
     * store for at most {@code operation-timeout}, also on an interrupted thread. Throws nothing.
     *
     * @return NOT_HELD when it was released or lost before, UNKNOWN when the store did not confirm in time
     */
    ReleaseOutcome release();

    /**
     * As {@link #release()}, without waiting for the store: for event loops and other threads that must not block.
     *
     * @return completes with what {@code release()} would return; never exceptionally
     */
    CompletionStage<ReleaseOutcome> releaseAsync();

    /**
     * Sets the maximum of the hold anew, in place of the one it has: when that time has passed the lock is released, and the hold counts
     * as lost (rule RE-10). Asks nobody.
     *
     * @param maximum counted from now; positive. {@code ChronoUnit.FOREVER.getDuration()} takes the limit away
     * @throws IllegalArgumentException when it is not positive
     * @throws LockLostException when the hold was lost
     * @throws IllegalMonitorStateException when it was released
     */
    void limit(Duration maximum);

    /**
     * As {@link #release()}, and throws when the hold was lost and nothing has told so yet: the end of a {@code try} block must not look
     * like work done under the lock (rule LO-8).
     *
     * <p>The loss has been told when {@link #isValid()} was seen false or {@link #remainingLease()} zero, when an {@link #onLost} action
     * has begun, when a release answered {@code NOT_HELD}, or when the exception was thrown; so a second {@code close()} throws nothing.
     * A loss that {@code close()} itself finds is thrown, and told to the actions, too. When the {@code try} block threw, its exception
     * stays the one thrown, and this one is suppressed in it.
     *
     * @throws LockLostException when the hold was lost and nothing has told so yet
     */
    @Override
    void close();
}
