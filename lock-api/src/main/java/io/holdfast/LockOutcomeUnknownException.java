// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * A request was sent and its answer did not come, so that it may or may not have taken effect, and nothing undoes it.
 *
 * <p>Thrown by {@link DistributedLock#forceUnlock()} and {@link LockClient#forceUnlock}. An acquisition never ends with it, because the
 * engine undoes an attempt whose outcome is unknown and reports {@link LockUnavailableException}; a release answers {@link
 * ReleaseOutcome#UNKNOWN}.
 */
public final class LockOutcomeUnknownException extends LockException {
    private static final long serialVersionUID = 1;

    /**
     * An exception without a cause.
     *
     * @param message what happened and what to do, without secrets
     */
    public LockOutcomeUnknownException(String message) {
        this(message, null);
    }

    /**
     * An exception with its cause.
     *
     * @param message what happened and what to do, without secrets
     * @param cause what the store or its client reported, or null
     */
    public LockOutcomeUnknownException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public LockOutcomeUnknownException retold(String message) {
        return new LockOutcomeUnknownException(message, this);
    }
}
