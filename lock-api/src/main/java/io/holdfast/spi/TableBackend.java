// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import io.holdfast.ForceOutcome;
import io.holdfast.LockException;
import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.StoreFinding;
import io.holdfast.internal.backend.OpenSessions;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * A full backend over a {@link LockTable}: it keeps the sessions, and asks the table on the thread that calls. Thread-safe.
 *
 * <p>Every attempt has a holder id of its own, unique over clients and processes, so that a repeated, late or reordered request
 * never touches another attempt's row. What a table throws that is no {@code LockException} counts as an unknown outcome.
 */
public final class TableBackend implements LockBackend {
    private final LockTable table;
    private final OpenSessions<TableSession> sessions;

    private TableBackend(LockTable table) {
        this.table = table;
        this.sessions = OpenSessions.onLentClient(table.store(), TableSession::abandon);
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
        Capabilities facts = table.capabilities();
        if (facts.scope() != LeaseScope.GRANT || facts.queues() || !facts.blocking()) {
            throw new IllegalArgumentException("a table declares scope GRANT, blocking, no queues; "
                    + table.getClass().getName() + " declares " + facts + (facts.blocking() ? "" : ", not blocking"));
        }
        return new TableBackend(table);
    }

    @Override
    public Capabilities capabilities() {
        return table.capabilities();
    }

    @Override
    public String store() {
        return table.store();
    }

    /** Looks one row up, since a store that cannot be reached is to be told at open. */
    @Override
    public CompletionStage<LockSession> openSession(SessionOptions options, SessionEvents events) {
        TableSession session = new TableSession(table, options, Objects.requireNonNull(events, "events"), sessions);
        return asked(() -> {
            table.inspect(session.id());
            return sessions.add(session);
        });
    }

    @Override
    public CompletionStage<StoredLock> inspect(String name) {
        return asked(() -> table.inspect(name).stream().findFirst().orElse(StoredLock.free(name, 0)));
    }

    @Override
    public CompletionStage<List<StoredLock>> list() {
        return asked(() -> table.inspect(""));
    }

    @Override
    public CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong storeToken) {
        return asked(() -> table.forceRelease(name, storeToken));
    }

    @Override
    public CompletionStage<List<StoreFinding>> diagnose() {
        return asked(table::diagnose);
    }

    @Override
    public void close() {
        if (sessions.endAll()) {
            table.close();
        }
    }

    /** Limits in time are the table's own, so it needs no runtime. */
    private <T> CompletionStage<T> asked(Supplier<T> question) {
        return sessions.unlessClosed(() -> asked(table, question));
    }

    /** Asks on this thread; the stage completes whatever the table throws (rule SP-3). */
    static <T> CompletableFuture<T> asked(LockTable table, Supplier<T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        try {
            answer.complete(question.get());
        } catch (RuntimeException | Error failure) {
            answer.completeExceptionally(translated(table, failure));
        }
        return answer;
    }

    /** What a stage may fail with (rule ER-2). */
    static LockException translated(LockTable table, Throwable failure) {
        return failure instanceof LockException known
                ? known
                : new LockOutcomeUnknownException(
                        "store " + table.store()
                                + ": the table failed unexpectedly, so the request may have taken effect: " + failure,
                        failure);
    }
}
