// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * Root of what goes wrong with a lock other than using it wrongly or losing it.
 *
 * <p>The message names the lock, the store (never a password or token), what happened and what to do. No type of a store's
 * client library is thrown; it may be the cause. Loss is {@link LockLostException}, which extends {@link
 * IllegalMonitorStateException}.
 */
public abstract sealed class LockException extends RuntimeException
        permits LockUnavailableException,
                LockOutcomeUnknownException,
                LockTimeoutException,
                FencingRegressionException,
                LockClosedException,
                LockConfigException,
                LockDeniedException {
    private static final long serialVersionUID = 1;

    LockException(String message, @Nullable Throwable cause) {
        // What a store or a name says must not reach a terminal or a log as it is (rule ER-3).
        super(LockNames.printable(message), cause);
    }

    /**
     * The same kind of exception with another message, this one as its cause, and the stack of whoever calls: for one who can say more of a
     * failure than it knew, or hands it to another thread.
     *
     * @param message what happened and what to do, without secrets
     * @return another exception of the same class
     */
    public abstract LockException retold(String message);
}
