// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import io.holdfast.LockHandle;
import io.holdfast.LockLoss;
import io.holdfast.LockLostException;
import java.util.function.LongSupplier;

/** Under which hold a transaction is made: the lock's name, and the token that its holder has at the moment. */
record FenceToken(String name, LongSupplier token) {
    static FenceToken of(LockHandle hold) {
        return new FenceToken(hold.name(), () -> {
            if (!hold.isValid()) {
                throw lost(hold.name(), hold.fencingToken(), "the hold is over", "its store");
            }
            return hold.fencingToken();
        });
    }

    /** Asks for it. */
    long now() {
        long now = token.getAsLong();
        if (now <= 0) {
            throw new IllegalArgumentException("a fencing token is positive, not " + now);
        }
        return now;
    }

    static LockLostException lost(String name, long token, String reason, String where) {
        return new LockLostException(new LockLoss(name, token, reason), where);
    }
}
