// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi.line;

import io.holdfast.ForceOutcome;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.StoredLock;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/** What people ask a store of its locks, outside any session. Thread-safe. What a stage may fail with stands at {@link LineSession}. */
public interface Inquiries {
    /**
     * Looks one name up, as {@link io.holdfast.spi.LockBackend#inspect}.
     *
     * @param name the lock's name
     * @param limits whose clock and scheduler limit the question in time
     * @return completes with its state now
     */
    CompletionStage<StoredLock> inspect(String name, LockRuntime limits);

    /**
     * Looks up all names that somebody holds or waits for, under the line's prefix.
     *
     * @param limits as above
     * @return completes with them, in no order
     */
    CompletionStage<List<StoredLock>> list(LockRuntime limits);

    /**
     * Removes the holder of a name by force, as {@link io.holdfast.spi.LockBackend#forceRelease}.
     *
     * @param name the lock's name
     * @param storeToken only while the grant has this store token; empty for any
     * @param limits as above
     * @return completes with what happened
     */
    CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong storeToken, LockRuntime limits);
}
