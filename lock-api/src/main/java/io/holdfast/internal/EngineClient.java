// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

import io.holdfast.DistributedLock;
import io.holdfast.ForceOutcome;
import io.holdfast.LockClient;
import io.holdfast.LockClosedException;
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
import io.holdfast.internal.Waiter.Patience;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockClock;
import io.holdfast.spi.LockScheduler.Scheduled;
import io.holdfast.spi.StoredLock;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The engine behind {@link LockClient}: names, sessions, and what they share. */
public final class EngineClient implements LockClient {
    private static final Logger LOG = System.getLogger("io.holdfast");

    /** Low bits of a token, for hand-offs. */
    private static final int HANDOFF_BITS = 8;

    private final LockBackend backend;
    private final EngineSettings settings;
    private final Counters counters = new Counters();
    private final Failures failures;
    private final Listeners listeners;
    private final LostHolds lostHolds = new LostHolds();
    private final TokenFloor floor = new TokenFloor();
    private final Outage outage;
    private final Sessions sessions;
    private final Closing closing;
    private final ConcurrentHashMap<String, NameState> names = new ConcurrentHashMap<>();
    private final ReferenceQueue<EngineHandle> forgotten = new ReferenceQueue<>();
    private final AtomicLong contenderIds = new AtomicLong();

    private EngineClient(LockBackend backend, boolean ownsBackend, EngineSettings settings) {
        this.backend = backend;
        this.settings = settings;
        this.failures = new Failures(backend.store());
        this.listeners = new Listeners(settings.runtime().executor());
        this.outage = new Outage(this, Durations.saturatedNanos(settings.outageTimeout()));
        this.sessions = new Sessions(this);
        this.closing = new Closing(this, ownsBackend);
    }

