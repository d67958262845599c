// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;

/**
 * A named, reentrant lock shared by every client of the same store and prefix.
 *
 * <p>The owner is the calling thread, or the {@link LockOwner} of {@link #ownedBy(LockOwner)}. Objects for the same name and
 * owner are interchangeable: the state belongs to the client. Thread-safe, cheap to make, safe on virtual threads.
 *
 * <p>Re-entering raises the hold count. The options of the first level stay in force for the whole hold: a maximum or an interrupt on
 * loss that an inner level asks for changes nothing; a minimum is kept, counted from the re-entry (rule RE-9). {@link #limit} changes the
 * maximum of a hold that is in force.
 *
 * <p>A hold is <em>valid</em> until a deadline on the monotonic clock, which moves on with each renewal that the store acknowledges. That
 * is what the client believes; what each store promises is written in its page under docs/backends. No lock makes {@link
 * #fencingToken()} superfluous: only what is protected can refuse an old holder.
 *
 * <p>The methods that acquire throw what {@link #lock()} names, where they do not say otherwise. Those that only ask the store or force it
 * ({@link #isLocked()}, {@link #inspect()}, {@link #forceUnlock()}) wait at most {@code operation-timeout}, also on an interrupted thread,
 * and throw {@link LockDeniedException} when the store refuses the credentials and {@link LockClosedException} when the client is closed.
 */
public interface DistributedLock extends Lock {
    /**
     * The lock's name.
     *
     * @return as given to {@link LockClient#lock(String)}
     */
    String name();

    /**
     * Acquires, waiting without end. Re-entering sends no request. The wait ends when the owner holds the lock, or by an exception;
     * an interrupt does not end it, and the thread's interrupt status is set when it returns.
     *
     * @throws LockLostException when an earlier hold of the owner was lost, and it was told so fewer times than that hold had levels
     * @throws LockUnavailableException when the store stays out of reach for {@code outage-timeout}
     * @throws LockDeniedException when the store refuses the credentials
     * @throws LockConfigException when what a setting names, such as the password's file, is no longer of use as it is connected anew
     * @throws FencingRegressionException when the store offers a token that is not above one this client has seen of the name
     * @throws LockClosedException when the client is closed, before or during the wait
     */
    @Override
    void lock();

    /**
     * As {@link #lock()}, with options; a wait limit in them ends the wait by an exception.
     *
     * @param options how to wait and hold
     * @throws LockTimeoutException when the wait limit passed where {@link #tryLock(LockOptions)} answers false
     * @throws LockUnavailableException without a wait limit as {@link #lock()}, with one as {@link #tryLock(Duration)}
     */
    void lock(LockOptions options);

    /**
     * As {@link #lock()}, but ends when the thread is interrupted, before or during the wait; nothing is acquired then.
     *
     * @throws InterruptedException when interrupted; the status is cleared
     */
    @Override
    void lockInterruptibly() throws InterruptedException;

    /**
     * As {@link #lockInterruptibly()}, with options; a wait limit in them ends the wait by an exception.
     *
     * @param options how to wait and hold
     * @throws InterruptedException when interrupted; the status is cleared
     * @throws LockTimeoutException when the wait limit passed where {@link #tryLock(LockOptions)} answers false
     * @throws LockUnavailableException without a wait limit as {@link #lock()}, with one as {@link #tryLock(Duration)}
     */
    void lockInterruptibly(LockOptions options) throws InterruptedException;

    /**
     * Acquires if the lock is free, by the answer to one request: it takes at most {@code operation-timeout}, and stands in no line
     * (rule WA-4). An interrupt does not end it, and the thread's interrupt status stays set.
     *
     * @return false when somebody else holds the lock, a minimum hold keeps it, or somebody of this client is in line for it
     * @throws LockUnavailableException when the store was not reached, or gave no answer in time; never because the lock is busy
     * @throws LockLostException as {@link #lock()}
     */
    @Override
    boolean tryLock();

    /**
     * Acquires within a wait limit, which covers connecting, queueing and retrying. When the limit passes before the store has said
     * anything of the lock, the wait goes on for that answer, until {@code operation-timeout} since its beginning at most (rule WA-12).
     *
     * @param wait zero or negative: does not wait, as {@link #tryLock()}, but throws when the thread is interrupted
     * @return false when the limit passed, and the store has answered meanwhile
     * @throws InterruptedException when interrupted before or while waiting; the status is cleared, and nothing is acquired then
     * @throws LockUnavailableException when the limit passed and the store was out of reach all the time
     * @throws LockLostException as {@link #lock()}
     */
    boolean tryLock(Duration wait) throws InterruptedException;

