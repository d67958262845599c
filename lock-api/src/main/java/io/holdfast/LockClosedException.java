// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * The client was closed before or during the call. An acquisition that ends so holds nothing.
 */
public final class LockClosedException extends LockException {
    private static final long serialVersionUID = 1;

    /**
     * An exception without a cause.
     *
     * @param message what happened and what to do, without secrets
     */
    public LockClosedException(String message) {
        this(message, null);
    }

    /**
     * An exception with its cause.
     *
     * @param message what happened and what to do, without secrets
     * @param cause what the store or its client reported, or null
     */
    public LockClosedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public LockClosedException retold(String message) {
        return new LockClosedException(message, this);
    }
}
