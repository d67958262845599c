// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Several locks to be taken together: ordered by the UTF-8 bytes of their names, each once, all or none, within one wait budget
 * (rule MU-1).
 *
 * <p>Groups never deadlock with each other. Taking a group while holding a lock of a larger name can. Immutable, thread-safe.
 */
public interface LockGroup {
    /**
     * The names, in the order in which they are taken.
     *
     * @return without duplicates
     */
    List<String> names();

    /**
     * Takes all, waiting without end.
     *
     * @return a handle on all of them
     * @throws InterruptedException when interrupted before or while waiting; nothing is held then
     * @throws LockUnavailableException when the store stays out of reach for {@code outage-timeout}
     * @throws LockClosedException when the client is or gets closed
     * @throws LockLostException when one was lost while another was waited for; nothing is held then
     */
    GroupHandle acquire() throws InterruptedException;

    /**
     * Takes all within a wait limit.
     *
     * @param options for each of them; the wait limit is for all together
     * @return a handle on all of them
     * @throws InterruptedException when interrupted before or while waiting; nothing is held then
     * @throws LockTimeoutException when the limit passed
     * @throws LockUnavailableException when the store was not reached
     * @throws LockClosedException when the client is or gets closed
     * @throws LockLostException when one was lost while another was waited for; nothing is held then
     */
    GroupHandle acquire(LockOptions options) throws InterruptedException;

    /**
     * Takes all if they are had within a wait limit.
     *
     * @param wait for all together; zero or negative: do not wait
     * @return a handle, or empty when one of them was busy too long; nothing is held then
     * @throws InterruptedException when interrupted before or while waiting; nothing is held then
     * @throws LockUnavailableException when the store was not reached
     * @throws LockClosedException when the client is or gets closed
     * @throws LockLostException when one was lost while another was waited for; nothing is held then
     */
    Optional<GroupHandle> tryAcquire(Duration wait) throws InterruptedException;
}
