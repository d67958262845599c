// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.session;

import io.holdfast.internal.context.Engine;
import io.holdfast.internal.context.EngineSettings;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.SessionOptions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The client's session for new contenders, opened when one is needed, and the older ones that still hold something. */
public final class Sessions {
    private final Engine engine;
    private final LockBackend backend;
    private final SessionListener client;
    private final Outage outage;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock.
    private @Nullable StoreSession current;
    private boolean opening;
    private final Set<SessionUser> waiting = new LinkedHashSet<>();

    /** Every session that is not over, the retired ones included. */
    private final Queue<StoreSession> all = new ConcurrentLinkedQueue<>();

    /** Over, and not yet confirmed to be gone from the store: a client that closes waits for that, too (rule LK-1). */
    private final Queue<StoreSession> ending = new ConcurrentLinkedQueue<>();

    /**
     * The sessions of one client.
     *
     * @param engine its context
     * @param backend opens them
     * @param client told what happens to them
     */
    public Sessions(Engine engine, LockBackend backend, SessionListener client) {
        this.engine = engine;
        this.backend = backend;
        this.client = client;
        this.outage = new Outage(engine, client::outageGoesOn);
    }

    /** Since when the store has answered nothing. */
    public Outage outage() {
        return outage;
    }

    /** The session for a new contender, or null: then one is being opened, and who asks hears of it. */
    public @Nullable StoreSession usable(SessionUser asking) {
        StoreSession dead;
        lock.lock();
        try {
            StoreSession s = current;
            if (s != null && s.isUsable()) {
                return s;
            }
            dead = s;
            current = null;
            waiting.add(asking);
            if (!opening) {
                opening = true;
                engine.execute(this::open, why -> failed(engine.failures().unwrap(why)));
            }
        } finally {
            lock.unlock();
        }
        if (dead != null && !dead.isRetired()) {
            engine.execute(() -> dead.end(LeaseDeadline.PASSED, true));
        }
        return null;
    }

    /** Opens the first session. */
    public CompletionStage<StoreSession> openFirst() {
        lock.lock();
        try {
            opening = true;
        } finally {
            lock.unlock();
        }
        return open();
    }

    private CompletionStage<StoreSession> open() {
        EarlyEvents events = new EarlyEvents();
        EngineSettings settings = engine.settings();
        CompletionStage<LockSession> answer;
        try {
            SessionOptions options = new SessionOptions(settings.lease(), settings.label(), settings.runtime());
            answer = backend.openSession(options, events);
        } catch (Throwable e) { // whatever it is: as long as one is being opened, no other one is
            answer = CompletableFuture.failedFuture(e);
        }
        CompletableFuture<StoreSession> opened = new CompletableFuture<>();
        answer.whenComplete((session, failure) -> {
            Throwable why = failure;
            if (session != null) {
                try {
                    opened.complete(opened(session, events));
                    return;
                } catch (Throwable e) {
                    why = e;
                }
            }
            RuntimeException told = engine.failures().unwrap(why);
            failed(told);
            opened.completeExceptionally(told);
        });
        return opened;
    }

    private StoreSession opened(LockSession session, EarlyEvents events) {
        outage.over();
        engine.counters().sessions.increment();
        StoreSession s = new StoreSession(engine, session, outage, new Kept());
        all.add(s);
        List<SessionUser> names;
        lock.lock();
        try {
            opening = false;
            current = s;
            names = takeWaiting();
        } finally {
            lock.unlock();
        }
        events.attach(s);
        if (engine.isClosed()) {
            // Opened while the client was being closed, which did not see it.
            s.end("the client was closed", true);
        }
        names.forEach(SessionUser::goOn);
        return s;
    }

    private void failed(RuntimeException why) {
        List<SessionUser> names;
        lock.lock();
        try {
            opening = false;
            names = takeWaiting();
        } finally {
            lock.unlock();
        }
        names.forEach(n -> n.sessionFailed(why));
    }

    private List<SessionUser> takeWaiting() {
        List<SessionUser> names = new ArrayList<>(waiting);
        waiting.clear();
        return names;
    }

    /** Between a session and its client. */
    private final class Kept implements StoreSession.Keeper {
        @Override
        public void forget(StoreSession s) {
            Sessions.this.forget(s);
        }

        @Override
        public void roundBegins() {
            client.roundBegins();
        }

        @Override
        public void settled() {
            client.settled();
        }
    }

    /** A session takes no new contenders any more, or is over. */
    private void forget(StoreSession s) {
        if (s.isOver()) {
            ending.removeIf(one -> one.background().isIdle());
            ending.add(s); // before it leaves the others: who closes finds it here or there
            all.remove(s);
        }
        lock.lock();
        try {
            if (current == s) {
                current = null;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether the store has nothing left to confirm for any session, those that are over included. */
    public boolean areSettled() {
        return all.stream().allMatch(s -> s.background().isIdle())
                && ending.stream().allMatch(s -> s.background().isIdle());
    }

    /** Every session that is not over. */
    public Iterable<StoreSession> all() {
        return all;
    }

    /** The one for new contenders; null when there is none. */
    public @Nullable StoreSession current() {
        lock.lock();
        try {
            return current;
        } finally {
            lock.unlock();
        }
    }
}
