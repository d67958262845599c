// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * The store was out of reach, or did not answer in time. Never thrown because somebody else holds the lock.
 *
 * <p>The request surely did not take effect, or it has been undone, or it is being undone in the background (rule UO-1): an acquisition
 * that ends so holds nothing.
 */
public final class LockUnavailableException extends LockException {
    private static final long serialVersionUID = 1;

    /**
     * An exception without a cause.
     *
     * @param message what happened and what to do, without secrets
     */
    public LockUnavailableException(String message) {
        this(message, null);
    }

    /**
     * An exception with its cause.
     *
     * @param message what happened and what to do, without secrets
     * @param cause what the store or its client reported, or null
     */
    public LockUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public LockUnavailableException retold(String message) {
        return new LockUnavailableException(message, this);
    }
}
