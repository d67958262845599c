// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

import io.holdfast.DistributedLock;
import io.holdfast.ForceOutcome;
import io.holdfast.LockClient;
import io.holdfast.LockGroup;
import io.holdfast.LockHandle;
import io.holdfast.LockInfo;
import io.holdfast.LockListener;
import io.holdfast.LockLoss;
import io.holdfast.LockMetrics;
import io.holdfast.LockOptions;
import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.LockUnavailableException;
import io.holdfast.LockedTask;
import io.holdfast.ReleaseOutcome;
import io.holdfast.StoreFinding;
import io.holdfast.internal.Waiter.Patience;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.DurationFormat;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockClock;
import io.holdfast.spi.LockScheduler.Scheduled;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The engine behind {@link LockClient}: names, sessions, and what they share. */
public final class EngineClient implements LockClient {
    static final String LEASE_PASSED = "its lease passed without an acknowledged renewal";

    private static final Logger LOG = System.getLogger("io.holdfast");

    private final LockBackend backend;
    private final EngineSettings settings;
    private final Counters counters = new Counters();
    private final Failures failures;
    private final Listeners listeners;
    private final LostHolds lostHolds = new LostHolds();
    private final ForgottenHolds forgottenHolds = new ForgottenHolds(this);
    private final Tokens tokens;
    private final Outage outage;
    private final Sessions sessions;
    private final Acquisition acquisition;
    private final Inquiry inquiry;
    private final Closing closing;
    private final ConcurrentHashMap<String, NameState> names = new ConcurrentHashMap<>();
    private final AtomicLong contenderIds = new AtomicLong();

    private EngineClient(LockBackend backend, boolean ownsBackend, EngineSettings settings) {
        this.backend = backend;
        this.settings = settings;
        this.failures = new Failures(backend.store());
        this.tokens = new Tokens(settings.tokenBase(), failures);
        this.listeners = new Listeners(backend.store(), settings.runtime().executor());
        this.outage = new Outage(this, Durations.saturatedNanos(settings.outageTimeout()));
        this.sessions = new Sessions(this);
        this.acquisition = new Acquisition(this, name -> names.computeIfAbsent(name, n -> new NameState(n, this)));
        this.inquiry = new Inquiry(this, backend);
        this.closing = new Closing(this, ownsBackend);
    }

    /**
     * Connects, at most for the connect timeout; on failure nothing of it is left, and an owned backend is closed.
     *
     * @throws LockUnavailableException when the store is not reached in time
     */
    public static EngineClient open(LockBackend backend, boolean ownsBackend, EngineSettings settings) {
        EngineClient client = new EngineClient(backend, ownsBackend, settings);
        CompletableFuture<StoreSession> first = new CompletableFuture<>();
        client.execute(() -> client.sessions.openFirst().whenComplete((s, e) -> {
            if (e == null) {
                first.complete(s);
            } else {
                first.completeExceptionally(e);
            }
        }));
        Pending.await(client, first, settings.connectTimeout());
        if (first.isDone() && !first.isCompletedExceptionally()) {
            return client;
        }
        RuntimeException why = first.isDone()
                ? Failures.rethrown(client.failures.unwrap(Pending.failureOf(first)))
                : new LockUnavailableException("store " + backend.store() + ": not reached within connect-timeout ("
                        + DurationFormat.show(settings.connectTimeout())
                        + "); check that it is up and the address is right");
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
        Pending.await(this, closing.begin(), settings.closeTimeout());
    }

    /** As {@link #close()}, without blocking. */
    public CompletionStage<@Nullable Void> closeAsync() {
        return closing.begin();
    }

    boolean isClosed() {
        return closing.hasBegun();
    }

    @Override
    public DistributedLock lock(String name) {
        return new EngineLock(this, Names.checked(name), null);
    }

    @Override
    public LockGroup all(Collection<String> groupNames) {
        return new EngineGroup(this, groupNames);
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
        LockHandle handle = acquisition.handle(Names.checked(name), options, patience);
        if (handle == null) {
            throw failures.timeout(name, options.waitLimit().orElse(Duration.ZERO));
        }
        return handle;
    }

    @Override
    public Optional<LockHandle> tryAcquire(String name) {
        LockOptions options = LockOptions.defaults();
        Hold hold = acquisition.uninterruptibly(Names.checked(name), Owner.unique(), options, Patience.NONE);
        return Optional.ofNullable(hold).map(this::handle);
    }

    @Override
    public Optional<LockHandle> tryAcquire(String name, Duration wait) throws InterruptedException {
        return tryAcquire(name, LockOptions.defaults().waitLimit(wait));
    }

    @Override
    public Optional<LockHandle> tryAcquire(String name, LockOptions options) throws InterruptedException {
        Patience patience = Acquisition.patience(options, Patience.NONE);
        return Optional.ofNullable(acquisition.handle(Names.checked(name), options, patience));
    }

    @Override
    public CompletionStage<LockHandle> acquireAsync(String name) {
        return acquireAsync(name, LockOptions.defaults());
    }

