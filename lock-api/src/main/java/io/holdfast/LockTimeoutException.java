// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * The wait limit of an acquisition passed, and the store has answered meanwhile: the lock was busy. Nothing is held.
 *
 * <p>The {@code tryLock} and {@code tryAcquire} methods answer false or empty instead.
 */
public final class LockTimeoutException extends LockException {
    private static final long serialVersionUID = 1;

    /**
     * An exception without a cause.
     *
     * @param message what happened and what to do, without secrets
     */
    public LockTimeoutException(String message) {
        this(message, null);
    }

    /**
     * An exception with its cause.
     *
     * @param message what happened and what to do, without secrets
     * @param cause what the store or its client reported, or null
     */
    public LockTimeoutException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public LockTimeoutException retold(String message) {
        return new LockTimeoutException(message, this);
    }
}