    /**
     * As {@link #tryLock(Duration)}, and limits the hold.
     *
     * @param wait zero or negative: do not wait
     * @param maximumHold positive; when it has passed the lock is released and the hold counts as lost
     * @return false as {@link #tryLock(Duration)}
     * @throws InterruptedException when interrupted before or while waiting; nothing is acquired then
     * @throws IllegalArgumentException when the maximum is not positive
     */
    boolean tryLock(Duration wait, Duration maximumHold) throws InterruptedException;

    /**
     * As {@link #tryLock(Duration)}, with options.
     *
     * @param options how to wait and hold; without a wait limit it does not wait
     * @return false as {@link #tryLock(Duration)}
     * @throws InterruptedException when interrupted before or while waiting; nothing is acquired then
     */
    boolean tryLock(LockOptions options) throws InterruptedException;

    /**
     * As {@link #tryLock(Duration)}.
     *
     * @param time zero or negative: do not wait
     * @param unit its unit
     * @return false as {@link #tryLock(Duration)}
     * @throws InterruptedException when interrupted before or while waiting; nothing is acquired then
     */
    @Override
    boolean tryLock(long time, TimeUnit unit) throws InterruptedException;

    /**
     * Gives up one level; with the last one the lock is released, or handed to the next waiter of this client.
     *
     * <p>An inner level, a hand-off, and a release before the minimum hold has passed ask nobody. Otherwise it returns when the store has
     * confirmed, or after {@code operation-timeout}: then the release goes on in the background, with a warning in the log. That casts no
     * doubt on the work: the hold was valid when this was called. An interrupt does not end the wait, and stays the thread's status.
     *
     * @throws LockLostException when the hold was lost, or the store says that it was gone before the release; once per level
     * @throws IllegalMonitorStateException when the owner does not hold the lock
     */
    @Override
    void unlock();

    /**
     * Unsupported.
     *
     * @return never
     * @throws UnsupportedOperationException always
     */
    @Override
    Condition newCondition();

    /**
     * Whether anybody holds the lock; asks the store.
     *
     * @return true when there was a grant in force, this client's own included; it may be outdated when it arrives
     * @throws LockUnavailableException when the store was not reached, or gave no answer in time
     */
    boolean isLocked();

    /**
     * Whether the owner (the calling thread, or the {@link LockOwner} this object is for) has a valid hold now; asks nobody.
     *
     * @return false once released or lost
     */
    boolean isHeldByCurrentThread();

    /**
     * How many levels the owner's valid hold has; asks nobody.
     *
     * @return zero when there is none
     */
    int getHoldCount();

    /**
     * The token of the owner's hold, the same on every level.
     *
     * @return a positive number, greater than that of every earlier hold of the name as long as the store keeps its data (rule FT-1)
     * @throws LockLostException when the hold was lost; this does not count as one of the times that its owner is told
     * @throws IllegalMonitorStateException when the owner does not hold the lock
     */
    long fencingToken();

    /**
     * Sets the maximum of the owner's hold anew, in place of the one it has: when that time has passed the lock is released, and the
     * hold counts as lost, whatever its count (rule RE-10). Asks nobody.
     *
     * @param maximum counted from now; positive. {@code ChronoUnit.FOREVER.getDuration()} takes the limit away
     * @throws IllegalArgumentException when it is not positive
     * @throws LockLostException when the hold was lost; this does not count as one of the times that its owner is told
     * @throws IllegalMonitorStateException when the owner does not hold the lock
     */
    void limit(Duration maximum);

    /**
     * How long the owner's hold stays valid without another renewal, its maximum included; asks nobody.
     *
     * @return zero when there is no valid hold; {@link Long#MAX_VALUE} nanoseconds in a store without leases when there is no maximum
     */
    Duration remainingLease();

    /**
     * Who holds it, since when, how many contend; asks the store.
     *
     * @return what the store shows
     * @throws LockUnavailableException when the store was not reached, or gave no answer in time
     */
    LockInfo inspect();

    /**
     * Takes the lock from whoever holds it, this client included. The holding client learns of it within one renewal round, or at its
     * deadline, and counts the hold as lost (rule LO-5). Until then it believes that it holds, beside the next holder: only the tokens tell
     * the two apart.
     *
     * @return false when nobody held it
     * @throws LockUnavailableException when the store was not reached; nothing was done then
     * @throws LockOutcomeUnknownException when no answer came in time, so that it may or may not have been done
     */
    boolean forceUnlock();

    /**
     * The same lock for an explicit owner in place of the calling thread.
     *
     * @param owner who is to re-enter and release
     * @return a lock object for that owner
     */
    DistributedLock ownedBy(LockOwner owner);
}
