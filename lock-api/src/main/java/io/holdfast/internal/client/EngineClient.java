// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.client;

import io.holdfast.DistributedLock;
import io.holdfast.ForceOutcome;
import io.holdfast.LockClient;
import io.holdfast.LockGroup;
import io.holdfast.LockHandle;
import io.holdfast.LockInfo;
import io.holdfast.LockListener;
import io.holdfast.LockLoss;
import io.holdfast.LockMetrics;
import io.holdfast.LockNames;
import io.holdfast.LockOptions;
import io.holdfast.LockUnavailableException;
import io.holdfast.LockedTask;
import io.holdfast.ReleaseOutcome;
import io.holdfast.StoreFinding;
import io.holdfast.internal.context.Engine;
import io.holdfast.internal.context.EngineSettings;
import io.holdfast.internal.context.Failures;
import io.holdfast.internal.name.ForgottenHolds;
import io.holdfast.internal.name.NameState;
import io.holdfast.internal.name.NameTable;
import io.holdfast.internal.name.Waiter.Patience;
import io.holdfast.internal.session.SessionListener;
import io.holdfast.internal.session.Sessions;
import io.holdfast.internal.session.StoreSession;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.LockBackend;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The engine behind {@link LockClient}: names, sessions, and what they share. */
public final class EngineClient implements LockClient {
    private final LockBackend backend;
    private final Engine engine;
    final Sessions sessions;
    private final NameTable names;
    private final ForgottenHolds forgottenHolds;
    private final Acquisition acquisition;
    private final Inquiry inquiry;
    private final Closing closing;

    /** What its lock objects share. */
    final ClientParts parts;

    private EngineClient(LockBackend backend, boolean ownsBackend, EngineSettings settings) {
        this.backend = backend;
        this.engine = new Engine(backend, settings);
        this.sessions = new Sessions(engine, backend, new OfSessions());
        this.names = new NameTable(engine, sessions, this::look);
        this.forgottenHolds = new ForgottenHolds(names);
        this.acquisition = new Acquisition(
                engine, names, forgottenHolds, settings.runtime().callbacks());
        this.inquiry = new Inquiry(engine, backend, names.tokens());
        this.closing = new Closing(engine, names, sessions, ownsBackend ? backend::close : () -> {});
        this.parts = new ClientParts(engine, names, acquisition, inquiry);
    }

    /** Something that the closing waits for may have come to its end. */
    private void look() {
        closing.look();
    }

    /** What the sessions tell; none is opened before the client is made. */
    private final class OfSessions implements SessionListener {
        @Override
        public void roundBegins() {
            forgottenHolds.end();
        }

        @Override
        public void settled() {
            look();
        }

        @Override
        public void outageGoesOn() {
            names.each(NameState::outageGoesOn);
        }
    }

    /**
     * Connects, once; on failure nothing of it is left, and an owned backend is closed.
     *
     * @param limit of the time it may take
     * @throws LockUnavailableException when the store is not reached in time, or the thread is interrupted meanwhile
     */
    public static EngineClient open(LockBackend backend, boolean ownsBackend, EngineSettings settings, Duration limit) {
        EngineClient client = new EngineClient(backend, ownsBackend, settings);
        CompletableFuture<StoreSession> first = new CompletableFuture<>();
        Runnable opening = () -> client.sessions.openFirst().whenComplete((s, e) -> {
            if (e == null) {
                first.complete(s);
            } else {
                first.completeExceptionally(e);
            }
        });
        // Without a thread to open it on it has failed; who waited for it would hear that the store does not answer.
        client.engine.execute(opening, first::completeExceptionally);
        Pending.awaitUnlessInterrupted(client.engine, first, limit);
        if (first.isDone() && !first.isCompletedExceptionally()) {
            return client;
        }
        RuntimeException why = first.isDone()
                ? Failures.rethrown(client.engine.failures().unwrap(Pending.failureOf(first)))
                : new LockUnavailableException("store " + backend.store() + ": no answer"
                        + (Thread.currentThread().isInterrupted() ? " before the thread was interrupted" : " in time")
                        + "; check that it is up and the address is right");
        client.close();
        throw why;
    }

