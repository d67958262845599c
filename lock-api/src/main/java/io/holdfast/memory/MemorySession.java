// SPDX-License-Identifier: Apache-2.0
package io.holdfast.memory;

import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.SpentIds;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A client's session in a {@link MemoryStore}: what it contends for, and until when the store keeps it. */
final class MemorySession implements LockSession {
    final MemoryBackend backend;
    final SessionEvents events;

    /** Guarded by the store's lock, like all that follows but the basis: by contender id, in order of arrival. */
    final Map<Long, MemoryContender> contenders = new LinkedHashMap<>();

    final SpentIds spent = new SpentIds();
    boolean ended;
    private long renewedAt;

    private final String id;
    private final SessionOptions options;
    private final LockRuntime keeper;
    private final long leaseNanos;
    private volatile long basis;

    /**
     * A live session.
     *
     * @param keeper whose clock the store counts this lease on: its own, or without one the client's
     */
    MemorySession(MemoryBackend backend, String id, Opening opening, LockRuntime keeper) {
        this.backend = backend;
        this.id = id;
        this.options = opening.options;
        this.events = opening.events;
        this.keeper = keeper;
        this.leaseNanos = options.lease().toNanos();
        this.basis = opening.askedAt;
        this.renewedAt = keeper.clock().nanoTime();
    }

    /**
     * What a client asked for.
     *
     * @param options its settings
     * @param events where it listens
     * @param askedAt when, on its own clock
     */
    record Opening(SessionOptions options, SessionEvents events, long askedAt) {}

    MemoryStore store() {
        return backend.memory();
    }

    String label() {
        return options.label();
    }

    LockRuntime keeper() {
        return keeper;
    }

    long clientNanos() {
        return options.runtime().clock().nanoTime();
    }

    long clientWallMillis() {
        return options.runtime().clock().wallMillis();
    }

    /** Nanoseconds until the lease ends, by the store's clock; not positive when it has ended. */
    long remainingNanos() {
        return leaseNanos - (keeper.clock().nanoTime() - renewedAt);
    }

    boolean isAlive() {
        return !ended && remainingNanos() > 0;
    }

    void renewed(long sentAt) {
        renewedAt = keeper.clock().nanoTime();
        if (sentAt - basis > 0) { // two renewals in flight may arrive in the other order: a basis never moves back
            basis = sentAt;
        }
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public Duration lease() {
        return options.lease();
    }

    @Override
    public long basis() {
        return basis;
    }

    @Override
    public Contender contend(LockRequest request) {
        return store().contend(this, request);
    }

    @Override
    public CompletionStage<Boolean> release(Grant grant) {
        return CompletableFuture.completedFuture(store().release(this, grant));
    }

    @Override
    public CompletionStage<Renewal> renew(Collection<Contender> asked) {
        return store().renew(this, asked, clientNanos());
    }

    @Override
    public CompletionStage<@Nullable Void> close() {
        store().close(this);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public String toString() {
        return id + " (" + label() + ")";
    }
}
