// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The store's decision that a contender is now the holder; immutable.
 *
 * @param name the lock's name, as the user gave it
 * @param contenderId the id of the {@link LockRequest} that won
 * @param storeToken the store's token: positive, below 2^53, greater than that of every earlier grant of the name (rule FT-1);
 *     the engine appends 8 bits for hand-offs
 * @param basis monotonic nanoseconds, on the runtime's clock, from which the lease that keeps this grant is counted. It is the time
 *     just before the client sent a request that by the store's own rules restarts that lease, the newest one that the store has
 *     acknowledged (rule ME-2); never the time of a reply or a wake-up. With {@link LeaseScope#SESSION} the engine reads {@link
 *     LockSession#basis()} instead
 * @param reference whatever the backend needs to find the grant again (a key, a path); the engine never looks at it
 */
public record Grant(String name, long contenderId, long storeToken, long basis, @Nullable Object reference) {
    /** Exclusive upper bound of a store token. */
    public static final long TOKEN_LIMIT = 1L << 53;

    /**
     * Checks the parts.
     *
     * @param name the lock's name, not null
     * @param contenderId the id of the request that won
     * @param storeToken between 1 and 2^53 - 1
     * @param basis monotonic nanoseconds
     * @param reference the backend's own, or null
     * @throws IllegalArgumentException when the token is out of range: a backend whose store cannot keep within it must refuse
     *     the grant
     */
    public Grant {
        Objects.requireNonNull(name, "name");
        if (storeToken <= 0 || storeToken >= TOKEN_LIMIT) {
            throw new IllegalArgumentException(
                    "store token " + storeToken + " of lock '" + name + "' is outside 1..2^53-1");
        }
    }
}
