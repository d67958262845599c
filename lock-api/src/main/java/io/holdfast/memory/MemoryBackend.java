// SPDX-License-Identifier: Apache-2.0
package io.holdfast.memory;

import io.holdfast.ForceOutcome;
import io.holdfast.LockClosedException;
import io.holdfast.StoreFinding;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.StoredLock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * The backend of {@code memory:NAME}: exclusion between the clients of one JVM, more exactly of one class loader that has loaded this
 * class, with leases, order and tokens as a networked store has them. Class A. Thread-safe; never blocks.
 */
public final class MemoryBackend implements LockBackend {
    private static final Capabilities CAPABILITIES = Capabilities.of(LeaseScope.SESSION)
            .queues(true)
            .sharedAcrossProcesses(false)
            .takeover(1, Duration.ofMillis(500))
            .build();

    private final MemoryStore store;
    private final String prefix;
    private final Runnable onClose;
    private final AtomicBoolean closed = new AtomicBoolean();

    MemoryBackend(MemoryStore store, String prefix, Runnable onClose) {
        this.store = store;
        this.prefix = prefix;
        this.onClose = onClose;
    }

    /**
     * A backend over a store of the caller's own; several backends may use one.
     *
     * @param store the store, which stays the caller's
     * @return a backend; closing it ends the sessions opened through it
     */
    public static MemoryBackend using(MemoryStore store) {
        return new MemoryBackend(Objects.requireNonNull(store, "store"), "", () -> {});
    }

    MemoryStore memory() {
        return store;
    }

    String prefix() {
        return prefix;
    }

    @Override
    public Capabilities capabilities() {
        return CAPABILITIES;
    }

    @Override
    public String store() {
        return store.address();
    }

    @Override
    public CompletionStage<LockSession> openSession(SessionOptions options, SessionEvents events) {
        // Just before the request: the lease is counted from here (rule ME-2).
        long askedAt = options.runtime().clock().nanoTime();
        return ask(() -> {
            MemorySession session = store.open(this, new MemorySession.Opening(options, events, askedAt));
            if (closed.get()) { // closed meanwhile by another thread, which may have missed this session
                session.close();
            }
            return session;
        });
    }

    @Override
    public CompletionStage<StoredLock> inspect(String name) {
        return ask(() -> store.inspect(new LockKey(prefix, name)));
    }

    @Override
    public CompletionStage<List<StoredLock>> list() {
        return ask(() -> store.list(prefix));
    }

    @Override
    public CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong storeToken) {
        return ask(() -> store.forceRelease(new LockKey(prefix, name), storeToken));
    }

    @Override
    public CompletionStage<List<StoreFinding>> diagnose() {
        return ask(() -> List.of(StoreFinding.ok(
                "reach",
                "the clients of this JVM, and of one class loader of Holdfast in it; no other process is kept out")));
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            store.closeAll(this);
            onClose.run();
        }
    }

    private <T> CompletionStage<T> ask(Supplier<T> step) {
        if (closed.get()) {
            return CompletableFuture.failedFuture(new LockClosedException("the backend of " + store() + " is closed"));
        }
        return CompletableFuture.completedFuture(step.get());
    }
}
