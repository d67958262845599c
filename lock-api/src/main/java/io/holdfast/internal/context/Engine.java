// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.context;

import io.holdfast.internal.SafeLog;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockClock;
import io.holdfast.spi.LockScheduler.Scheduled;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * What every part of one client may touch: time, threads, numbers, the facts of the store, the settings, and what is counted, told
 * and thrown. It knows no name, no session, and asks nothing of the store. Thread-safe.
 */
public final class Engine {
    /** How often a task is handed in again that the executor refused, and the first pause before it in nanoseconds. */
    private static final int MOST_REFUSALS = 6;

    private static final long REFUSAL_PAUSE = 20_000_000L;

    private static final Logger LOG = System.getLogger("io.holdfast");

    /** As many as a pool of connections usually has; a client's bound in rule SP-10. */
    private static final int MOST_BLOCKED_CONTENDS = 16;

    private final LockBackend backend;
    private final EngineSettings settings;
    private final FewAtOnce blockedContends = new FewAtOnce(MOST_BLOCKED_CONTENDS, this::executeContend);
    private final Counters counters = new Counters();
    private final Failures failures;
    private final Listeners listeners;
    private final AtomicLong contenderIds = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * The context of one client.
     *
     * @param backend asked for the store's name and its facts only
     * @param settings of the client
     */
    public Engine(LockBackend backend, EngineSettings settings) {
        this.backend = backend;
        this.settings = settings;
        this.failures = new Failures(backend.store());
        this.listeners = new Listeners(backend.store(), settings.runtime().callbacks());
    }

    // -- the store, as far as it is known without asking it --

    public String store() {
        return backend.store();
    }

    public Capabilities capabilities() {
        return backend.capabilities();
    }

    public EngineSettings settings() {
        return settings;
    }

    // -- what is counted, told, thrown --

    public Counters counters() {
        return counters;
    }

    public Listeners listeners() {
        return listeners;
    }

    public Failures failures() {
        return failures;
    }

    // -- time and numbers --

    public LockClock clock() {
        return settings.runtime().clock();
    }

    public Scheduled schedule(Runnable task, long delayNanos) {
        return settings.runtime().scheduler().schedule(task, delayNanos);
    }

    /** An id that no contender of the client has had. */
    public long nextContenderId() {
        return contenderIds.incrementAndGet();
    }

    /** Jitter: a function of what is injected, so that a simulation repeats it. */
    public long random(long bound) {
        long seed = clock().nanoTime() ^ ((long) settings.label().hashCode() << 32) ^ contenderIds.get();
        return new SplittableRandom(seed).nextLong(bound);
    }

    // -- threads --

    /** Runs something on another thread. One that is refused is handed in again, since the engine goes on by what it hands in. */
    public void execute(Runnable task) {
        execute(task, this::refused);
    }

    private void refused(Throwable why) {
        SafeLog.log(
                LOG,
                Level.ERROR,
                "store " + store() + ": the executor takes no task; what it refused is not done",
                why);
    }

    /** As {@link #execute(Runnable)}, for what has to be told when the executor refuses again and again. */
    public void execute(Runnable task, Consumer<Throwable> otherwise) {
        execute(task, otherwise, 0);
    }

    private void execute(Runnable task, Consumer<Throwable> otherwise, int refusals) {
        try {
            settings.runtime().executor().execute(task);
        } catch (RuntimeException | Error refused) {
            if (refusals >= MOST_REFUSALS) {
                otherwise.accept(refused);
            } else {
                schedule(() -> execute(task, otherwise, refusals + 1), REFUSAL_PAUSE << refusals);
            }
        }
    }

    /** Runs what calls the store: on this thread, unless the backend may block it and it must not be blocked. */
    public void callStore(Runnable call, boolean mayBlock) {
        if (backend.capabilities().blocking() && !mayBlock) {
            execute(call);
        } else {
            call.run();
        }
    }

    /** As {@link #callStore}, for requests of which there may be one for each lock that somebody wants. */
    public void callStoreInTurn(Runnable call, boolean mayBlock) {
        if (backend.capabilities().blocking() && !mayBlock) {
            blockedContends.execute(call);
        } else {
            call.run();
        }
    }

    private void executeContend(Runnable task, Runnable otherwise) {
        execute(task, why -> {
            refused(why);
            otherwise.run();
        });
    }

    // -- the end --

    /** From now on nobody begins to wait. Returns false when that was said before. */
    public boolean beginClosing() {
        return closed.compareAndSet(false, true);
    }

    /** Whether the client is closed, or about to be. */
    public boolean isClosed() {
        return closed.get();
    }
}
