// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * A setting is unknown, malformed, missing, out of the range that the store serves, or contradicts another one.
 */
public final class LockConfigException extends LockException {
    private static final long serialVersionUID = 1;

    /**
     * An exception without a cause.
     *
     * @param message what happened and what to do, without secrets
     */
    public LockConfigException(String message) {
        this(message, null);
    }

    /**
     * An exception with its cause.
     *
     * @param message what happened and what to do, without secrets
     * @param cause what the store or its client reported, or null
     */
    public LockConfigException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public LockConfigException retold(String message) {
        return new LockConfigException(message, this);
    }
}
