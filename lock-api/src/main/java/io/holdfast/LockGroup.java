// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Several locks that are taken together, all or none: each once, in the order of their names' UTF-8 bytes, within one wait limit
 * (rule MU-1).
 *
 * <p>Because of that order groups never deadlock with each other. Who takes a group while it holds a lock whose name comes after one of the
 * group's can deadlock. Besides what each method names, those that take throw {@link LockDeniedException} and {@link
 * FencingRegressionException} as {@link LockClient#acquire(String)}; nothing is held then. Immutable, thread-safe.
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
     * @param options for each of them; the wait limit is for all together, and without one it waits without end
     * @return a handle on all of them
     * @throws InterruptedException when interrupted before or while waiting; nothing is held then
     * @throws LockTimeoutException when the limit passed, and the store has answered meanwhile; nothing is held then
     * @throws LockUnavailableException as {@link LockClient#acquire(String, LockOptions)} for one of them; nothing is held then
     * @throws LockClosedException when the client is or gets closed
     * @throws LockLostException when one was lost while another was waited for; nothing is held then
     */
    GroupHandle acquire(LockOptions options) throws InterruptedException;

    /**
     * Takes all within a wait limit, or answers that it did not.
     *
     * @param wait for all together; zero or negative: do not wait
     * @return a handle on all of them; empty when one was busy too long, and nothing is held then
     * @throws InterruptedException when interrupted before or while waiting; nothing is held then
     * @throws LockUnavailableException as {@link LockClient#tryAcquire(String, java.time.Duration)} for one of them; nothing is held then
     * @throws LockClosedException when the client is or gets closed
     * @throws LockLostException when one was lost while another was waited for; nothing is held then
     */
    Optional<GroupHandle> tryAcquire(Duration wait) throws InterruptedException;
}
