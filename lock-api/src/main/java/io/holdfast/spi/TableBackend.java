// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import io.holdfast.ForceOutcome;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/**
 * A full backend over a {@link LockTable}: it keeps the sessions and asks the table on the calling thread. Thread-safe.
 */
public final class TableBackend implements LockBackend {
    private final LockTable table;

    private TableBackend(LockTable table) {
        this.table = table;
    }

    /**
     * Makes a backend of a table, which it owns: closing the backend closes the table.
     *
     * @param table the store
     * @return a backend
     * @throws IllegalArgumentException when the table's capabilities are not scope {@link LeaseScope#GRANT}, blocking, without
     *     queues
     */
    public static TableBackend of(LockTable table) {
        return new TableBackend(Objects.requireNonNull(table, "table"));
    }

    @Override
    public Capabilities capabilities() {
        return table.capabilities();
    }

    @Override
    public String store() {
        return table.store();
    }

    @Override
    public CompletionStage<LockSession> openSession(SessionOptions options, SessionEvents events) {
        throw new UnsupportedOperationException("being built");
    }

    @Override
    public CompletionStage<StoredLock> inspect(String name) {
        throw new UnsupportedOperationException("being built");
    }

    @Override
    public CompletionStage<List<StoredLock>> list() {
        throw new UnsupportedOperationException("being built");
    }

    @Override
    public CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong storeToken) {
        throw new UnsupportedOperationException("being built");
    }

    @Override
    public void close() {
        table.close();
    }
}
