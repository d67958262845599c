// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

/**
 * Work to be done under a lock.
 *
 * @param <T> what it returns
 * @param <E> what it throws
 */
@FunctionalInterface
public interface LockedTask<T, E extends Exception> {
    /**
     * Does the work.
     *
     * @param hold the possession: pass {@link LockHandle#fencingToken()} on, ask {@link LockHandle#isValid()} before what cannot
     *     be undone
     * @return the result
     * @throws E when the work fails
     */
    T run(LockHandle hold) throws E;
}
