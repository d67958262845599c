// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * The store refused the credentials, or they have no right to the operation. It is not tried again.
 */
public final class LockDeniedException extends LockException {
    private static final long serialVersionUID = 1;

    /**
     * An exception without a cause.
     *
     * @param message what happened and what to do, without secrets
     */
    public LockDeniedException(String message) {
        this(message, null);
    }

    /**
     * An exception with its cause.
     *
     * @param message what happened and what to do, without secrets
     * @param cause what the store or its client reported, or null
     */
    public LockDeniedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public LockDeniedException retold(String message) {
        return new LockDeniedException(message, this);
    }
}
