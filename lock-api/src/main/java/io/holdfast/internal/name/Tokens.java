// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.name;

import io.holdfast.internal.context.Failures;
import io.holdfast.spi.Grant;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** From the store's tokens to those of holds: 53 bits of the store, 8 bits for hand-offs, and the base (rules FT-1 to FT-6). */
public final class Tokens {
    private static final int HANDOFF_BITS = 8;

    private final long base;
    private final Failures failures;
    private final TokenFloor floor = new TokenFloor();

    Tokens(long base, Failures failures) {
        this.base = base;
        this.failures = failures;
    }

    /** The token of a grant's first hold. */
    public long of(long storeToken) {
        return (storeToken << HANDOFF_BITS) + base;
    }

    long of(Grant grant, int handoffs) {
        return of(grant.storeToken()) + handoffs;
    }

    /** The store's token in one of ours. */
    public long storeToken(long token) {
        return (token - base) >> HANDOFF_BITS;
    }

    /** Takes a fresh grant's token. @return why it is refused, or null */
    @Nullable
    RuntimeException refusalOf(String name, Grant grant) {
        long token = of(grant.storeToken());
        OptionalLong above = floor.raise(name, token);
        return above.isEmpty() ? null : failures.regression(name, token, above.getAsLong(), base);
    }

    /** A hand-off has used a token: the next grant must be above it too. */
    void seen(String name, long token) {
        floor.raise(name, token);
    }
}
