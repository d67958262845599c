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
 * <p>Re-entering raises the hold count, and the options of the first level go on for the whole hold: a maximum or an interrupt on loss
 * asked for by an inner level changes nothing, a minimum is kept from the moment of the re-entry (rule RE-9). {@link #limit} changes
 * the maximum of a hold that is in force.
 *
 * <p>A hold is <em>valid</em> until a deadline on the monotonic clock that the client moves by renewing its lease in the store.
 * What the store promises and what the client only believes is written per store in its page under docs/backends; no lock makes
 * {@link #fencingToken()} superfluous.
 */
public interface DistributedLock extends Lock {
    /**
     * The lock's name.
     *
     * @return as given to {@link LockClient#lock(String)}
     */
    String name();

    /**
     * Acquires, waiting without end. Re-entering costs no request. Ends when the lock is held, or by an exception; interruption
     * does not end it, and is restored as the thread's status.
     *
     * @throws LockLostException when the owner's hold was lost and not all its levels know yet
     * @throws LockUnavailableException when the store stays out of reach for {@code outage-timeout}
     * @throws LockDeniedException when the store refuses the credentials
     * @throws FencingRegressionException when the store offers an old token
     * @throws LockClosedException when the client is or gets closed
     */
    @Override
    void lock();

    /**
     * As {@link #lock()}, with options; a wait limit makes it throw.
     *
     * @param options how to wait and hold
     * @throws LockTimeoutException when the options' wait limit passed
     */
    void lock(LockOptions options);

    /**
     * As {@link #lock()}, but ends when the thread is interrupted, before or during the wait; nothing is held then.
     *
     * @throws InterruptedException when interrupted; the status is cleared
     */
    @Override
    void lockInterruptibly() throws InterruptedException;

    /**
     * As {@link #lockInterruptibly()}, with options; a wait limit makes it throw.
     *
     * @param options how to wait and hold
     * @throws InterruptedException when interrupted; the status is cleared
     * @throws LockTimeoutException when the options' wait limit passed
     */
    void lockInterruptibly(LockOptions options) throws InterruptedException;

    /**
     * Acquires if the lock is free: the answer to one request, at most {@code operation-timeout}, never a place in line (rule
     * WA-4).
     *
     * @return false when somebody else holds it
     * @throws LockUnavailableException when the store was not reached: busy and unreachable are told apart
     * @throws LockLostException as {@link #lock()}
     */
    @Override
    boolean tryLock();

    /**
     * Acquires within a wait limit that covers connecting, queueing and retrying. A limit shorter than the store takes for an
     * answer is longer by that, at most until {@code operation-timeout} (rule WA-12).
     *
     * @param wait zero or negative: as {@link #tryLock()}
     * @return false when the limit passed, and the store has answered meanwhile
     * @throws InterruptedException when interrupted before or while waiting; nothing is held then
     * @throws LockUnavailableException when the limit passed and the store was out of reach all the time
     * @throws LockLostException as {@link #lock()}
     */
    boolean tryLock(Duration wait) throws InterruptedException;

    /**
     * As {@link #tryLock(Duration)}, and limits the hold.
     *
     * @param wait zero or negative: do not wait
     * @param maximumHold positive; when it has passed the lock is released and the hold counts as lost
     * @return false when the limit passed while somebody else held it
     * @throws InterruptedException when interrupted before or while waiting; nothing is held then
     */
    boolean tryLock(Duration wait, Duration maximumHold) throws InterruptedException;

    /**
     * As {@link #tryLock(Duration)}, with options.
     *
     * @param options how to wait and hold; without a wait limit it does not wait
     * @return false when the limit passed while somebody else held it
     * @throws InterruptedException when interrupted before or while waiting; nothing is held then
     */
    boolean tryLock(LockOptions options) throws InterruptedException;

    /**
     * As {@link #tryLock(Duration)}.
     *
     * @param time zero or negative: do not wait
     * @param unit its unit
     * @return false when the limit passed while somebody else held it
     * @throws InterruptedException when interrupted before or while waiting; nothing is held then
     */
    @Override
    boolean tryLock(long time, TimeUnit unit) throws InterruptedException;

    /**
     * Gives up one level; with the last one the lock is released or handed to the next owner of this client.
     *
     * <p>Returns when the store confirmed, or after {@code operation-timeout}: the release then goes on in the background, with a
     * warning in the log, and the work done under the lock is not in doubt.
     *
     * @throws LockLostException when the hold was lost, once per level
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
     * @return true when there was a grant in force
     * @throws LockUnavailableException when the store was not reached
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
     * @return a positive number, greater than that of every earlier hold of the name
     * @throws LockLostException when the hold was lost; does not count as told
     * @throws IllegalMonitorStateException when the owner does not hold the lock
     */
    long fencingToken();

    /**
     * Limits the owner's hold from now on, in place of any maximum that it has: when the time has passed the lock is released, and the
     * hold counts as lost, whatever its count (rule RE-10). Asks nobody.
     *
     * @param maximum counted from now; positive. {@code ChronoUnit.FOREVER.getDuration()} takes the limit away
     * @throws IllegalArgumentException when it is not positive
     * @throws LockLostException when the hold was lost; does not count as told
     * @throws IllegalMonitorStateException when the owner does not hold the lock
     */
    void limit(Duration maximum);

    /**
     * How long the owner's hold stays valid without another renewal.
     *
     * @return zero when there is none; {@link Long#MAX_VALUE} nanoseconds in a store without leases
     */
    Duration remainingLease();

    /**
     * Who holds it, since when, how many contend; asks the store.
     *
     * @return what the store shows
     * @throws LockUnavailableException when the store was not reached
     */
    LockInfo inspect();

    /**
     * Takes the lock from whoever holds it; that client learns within one renewal round and counts the hold as lost. Until then
     * it believes in it: only the token tells the two apart.
     *
     * @return false when nobody held it
     * @throws LockUnavailableException when the store was not reached
     * @throws LockOutcomeUnknownException when the answer never came
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