    @Override
    public CompletionStage<LockHandle> acquireAsync(String name, LockOptions options) {
        return acquisition.later(Names.checked(name), options);
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
            throw failures.lost(
                    new LockLoss(name, hold.fencingToken(), "it was not held any more when the work ended"));
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
        return inquiry.forceRelease(Names.checked(name), OptionalLong.of(fencingToken));
    }

    @Override
    public void addListener(LockListener listener) {
        listeners.add(Objects.requireNonNull(listener, "listener"));
    }

    @Override
    public void removeListener(LockListener listener) {
        listeners.remove(Objects.requireNonNull(listener, "listener"));
    }

    @Override
    public LockMetrics metrics() {
        return counters.snapshot(names.size());
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
        return s == null ? settings.lease() : Duration.ofNanos(s.leaseNanos());
    }

    @Override
    public String toString() {
        return "lock client of " + store();
    }

    EngineHandle handle(Hold hold) {
        EngineHandle handle = new EngineHandle(this, hold);
        forgottenHolds.watch(handle, hold);
        return handle;
    }

    /** Waits for a release as long as one request may take. */
    ReleaseOutcome outcome(CompletionStage<ReleaseOutcome> release) {
        return Pending.await(this, release, settings.operationTimeout()).getNow(ReleaseOutcome.UNKNOWN);
    }

    /** Has an answer fail when it takes longer than one request may; what was asked goes on. */
    void completeLate(CompletableFuture<?> answer) {
        if (!answer.isDone()) {
            Scheduled timer = schedule(
                    () -> answer.completeExceptionally(new LockOutcomeUnknownException("store " + store()
                            + ": no answer within operation-timeout ("
                            + DurationFormat.show(settings.operationTimeout()) + ")")),
                    Durations.saturatedNanos(settings.operationTimeout()));
            answer.whenComplete((v, e) -> timer.cancel());
        }
    }

    /** Tells what a release came to. A hold that the store had lost before was lost, not released. */
    void reportRelease(String name, Hold hold, ReleaseOutcome outcome, List<Consumer<LockLoss>> lossActions) {
        if (outcome == ReleaseOutcome.NOT_HELD) {
            counters.lost.increment();
            listeners.lost(goneAtRelease(name, hold), lossActions);
            return;
        }
        if (outcome == ReleaseOutcome.UNKNOWN) {
            LOG.log(
                    Level.WARNING,
                    () -> "lock '" + Names.printable(name) + "' in " + store()
                            + ": the store has not confirmed the release; it is asked again in the background");
        }
        listeners.released(name, hold.token, outcome);
    }

    LockLoss goneAtRelease(String name, Hold hold) {
        return new LockLoss(name, hold.token, "the store no longer had it when it was released");
    }

    /** What to throw to an owner that releases without a hold. */
    RuntimeException notHeld(String name, Owner owner) {
        LockLoss lost = lostHolds.onRelease(name, owner);
        return lost != null ? failures.lost(lost) : failures.notOwner(name, owner);
    }

    @Nullable
    NameState stateOf(String name) {
        return names.get(name);
    }

    void drop(NameState state) {
        names.remove(state.name, state);
    }

    void eachName(Consumer<NameState> action) {
        names.values().forEach(action);
    }

    long nextContenderId() {
        return contenderIds.incrementAndGet();
    }

    LockClock clock() {
        return settings.runtime().clock();
    }

    Scheduled schedule(Runnable task, long delayNanos) {
        return settings.runtime().scheduler().schedule(task, delayNanos);
    }

    void execute(Runnable task) {
        settings.runtime().executor().execute(task);
    }

    /** Calls the store: on this thread, unless the backend may block it and it must not be blocked. */
    void callStore(Runnable call, boolean mayBlock) {
        if (backend.capabilities().blocking() && !mayBlock) {
            execute(call);
        } else {
            call.run();
        }
    }

    /** Jitter: a function of what is injected, so that a simulation repeats it. */
    long random(long bound) {
        long seed = clock().nanoTime() ^ ((long) settings.label().hashCode() << 32) ^ contenderIds.get();
        return new SplittableRandom(seed).nextLong(bound);
    }

    /** Something that the closing waits for may have come to its end. */
    void backgroundMoved() {
        closing.look();
    }

    LockBackend backend() {
        return backend;
    }

    EngineSettings settings() {
        return settings;
    }

    Counters counters() {
        return counters;
    }

    Failures failures() {
        return failures;
    }

    Listeners listeners() {
        return listeners;
    }

    LostHolds lostHolds() {
        return lostHolds;
    }

    ForgottenHolds forgottenHolds() {
        return forgottenHolds;
    }

    Tokens tokens() {
        return tokens;
    }

    Outage outage() {
        return outage;
    }

    Sessions sessions() {
        return sessions;
    }

    Acquisition acquisition() {
        return acquisition;
    }

    Inquiry inquiry() {
        return inquiry;
    }
}
