// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

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
final class Sessions {
    private final EngineClient client;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock.
    private @Nullable StoreSession current;
    private boolean opening;
    private final Set<NameState> waiting = new LinkedHashSet<>();

    /** Every session that is not over, the retired ones included. */
    private final Queue<StoreSession> all = new ConcurrentLinkedQueue<>();

    /** Over, and not yet confirmed to be gone from the store: a client that closes waits for that, too (rule LK-1). */
    private final Queue<StoreSession> ending = new ConcurrentLinkedQueue<>();

    Sessions(EngineClient client) {
        this.client = client;
    }

    /** The session for a new contender, or null: then one is being opened and the name hears of it. */
    @Nullable
    StoreSession usable(NameState asking) {
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
                client.execute(this::open);
            }
        } finally {
            lock.unlock();
        }
        if (dead != null && !dead.isRetired()) {
            client.execute(() -> dead.end(EngineClient.LEASE_PASSED, true));
        }
        return null;
    }

    /** Opens the first session. */
    CompletionStage<StoreSession> openFirst() {
        lock.lock();
        try {
            opening = true;
        } finally {
            lock.unlock();
        }
        return open();
    }

    private CompletionStage<StoreSession> open() {
        StoreSession.Events events = new StoreSession.Events();
        EngineSettings settings = client.settings();
        CompletionStage<LockSession> answer;
        try {
            SessionOptions options = new SessionOptions(settings.lease(), settings.label(), settings.runtime());
            answer = client.backend().openSession(options, events);
        } catch (RuntimeException e) {
            answer = CompletableFuture.failedFuture(e);
        }
        CompletableFuture<StoreSession> opened = new CompletableFuture<>();
        answer.whenComplete((session, failure) -> {
            if (session == null) {
                failed(client.failures().unwrap(failure));
                opened.completeExceptionally(client.failures().unwrap(failure));
            } else {
                opened.complete(opened(session, events));
            }
        });
        return opened;
    }

    private StoreSession opened(LockSession session, StoreSession.Events events) {
        client.outage().over();
        client.counters().sessions.increment();
        StoreSession s = new StoreSession(client, session);
        all.add(s);
        List<NameState> names;
        lock.lock();
        try {
            opening = false;
            current = s;
            names = takeWaiting();
        } finally {
            lock.unlock();
        }
        events.attach(s);
        if (client.isClosed()) {
            // Opened while the client was being closed, which did not see it.
            s.end("the client was closed", true);
        }
        names.forEach(n -> n.deliver(n::proceed));
        return s;
    }

    private void failed(RuntimeException why) {
        List<NameState> names;
        lock.lock();
        try {
            opening = false;
            names = takeWaiting();
        } finally {
            lock.unlock();
        }
        names.forEach(n -> n.deliver(() -> n.sessionFailed(why)));
    }

    private List<NameState> takeWaiting() {
        List<NameState> names = new ArrayList<>(waiting);
        waiting.clear();
        return names;
    }

    /** A session takes no new contenders any more, or is over. */
    void forget(StoreSession s) {
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
    boolean areSettled() {
        return all.stream().allMatch(s -> s.background().isIdle())
                && ending.stream().allMatch(s -> s.background().isIdle());
    }

    Iterable<StoreSession> all() {
        return all;
    }

    @Nullable
    StoreSession current() {
        lock.lock();
        try {
            return current;
        } finally {
            lock.unlock();
        }
    }
}
