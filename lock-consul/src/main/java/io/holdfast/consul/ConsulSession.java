// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.LockDeniedException;
import io.holdfast.LockUnavailableException;
import io.holdfast.consul.Agent.Asker;
import io.holdfast.consul.Transport.Reply;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A session of Consul's: it ends when it is not renewed for its time, and Consul deletes what it has locked, contenders and its own
 * key. All calls but {@link #contend} block for a request.
 */
final class ConsulSession implements LockSession {
    /** How often undos of other names may refuse a contend before it counts as refused. */
    private static final int ATTEMPTS = 5;

    private final ConsulBackend backend;
    private final SessionOptions options;
    private final SessionEvents events;
    private final String id;
    private final AtomicLong basis;
    private final AtomicLong guard;
    private final Slots slots = new Slots();
    private final Undoing undoing = new Undoing(this);
    private final Set<ConsulContender> contenders = ConcurrentHashMap.newKeySet();

    /**
     * A session that Consul has made.
     *
     * @param backend whose it is
     * @param options lease, label, time
     * @param events where its end is told
     * @param made what Consul has said
     */
    ConsulSession(ConsulBackend backend, SessionOptions options, SessionEvents events, Made made) {
        this.backend = backend;
        this.options = options;
        this.events = events;
        this.id = made.id();
        this.basis = new AtomicLong(made.begun());
        this.guard = new AtomicLong(made.guard());
    }

    /**
     * What opening it has brought.
     *
     * @param id Consul's
     * @param begun monotonic time before the request
     * @param guard index of the session's own key
     */
    record Made(String id, long begun, long guard) {}

    @Override
    public String id() {
        return id;
    }

    @Override
    public Duration lease() {
        return options.lease();
    }

    /** Opening and renewing restart a session's time in Consul; locking, reading and waiting do not. */
    @Override
    public long basis() {
        return basis.get();
    }

    // ---- contending

    @Override
    public Contender contend(LockRequest request) {
        ConsulContender contender = new ConsulContender(this, request);
        contenders.add(contender);
        return contender;
    }

    /**
     * What a contend has brought.
     *
     * @param own the contender's entry
     * @param line everybody's
     * @param released whether the grant given up with it was still there
     */
    record Entered(Entry own, Line line, boolean released) {}

    /** Takes a place in line, giving up another one in the same step, and shows the line: one transaction. */
    Entered enter(LockRequest request, String key, Call call) {
        Asker asker = agent().asker(options.runtime(), call);
        Grant given = request.releasing();
        Entry old = given == null ? null : entryOf(given);
        String mark = options.runtime().clock().wallMillis() + " " + options.label();
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Txn txn = guarded();
            if (old != null) {
                txn.show(old.key()).delete(old.key(), old.modified());
            }
            int deletion = old == null ? -1 : txn.size() - 1;
            txn.checkMissing(key).lock(key, id, mark).show(keys().line(request.name()));
            Txn.Outcome outcome = agent().transact(txn, "contend", asker);
            if (outcome.done()) {
                return entered(request, key, old, outcome);
            }
            if (isDead(outcome)) {
                throw failures().unavailable("contend", "the session has ended");
            }
            if (outcome.refusedAt(deletion) && old != null) {
                // Written by a stranger, who changed its index, or another one by now: then ours was gone before.
                Entry now = agent().entry(old.key(), "contend", asker);
                old = now != null && now.isSame(old) ? now : null;
            } else if (outcome.refusedAt(0)) {
                readGuard(asker); // an undo of another name came in between, nothing else
            } else {
                throw failures().malformed("contend, refused with " + outcome.why() + ",");
            }
        }
        throw failures().unavailable("contend", "refused by undos of other locks, again and again");
    }

    private Entered entered(LockRequest request, String key, @Nullable Entry old, Txn.Outcome outcome) {
        // A grant that is given up shows in what was read before it was deleted.
        boolean released = old == null ? request.releasing() == null : has(outcome.entries(), old);
        if (request.releasing() != null) {
            over(request.releasing()); // deleted now, or by somebody else before
        }
        List<Entry> others = outcome.entries().stream()
                .filter(entry -> old == null || !entry.isSame(old))
                .toList();
        Line line = Line.of(others, keys().line(request.name()));
        int place = line.place(key, id);
        if (place < 0) {
            throw failures().malformed("contend");
        }
        return new Entered(line.entries().get(place), line, released);
    }

    private static boolean has(List<Entry> entries, Entry sought) {
        return entries.stream().anyMatch(sought::isSame);
    }

    Line line(String name, Asker asker) {
        String start = keys().line(name);
        return Line.of(agent().entries(start, "look", asker), start);
    }

    @Override
    public CompletionStage<Boolean> release(Grant grant) {
        return asked(() -> {
            Entry entry = entryOf(grant);
            boolean was = entry != null && remove(entry, asker());
            over(grant);
            return was;
        });
    }

    /** Null when the grant is not of this session. */
    private @Nullable Entry entryOf(Grant grant) {
        return grant.reference() instanceof ConsulContender holder && holder.session() == this ? holder.own() : null;
    }

    private void over(Grant grant) {
        if (grant.reference() instanceof ConsulContender holder && holder.session() == this) {
            holder.over();
        }
    }

    /**
     * Deletes an entry as it was made. A copy that comes later finds another index, and deletes nothing (rule UO-3).
     *
     * @return false when it was gone before
     */
    boolean remove(Entry entry, Asker asker) {
        Entry known = entry;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Txn txn = new Txn().show(known.key()).delete(known.key(), known.modified());
            Txn.Outcome outcome = agent().transact(txn, "release", asker);
            if (outcome.done()) {
                return has(outcome.entries(), entry);
            }
            // Written by a stranger, or another one by now.
            known = agent().entry(entry.key(), "release", asker);
            if (known == null || !known.isSame(entry)) {
                return false;
            }
        }
        throw failures().unavailable("release", "its key is written by somebody else, again and again");
    }

    CompletionStage<@Nullable Void> undo(String key) {
        return undoing.undo(key);
    }

    // ---- the key that all contends of the session compare

    String key() {
        return keys().session(id);
    }

    Txn guarded() {
        return new Txn().checkIndex(key(), guard.get());
    }

    void guardedBy(long index) {
        guard.accumulateAndGet(index, Math::max);
    }

    /** Whether a refusal means that the session has ended; tells the engine. */
    boolean isDead(Txn.Outcome outcome) {
        boolean dead = outcome.says("invalid session");
        if (dead) {
            lost("Consul has ended the session");
        }
        return dead;
    }

    void readGuard(Asker asker) {
        long known = guard.get(); // before the read: another undo may raise it meanwhile
        Entry entry = agent().entry(key(), "read the session's key", asker);
        if (entry == null || !entry.session().equals(id)) {
            lost("the session's key " + key() + " was deleted");
            throw failures().unavailable("contend", "the session's key was deleted");
        }
        if (entry.modified() < known) { // indexes only grow: with this key every contend would be refused for good
            lost("Consul's data went back in time");
            throw failures().unavailable("contend", "Consul's data went back in time");
        }
        guardedBy(entry.modified());
    }

    private void lost(String why) {
        events.sessionLost(why);
    }

    // ---- renewal

    /** Renews the session, then asks for keys that were deleted by force: one request more for every few dozen of them. */
    @Override
    public CompletionStage<Renewal> renew(Collection<Contender> asked) {
        return asked(() -> {
            long sentAt = options.runtime().clock().nanoTime();
            Reply reply = agent().put("/v1/session/renew/" + id + agent().query(""), "", "renew", asker());
            if (reply.status() == 404) {
                lost("Consul has ended the session");
                throw failures().unavailable("renew", "the session has ended");
            }
            if (reply.status() != 200) {
                throw failures().refused(reply, "renew", true);
            }
            basis.accumulateAndGet(sentAt, (known, sent) -> sent - known > 0 ? sent : known);
            return new Renewal(sentAt, new Checks(this).of(asked));
        });
    }

    // ---- the end

    @Override
    public CompletionStage<@Nullable Void> close() {
        leave();
        return this.<@Nullable Void>asked(() -> {
            backend.destroy(id, asker());
            return null;
        });
    }

    /** The backend is closed under it. */
    void abandon() {
        leave();
        lost("the backend was closed");
    }

    private void leave() {
        contenders.forEach(ConsulContender::abandon);
        backend.forget(this);
    }

    // ---- what its parts need

    private <T extends @Nullable Object> CompletionStage<T> asked(Supplier<T> request) {
        try {
            return CompletableFuture.completedFuture(request.get());
        } catch (RuntimeException | Error e) {
            return CompletableFuture.failedFuture(failures().known(e));
        }
    }

    boolean surelyNothing(RuntimeException why) {
        return why instanceof LockUnavailableException || why instanceof LockDeniedException;
    }

    void waitFor(ConsulContender contender) {
        backend.waits().begin(contender);
    }

    void stopWaiting(ConsulContender contender) {
        backend.waits().end(contender);
    }

    void forget(ConsulContender contender) {
        contenders.remove(contender);
    }

    Asker asker() {
        return agent().asker(options.runtime());
    }

    void execute(Runnable task) {
        options.runtime().executor().execute(task);
    }

    SessionOptions options() {
        return options;
    }

    Agent agent() {
        return backend.agent();
    }

    Failures failures() {
        return backend.failures();
    }

    LockKeys keys() {
        return backend.keys();
    }

    Slots slots() {
        return slots;
    }

    @Override
    public String toString() {
        return id + " (" + options.label() + ")";
    }
}
