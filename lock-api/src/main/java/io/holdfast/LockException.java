// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * The root of Holdfast's exceptions, but for wrong use of a lock and for its loss.
 *
 * <p>The message names the lock, the store, what happened and what to do, and no secret. An exception of a store's client library is
 * never thrown itself; it may be the cause. A loss is a {@link LockLostException}, which extends {@link IllegalMonitorStateException};
 * wrong use is an {@code IllegalMonitorStateException}, {@link IllegalArgumentException} or {@link NullPointerException}.
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
     * Makes an exception of the same class with another message, with this one as its cause and with the stack of the calling thread: for
     * code that knows more of the failure, or that hands it to another thread.
     *
     * @param message what happened and what to do, without secrets
     * @return another exception of the same class
     */
    public abstract LockException retold(String message);
}