    /** As {@link #open}, without blocking; the connect timeout is the caller's. */
    public static CompletionStage<EngineClient> openAsync(
            LockBackend backend, boolean ownsBackend, EngineSettings settings) {
        EngineClient client = new EngineClient(backend, ownsBackend, settings);
        return client.sessions.openFirst().thenApply(s -> client);
    }

    @Override
    public void close() {
        Pending.await(engine, closing.begin(), engine.settings().closeTimeout());
    }

    /** As {@link #close()}, without blocking. */
    public CompletionStage<@Nullable Void> closeAsync() {
        return closing.begin();
    }

    @Override
    public DistributedLock lock(String name) {
        return new EngineLock(parts, LockNames.checked(name), null);
    }

    @Override
    public LockGroup all(Collection<String> groupNames) {
        return new EngineGroup(engine, acquisition, groupNames);
    }

    @Override
    public LockHandle acquire(String name) throws InterruptedException {
        return acquire(name, LockOptions.defaults());
    }

    @Override
    public LockHandle acquire(String name, Duration wait) throws InterruptedException {
        return acquire(name, LockOptions.defaults().waitLimit(wait));
    }

    @Override
    public LockHandle acquire(String name, LockOptions options) throws InterruptedException {
        Patience patience = Acquisition.patience(options, Patience.ENDLESS);
        LockHandle handle = acquisition.handle(LockNames.checked(name), options, patience);
        if (handle == null) {
            throw engine.failures().timeout(name, options.waitLimit().orElse(Duration.ZERO));
        }
        return handle;
    }

    @Override
    public Optional<LockHandle> tryAcquire(String name) {
        return Optional.ofNullable(acquisition.handle(LockNames.checked(name)));
    }

    @Override
    public Optional<LockHandle> tryAcquire(String name, Duration wait) throws InterruptedException {
        return tryAcquire(name, LockOptions.defaults().waitLimit(wait));
    }

    @Override
    public Optional<LockHandle> tryAcquire(String name, LockOptions options) throws InterruptedException {
        Patience patience = Acquisition.patience(options, Patience.NONE);
        return Optional.ofNullable(acquisition.handle(LockNames.checked(name), options, patience));
    }

    @Override
    public CompletionStage<LockHandle> acquireAsync(String name) {
        return acquireAsync(name, LockOptions.defaults());
    }

    @Override
    public CompletionStage<LockHandle> acquireAsync(String name, LockOptions options) {
        return acquisition.later(LockNames.checked(name), options);
    }

    @Override
    public <T, E extends Exception> T withLock(String name, Duration wait, LockedTask<T, E> task)
            throws E, InterruptedException {
        Objects.requireNonNull(task, "task");
        LockHandle hold = acquire(name, wait);
        T result;
        try {
            result = task.run(hold);
        } catch (Throwable e) {
            hold.release();
            throw e;
        }
        if (hold.release() == ReleaseOutcome.NOT_HELD) {
            // The work ended well, but not under the lock: a loss wins over a result.
            throw engine.failures()
                    .lost(new LockLoss(name, hold.fencingToken(), "it was not held any more when the work ended"));
        }
        return result;
    }

    @Override
    public List<StoreFinding> diagnose() {
        return inquiry.diagnose();
    }

    @Override
    public List<LockInfo> list() {
        return inquiry.list();
    }

    @Override
    public ForceOutcome forceUnlock(String name, long fencingToken) {
        return inquiry.forceRelease(LockNames.checked(name), OptionalLong.of(fencingToken));
    }

    @Override
    public void addListener(LockListener listener) {
        engine.listeners().add(Objects.requireNonNull(listener, "listener"));
    }

    @Override
    public void removeListener(LockListener listener) {
        engine.listeners().remove(Objects.requireNonNull(listener, "listener"));
    }

    @Override
    public LockMetrics metrics() {
        return engine.counters().snapshot(names.size());
    }

    @Override
    public String store() {
        return backend.store();
    }

    @Override
    public Capabilities capabilities() {
        return backend.capabilities();
    }

    @Override
    public Duration lease() {
        StoreSession s = sessions.current();
        return s == null ? engine.settings().lease() : Duration.ofNanos(s.leaseNanos());
    }

    @Override
    public String toString() {
        return "lock client of " + store();
    }
}
