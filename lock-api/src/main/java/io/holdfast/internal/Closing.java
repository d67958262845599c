// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

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

    private final EngineClient client;
    private final boolean ownsBackend;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final AtomicBoolean sessionsAsked = new AtomicBoolean();
    private final AtomicBoolean ended = new AtomicBoolean();
    private final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
    private final List<Scheduled> timers = new ArrayList<>();

    Closing(EngineClient client, boolean ownsBackend) {
        this.client = client;
        this.ownsBackend = ownsBackend;
    }

    boolean hasBegun() {
        return begun.get();
    }

    CompletionStage<@Nullable Void> begin() {
        if (!begun.compareAndSet(false, true)) {
            return done;
        }
        // A session that is closed takes its grants along; only where it does not, each is released by itself.
        boolean one = client.backend().capabilities().scope() != LeaseScope.SESSION;
        client.eachName(n -> n.close(one));
        long limit = Durations.saturatedNanos(client.settings().closeTimeout());
        synchronized (timers) {
            timers.add(client.schedule(() -> client.execute(this::cutMinimumHolds), limit / 100 * 80));
            timers.add(client.schedule(this::removeSessions, limit / 100 * 88));
            timers.add(client.schedule(() -> client.execute(this::end), limit / 100 * 95));
        }
        look();
        return done;
    }

    /** Goes on when nothing is kept and nothing awaits its confirmation any more. */
    void look() {
        if (!begun.get() || sessionsAsked.get()) {
            return;
        }
        boolean[] busy = new boolean[1];
        client.eachName(n -> busy[0] = true);
        if (!busy[0] && client.sessions().areSettled()) {
            removeSessions();
        }
    }

    private void cutMinimumHolds() {
        client.eachName(n -> {
            if (n.cutMinimumHold()) {
                LOG.log(
                        Level.WARNING,
                        () -> "lock '" + Names.printable(n.name) + "' in " + client.store()
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
        for (StoreSession s : client.sessions().all()) {
            CompletableFuture<@Nullable Void> closed = new CompletableFuture<>();
            closes.add(closed);
            client.callStore(() -> close(s, closed), false);
        }
        CompletableFuture.allOf(closes.toArray(new CompletableFuture<?>[0]))
                .whenComplete((v, e) -> client.execute(this::end));
    }

    private void close(StoreSession s, CompletableFuture<@Nullable Void> closed) {
        try {
            s.close().whenComplete((v, e) -> {
                if (e != null) {
                    LOG.log(
                            Level.WARNING,
                            () -> "store " + client.store() + ": the session was not removed, it ends with its lease: "
                                    + client.failures().unwrap(e).getMessage());
                }
                closed.complete(null);
            });
        } catch (RuntimeException | Error e) { // a class that a closed loader cannot give any more, say: close goes on
            LOG.log(
                    Level.WARNING,
                    "store " + client.store() + ": the session was not removed, it ends with its lease",
                    e);
            closed.complete(null);
        }
    }

    private void end() {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        synchronized (timers) {
            timers.forEach(Scheduled::cancel);
        }
        try {
            if (ownsBackend) {
                client.backend().close();
            }
        } catch (RuntimeException | Error e) { // a class that a closed loader cannot give any more, say: close goes on
            LOG.log(Level.WARNING, "store " + client.store() + ": the backend did not close cleanly", e);
        } finally {
            if (client.settings().runtime() instanceof SharedRuntime shared) {
                shared.release();
            }
            done.complete(null);
        }
    }
}
