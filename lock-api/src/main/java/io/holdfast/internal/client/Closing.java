// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.client;

import io.holdfast.LockNames;
import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.internal.SafeLog;
import io.holdfast.internal.context.Durations;
import io.holdfast.internal.context.Engine;
import io.holdfast.internal.name.NameTable;
import io.holdfast.internal.runtime.SharedRuntime;
import io.holdfast.internal.session.Sessions;
import io.holdfast.internal.session.StoreSession;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.LockScheduler.Scheduled;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The end of a client, in steps, each bounded (rules CL-1, CL-2): no new waits; holds end; minimum holds run out; what is released
 * gets confirmed; the sessions are removed; an owned backend is closed; the runtime is given back.
 */
final class Closing {
    private static final Logger LOG = System.getLogger("io.holdfast");
    private static final long FIRST_PAUSE = 20_000_000L;
    private static final long LONGEST_PAUSE = 1_000_000_000L;

    private final Engine engine;
    private final NameTable names;
    private final Sessions sessions;
    private final Runnable closeBackend;
    private final AtomicBoolean sessionsAsked = new AtomicBoolean();
    private final AtomicBoolean ended = new AtomicBoolean();
    private final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
    private final List<Scheduled> timers = new ArrayList<>();

    /**
     * The end of one engine.
     *
     * @param engine its context
     * @param names what it holds and waits for
     * @param sessions what it has in the store
     * @param closeBackend closes the backend, if that is the client's
     */
    Closing(Engine engine, NameTable names, Sessions sessions, Runnable closeBackend) {
        this.engine = engine;
        this.names = names;
        this.sessions = sessions;
        this.closeBackend = closeBackend;
    }

    CompletionStage<@Nullable Void> begin() {
        if (!engine.beginClosing()) {
            return done;
        }
        // A session that is closed takes its grants along; where it does not, or has to stay for a minimum hold
        // of one of them, each is released by itself: nobody waits for somebody else's minimum (rule WA-9).
        boolean[] one = {engine.capabilities().scope() != LeaseScope.SESSION};
        names.each(n -> one[0] |= n.hasMinimum());
        names.each(n -> n.close(one[0]));
        long limit = Durations.saturatedNanos(engine.settings().closeTimeout());
        synchronized (timers) {
            timers.add(engine.schedule(() -> engine.execute(this::cutMinimumHolds), limit / 100 * 80));
            timers.add(engine.schedule(this::removeSessions, limit / 100 * 88));
            timers.add(engine.schedule(() -> engine.execute(this::end), limit / 100 * 95));
        }
        look();
        return done;
    }

    /** Goes on when nothing is kept and nothing awaits its confirmation any more. */
    void look() {
        if (!engine.isClosed() || sessionsAsked.get()) {
            return;
        }
        boolean[] busy = new boolean[1];
        names.each(n -> busy[0] = true);
        if (!busy[0] && sessions.areSettled()) {
            removeSessions();
        }
    }

    private void cutMinimumHolds() {
        names.each(n -> {
            if (n.cutMinimumHold()) {
                SafeLog.log(
                        LOG,
                        Level.WARNING,
                        () -> "lock '" + LockNames.printable(n.name()) + "' in " + engine.store()
                                + ": released before its minimum hold passed, because the client closes");
            }
        });
        look();
    }

    private void removeSessions() {
        if (!sessionsAsked.compareAndSet(false, true)) {
            return;
        }
        List<CompletableFuture<?>> closes = new ArrayList<>();
        for (StoreSession s : sessions.all()) {
            CompletableFuture<@Nullable Void> closed = new CompletableFuture<>();
            closes.add(closed);
            engine.callStore(() -> close(s, closed, FIRST_PAUSE), false);
        }
        CompletableFuture.allOf(closes.toArray(new CompletableFuture<?>[0]))
                .whenComplete((v, e) -> engine.execute(this::end));
    }

    /** What the store may have carried out, or carries out later, is asked for again, until close-timeout has passed. */
    private void close(StoreSession s, CompletableFuture<@Nullable Void> closed, long pause) {
        try {
            s.close().whenComplete((v, e) -> {
                if (e == null) {
                    closed.complete(null);
                } else if (engine.failures().unwrap(e) instanceof LockOutcomeUnknownException) {
                    engine.schedule(() -> engine.callStore(() -> closeAgain(s, closed, pause, e), false), pause);
                } else {
                    notRemoved(e);
                    closed.complete(null);
                }
            });
        } catch (RuntimeException | Error e) { // a class that a closed loader cannot give any more, say: close goes on
            SafeLog.log(
                    LOG,
                    Level.WARNING,
                    "store " + engine.store() + ": the session was not removed, it ends with its lease",
                    e);
            closed.complete(null);
        }
    }

    private void closeAgain(StoreSession s, CompletableFuture<@Nullable Void> closed, long pause, Throwable why) {
        if (ended.get()) {
            notRemoved(why);
        } else {
            close(s, closed, Math.min(2 * pause, LONGEST_PAUSE));
        }
    }

    private void notRemoved(Throwable why) {
        SafeLog.log(
                LOG,
                Level.WARNING,
                () -> "store " + engine.store() + ": the session was not removed, it ends with its lease: "
                        + engine.failures().unwrap(why).getMessage());
    }

    private void end() {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        synchronized (timers) {
            timers.forEach(Scheduled::cancel);
        }
        try {
            closeBackend.run();
        } catch (RuntimeException | Error e) { // a class that a closed loader cannot give any more, say: close goes on
            SafeLog.log(LOG, Level.WARNING, "store " + engine.store() + ": the backend did not close cleanly", e);
        } finally {
            if (engine.settings().runtime() instanceof SharedRuntime shared) {
                shared.release();
            }
            done.complete(null);
        }
    }
}
