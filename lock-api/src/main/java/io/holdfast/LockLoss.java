// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The end of a hold that its owner did not choose. Its lease passed without a renewal, its entry or session in the store is gone, its
 * maximum has passed, nobody is left to release it, or its client was closed. Immutable.
 */
public final class LockLoss {
    private final String name;
    private final long fencingToken;
    private final String reason;

    /**
     * Makes a loss, for a test of what an application does about one.
     *
     * @param name the lock's name
     * @param fencingToken the token of the lost hold
     * @param reason what ended it, for people, without secrets
     */
    public LockLoss(String name, long fencingToken, String reason) {
        this.name = Objects.requireNonNull(name, "name");
        this.fencingToken = fencingToken;
        this.reason = Objects.requireNonNull(reason, "reason");
    }

    /**
     * The lock's name.
     *
     * @return the name as the application gave it
     */
    public String name() {
        return name;
    }

    /**
     * The token of the lost hold.
     *
     * @return as {@link LockHandle#fencingToken()} returned it
     */
    public long fencingToken() {
        return fencingToken;
    }

    /**
     * What ended the hold.
     *
     * @return a few words for people, without secrets
     */
    public String reason() {
        return reason;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof LockLoss loss
                && fencingToken == loss.fencingToken
                && name.equals(loss.name)
                && reason.equals(loss.reason);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, fencingToken, reason);
    }

    @Override
    public String toString() {
        return "LockLoss[name=" + name + ", fencingToken=" + fencingToken + ", reason=" + reason + "]";
    }
}
