// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * The store offered a fencing token that is not above one this client has already seen of the name: its data was lost or restored
 * from an older copy, or it is another store (rule FT-4).
 *
 * <p>The grant was refused and given back, and nothing is held. The message names a {@code token-base} with which new tokens pass again.
 */
public final class FencingRegressionException extends LockException {
    private static final long serialVersionUID = 1;

    /**
     * An exception without a cause.
     *
     * @param message what happened and what to do, without secrets
     */
    public FencingRegressionException(String message) {
        this(message, null);
    }

    /**
     * An exception with its cause.
     *
     * @param message what happened and what to do, without secrets
     * @param cause what the store or its client reported, or null
     */
    public FencingRegressionException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public FencingRegressionException retold(String message) {
        return new FencingRegressionException(message, this);
    }
}
