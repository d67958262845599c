// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** The possession of all locks of a {@link LockGroup}, as {@link LockHandle} is that of one. Keep it reachable, too. Thread-safe. */
public interface GroupHandle extends AutoCloseable {
    /**
     * The handles of the members.
     *
     * @return in the order in which they were taken
     */
    List<LockHandle> handles();

    /**
     * The fencing token of a member.
     *
     * @param name one of the group's names
     * @return its token
     * @throws IllegalArgumentException when the group has no such name
     */
    long fencingToken(String name);

    /**
     * Whether every member is valid.
     *
     * @return false as soon as one is released or lost
     */
    boolean isValid();

    /**
     * How long all members stay valid without another renewal.
     *
     * @return the smallest of theirs; zero when one is not valid
     */
    Duration remainingLease();

    /**
     * Registers what to do when a member is lost.
     *
     * @param action called once for each lost member, as {@link LockHandle#onLost} says
     */
    void onLost(Consumer<LockLoss> action);

    /**
     * Releases all members, in the reverse of the order in which they were taken, whatever becomes of each. It may wait {@code
     * operation-timeout} for each of them.
     *
     * @return RELEASED when all were; UNKNOWN when that of one is unknown; otherwise NOT_HELD
     */
    ReleaseOutcome release();

    /**
     * As {@link #release()}, without waiting for the store.
     *
     * @return completes with what {@code release()} would return; never exceptionally
     */
    CompletionStage<ReleaseOutcome> releaseAsync();

    /**
     * As {@link #release()}, and throws when a member was lost and nothing has told so yet, as {@link LockHandle#close()} does
     * (rule LO-8).
     *
     * @throws LockLostException for the first such member in the order of release; the exceptions of the others are suppressed in it
     */
    @Override
    void close();
}