    // ---- opening and closing
    // --------------------------------------------------------------------------------------------

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
                ? Failures.rethrown(client.failures.unwrap(failureOf(first)))
                : new LockUnavailableException("store " + backend.store() + ": not reached within connect-timeout ("
                        + settings.connectTimeout() + "); check that it is up and the address is right");
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
        // The closing itself keeps to close-timeout; this wait only follows it.
        Pending.await(this, closing.begin(), settings.closeTimeout().plusMillis(100));
    }

    /** As {@link #close()}, without blocking. */
    public CompletionStage<@Nullable Void> closeAsync() {
        return closing.begin();
    }

    boolean isClosed() {
        return closing.hasBegun();
    }

    LockClosedException closedException(String name) {
        return failures.closed(name);
    }

    // ---- acquiring
    // ------------------------------------------------------------------------------------------------------

    Patience patience(LockOptions options, Patience withoutLimit) {
        return options.waitLimit()
                .map(l -> l.isZero() ? Patience.NONE : Patience.LIMITED)
                .orElse(withoutLimit);
    }

    /** Waits whatever interrupts come, and restores the status. @return null when refused */
    @Nullable
    Hold acquireUninterruptibly(String name, Owner owner, LockOptions options, Patience patience) {
        Waiter w = new Waiter(owner, options, patience, clock().nanoTime(), null);
        submit(name, w, maySendInline(w));
        if (w.awaitUninterruptibly()) {
            Thread.currentThread().interrupt();
        }
        return result(w);
    }

    /** Waits until interrupted. @return null when refused */
    @Nullable
    Hold acquireInterruptibly(String name, Owner owner, LockOptions options, Patience patience)
            throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted before waiting for lock '" + Names.printable(name) + "'");
        }
        Waiter w = new Waiter(owner, options, patience, clock().nanoTime(), null);
        NameState state = submit(name, w, maySendInline(w));
        if (!w.awaitInterruptibly()) {
            if (!state.withdraw(w)) {
                // The grant raced in: it is given back before the interrupt is reported.
                Hold raced = w.hold();
                if (raced != null) {
                    giveBack(state, raced);
                }
            }
            throw new InterruptedException("interrupted while waiting for lock '" + Names.printable(name) + "'");
        }
        return result(w);
    }

    /** Undoes one level that was gained at the moment of an interrupt. */
    private void giveBack(NameState state, Hold raced) {
        try {
            outcome(state.release(raced.owner));
        } catch (IllegalMonitorStateException e) {
            LOG.log(Level.DEBUG, "a grant that met an interrupt was lost before it was given back", e);
        }
    }

    @Nullable
    LockHandle acquireHandle(String name, LockOptions options, Patience patience) throws InterruptedException {
        Hold hold = acquireInterruptibly(
                Names.checked(name), Owner.unique(), Objects.requireNonNull(options, "options"), patience);
        return hold == null ? null : handle(hold);
    }

    private EngineHandle handle(Hold hold) {
        EngineHandle handle = new EngineHandle(this, hold);
        hold.handle = new HandleReference(handle, hold, forgotten);
        return handle;
    }

    private NameState submit(String name, Waiter w, boolean inline) {
        while (true) {
            NameState state = names.computeIfAbsent(name, n -> new NameState(n, this));
            if (state.acquire(w, inline)) {
                return state;
            }
            names.remove(name, state);
        }
    }

    /** A blocking backend may send on the caller's thread when the caller would wait at least as long as a request may take. */
    private boolean maySendInline(Waiter w) {
        return w.patience != Patience.LIMITED
                || w.options.waitLimit().orElse(Duration.ZERO).compareTo(settings.operationTimeout()) > 0;
    }

    private static @Nullable Hold result(Waiter w) {
        RuntimeException failure = w.failure();
        if (failure != null) {
            throw Failures.rethrown(failure);
        }
        return w.hold();
    }

    @Override
    public CompletionStage<LockHandle> acquireAsync(String name) {
        return acquireAsync(name, LockOptions.defaults());
    }

    @Override
    public CompletionStage<LockHandle> acquireAsync(String name, LockOptions options) {
        Names.checked(name);
        CompletableFuture<LockHandle> future = new CompletableFuture<>();
        Waiter w = new Waiter(
                Owner.unique(),
                options,
                patience(options, Patience.ENDLESS),
                clock().nanoTime(),
                settled -> execute(() -> complete(future, settled, name)));
        NameState state = submit(name, w, false);
        future.whenComplete((h, e) -> {
            if (future.isCancelled()) {
                state.withdraw(w);
            }
        });
        return future;
    }

    private void complete(CompletableFuture<LockHandle> future, Waiter w, String name) {
        Hold hold = w.hold();
        RuntimeException failure = w.failure();
        if (hold != null) {
            handle(hold).discard(future);
        } else if (failure != null) {
            future.completeExceptionally(failure);
        } else if (w.state() == Waiter.State.REFUSED) {
            future.completeExceptionally(
                    failures.timeout(name, w.options.waitLimit().orElse(Duration.ZERO)));
        }
    }

    // ---- LockClient
    // -----------------------------------------------------------------------------------------------------

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
        LockHandle handle = acquireHandle(name, options, patience(options, Patience.ENDLESS));
        if (handle == null) {
            throw failures.timeout(name, options.waitLimit().orElse(Duration.ZERO));
        }
        return handle;
    }

    @Override
    public Optional<LockHandle> tryAcquire(String name) {
        Hold hold = acquireUninterruptibly(Names.checked(name), Owner.unique(), LockOptions.defaults(), Patience.NONE);
        return Optional.ofNullable(hold).map(this::handle);
    }

    @Override
    public Optional<LockHandle> tryAcquire(String name, Duration wait) throws InterruptedException {
        return tryAcquire(name, LockOptions.defaults().waitLimit(wait));
    }

    @Override
    public Optional<LockHandle> tryAcquire(String name, LockOptions options) throws InterruptedException {
        return Optional.ofNullable(acquireHandle(name, options, patience(options, Patience.NONE)));
    }

    @Override
    public <T, E extends Exception> T withLock(String name, Duration wait, LockedTask<T, E> task)
            throws E, InterruptedException {
        Objects.requireNonNull(task, "task");
        LockHandle hold = acquire(name, wait);
        boolean normal = false;
        try {
            T result = task.run(hold);
            normal = true;
            return result;
        } finally {
            ReleaseOutcome outcome = hold.release();
            if (normal && outcome == ReleaseOutcome.NOT_HELD) {
                throwLoss(hold);
            }
        }
    }

    /** The work ended well, but not under the lock: a loss wins over a result. */
    private void throwLoss(LockHandle hold) {
        throw failures.lost(
                new LockLoss(hold.name(), hold.fencingToken(), "it was not held any more when the work ended"));
    }

    @Override
    public List<LockInfo> list() {
        return ask("list locks", backend::list).stream()
                .map(this::info)
                .sorted(Comparator.comparing(LockInfo::name))
                .toList();
    }

    @Override
    public ForceOutcome forceUnlock(String name, long fencingToken) {
        long storeToken = (fencingToken - settings.tokenBase()) >> HANDOFF_BITS;
        if (storeToken <= 0) {
            throw new IllegalArgumentException(
                    "no lock can have the fencing token " + fencingToken + " with this token-base");
        }
        return forceRelease(Names.checked(name), OptionalLong.of(storeToken));
    }

    @Override
    public void addListener(LockListener listener) {
        listeners.add(Objects.requireNonNull(listener, "listener"));
    }

    @Override
    public void removeListener(LockListener listener) {
        listeners.remove(listener);
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

    // ---- asking the store
    // -----------------------------------------------------------------------------------------------

    LockInfo inspect(String name) {
        return info(ask("inspect lock '" + Names.printable(name) + "'", () -> backend.inspect(name)));
    }

    ForceOutcome forceRelease(String name, OptionalLong storeToken) {
        return ask(
                "release lock '" + Names.printable(name) + "' by force", () -> backend.forceRelease(name, storeToken));
    }

    private LockInfo info(StoredLock s) {
        return new LockInfo(
                s.name(),
                s.isHeld() ? OptionalLong.of(compose(s.storeToken(), 0)) : OptionalLong.empty(),
                Optional.ofNullable(s.holder()),
                s.sinceMillis() > 0 ? Optional.of(Instant.ofEpochMilli(s.sinceMillis())) : Optional.empty(),
                s.contenders());
    }

    private <T> T ask(String what, Supplier<CompletionStage<T>> question) {
        if (isClosed()) {
            throw new LockClosedException(
                    "cannot " + what + " in " + store() + ": the client is closed; open another one");
        }
        CompletableFuture<T> answer = Pending.await(this, question.get(), settings.operationTimeout());
        if (!answer.isDone()) {
            throw new LockOutcomeUnknownException(
                    "cannot " + what + " in " + store() + ": no answer within operation-timeout ("
                            + settings.operationTimeout() + "); check the store, then look again");
        }
        if (answer.isCompletedExceptionally()) {
            throw Failures.rethrown(failures.unwrap(failureOf(answer)));
        }
        return answer.join();
    }

    static @Nullable Throwable failureOf(CompletableFuture<?> failed) {
        Throwable[] why = new Throwable[1];
        failed.whenComplete((v, e) -> why[0] = e);
        return why[0];
    }

    /** Waits for a release as long as one request may take. */
    ReleaseOutcome outcome(CompletionStage<ReleaseOutcome> release) {
        CompletableFuture<ReleaseOutcome> answer = Pending.await(this, release, settings.operationTimeout());
        return answer.getNow(ReleaseOutcome.UNKNOWN);
    }

    /** Has an answer fail when it takes longer than one request may; what was asked goes on. */
    void completeLate(CompletableFuture<?> answer) {
        if (!answer.isDone()) {
            Scheduled timer = schedule(
                    () -> answer.completeExceptionally(new LockOutcomeUnknownException("store " + store()
                            + ": no answer within operation-timeout (" + settings.operationTimeout() + ")")),
                    settings.operationTimeout().toNanos());
            answer.whenComplete((v, e) -> timer.cancel());
        }
    }

    /** Tells what a release came to. A hold that the store had lost before was lost, not released. */
    void reportRelease(String name, Hold hold, ReleaseOutcome outcome) {
        switch (outcome) {
            case RELEASED -> listeners.released(name, hold.token, outcome);
            case NOT_HELD -> {
                counters.lost.increment();
                listeners.lost(goneAtRelease(name, hold), List.of());
            }
            case UNKNOWN -> {
                LOG.log(
                        Level.WARNING,
                        () -> "lock '" + Names.printable(name) + "' in " + store()
                                + ": the store has not confirmed the release; it is asked again in the background");
                listeners.released(name, hold.token, outcome);
            }
        }
    }

    LockLoss goneAtRelease(String name, Hold hold) {
        return new LockLoss(name, hold.token, "the store no longer had it when it was released");
    }

    LockLoss deadlinePassed(String name, Hold hold) {
        return new LockLoss(name, hold.token, "its lease passed without an acknowledged renewal");
    }

    // ---- tokens
    // ---------------------------------------------------------------------------------------------------------

    private long compose(long storeToken, int handoffs) {
        return (storeToken << HANDOFF_BITS) + handoffs + settings.tokenBase();
    }

    long tokenOf(Grant grant, int handoffs) {
        return compose(grant.storeToken(), handoffs);
    }

    /** Takes a fresh grant's token. @return why it is refused, or null */
    @Nullable
    RuntimeException refusalOf(String name, Grant grant) {
        long token = compose(grant.storeToken(), 0);
        OptionalLong above = floor.raise(name, token);
        return above.isEmpty() ? null : failures.regression(name, token, above.getAsLong(), settings.tokenBase());
    }

    void raiseFloor(String name, long token) {
        floor.raise(name, token);
    }

    // ---- forgotten holds
    // ------------------------------------------------------------------------------------------------

    /** Ends holds whose thread has ended or whose handle nothing refers to (rule FH-1); at every renewal round. */
    void endForgottenHolds() {
        for (Reference<? extends EngineHandle> r = forgotten.poll(); r != null; r = forgotten.poll()) {
            if (r instanceof HandleReference h) {
                endForgotten(h.hold, "nothing refers to its handle any more");
            }
        }
        for (NameState state : names.values()) {
            Hold hold = state.hold();
            if (hold != null && hold.owner.isDead()) {
                endForgotten(hold, "its owner, " + hold.owner + ", has ended without releasing it");
            }
        }
        lostHolds.dropDeadOwners();
    }

    private static void endForgotten(Hold hold, String why) {
        NameState state = hold.place.state;
        state.deliver(() -> state.endByForce(hold, why));
    }

    // ---- what the parts share
    // -------------------------------------------------------------------------------------------

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

    /** Jitter. Seeded by the clock, so that a simulation repeats it. */
    long random(long bound) {
        return new SplittableRandom(clock().nanoTime() ^ contenderIds.get()).nextLong(bound);
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

    Outage outage() {
        return outage;
    }

    Sessions sessions() {
        return sessions;
    }

    @Override
    public String toString() {
        return "lock client of " + store();
    }
}
