// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import io.holdfast.internal.backend.OpenSessions;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A client's session over a table: an id, and the attempts that may have a row. The table itself knows no sessions. */
final class TableSession implements LockSession {
    private final LockTable table;
    private final SessionOptions options;
    private final SessionEvents events;
    private final OpenSessions<TableSession> open;
    private final String id = UUID.randomUUID().toString();
    private final long opened;
    /** Attempts that are not surely without a row. */
    private final Map<Long, TableContender> live = new ConcurrentHashMap<>();

    private volatile boolean closed;

    TableSession(LockTable table, SessionOptions options, SessionEvents events, OpenSessions<TableSession> open) {
        this.table = table;
        this.options = options;
        this.events = events;
        this.open = open;
        this.opened = options.runtime().clock().nanoTime();
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public Duration lease() {
        return options.lease();
    }

    /** Means nothing with a lease per grant; it is the session's beginning. */
    @Override
    public long basis() {
        return opened;
    }

    @Override
    public Contender contend(LockRequest request) {
        TableContender contender = new TableContender(this, table, options, request);
        live.put(request.contenderId(), contender);
        return contender;
    }

    @Override
    public CompletionStage<Boolean> release(Grant grant) {
        TableContender holding = live.get(grant.contenderId());
        if (holding != null) {
            holding.givesBack();
        }
        return TableBackend.asked(table, () -> {
            boolean removed = table.release(grant.name(), holderId(grant.contenderId()));
            forget(grant.contenderId());
            return removed;
        });
    }

    /** All rows share the send time of the first request, which is the earliest: a basis may be too old, never too young (ME-2). */
    @Override
    public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
        long sentAt = options.runtime().clock().nanoTime();
        Map<Long, ContenderStatus> statuses = new HashMap<>();
        Map<TableContender, Grant> held = new LinkedHashMap<>();
        for (Contender asked : contenders) {
            long contenderId = asked.request().contenderId();
            TableContender contender = live.get(contenderId);
            Grant grant = contender == null ? null : contender.held();
            statuses.put(contenderId, contender == null ? ContenderStatus.GONE : ContenderStatus.UNKNOWN);
            if (contender != null && grant != null) {
                held.put(contender, grant);
            }
        }
        return TableBackend.asked(table, () -> {
            Map<String, Boolean> kept = kept(held);
            held.forEach((contender, grant) -> statuses.put(
                    grant.contenderId(), contender.renewed(grant, sentAt, kept.get(contender.holderId()))));
            return new Renewal(sentAt, Map.copyOf(statuses));
        });
    }

    /** An answer is the store's: the engine takes it for a sign that the store is reached, also when there is nothing to renew. */
    private Map<String, Boolean> kept(Map<TableContender, Grant> held) {
        if (held.isEmpty()) {
            table.inspect(id);
            return Map.of();
        }
        return table.renewAll(rows(held), options.lease());
    }

    private static Map<String, String> rows(Map<TableContender, Grant> held) {
        Map<String, String> names = new LinkedHashMap<>();
        held.forEach((contender, grant) -> names.put(contender.holderId(), grant.name()));
        return names;
    }

    /** Undoes every attempt; one that is on its way is undone by the thread that sent it. */
    @Override
    public CompletionStage<@Nullable Void> close() {
        // Set before the attempts are walked: an attempt begun later sees it and sends nothing.
        closed = true;
        open.forget(this);
        return CompletableFuture.allOf(live.values().stream()
                .map(contender -> contender.withdraw().toCompletableFuture())
                .toArray(CompletableFuture<?>[]::new));
    }

    /** The backend is closed under it: the engine closes it in turn, and a row that is not released by that ends with its lease. */
    void abandon() {
        closed = true;
        events.sessionLost("the backend was closed");
    }

    boolean isClosed() {
        return closed;
    }

    /** The attempt surely has no row and never will. */
    void forget(long contenderId) {
        live.remove(contenderId);
    }

    String holderId(long contenderId) {
        return id + "/" + contenderId;
    }
}
