// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.consul.Agent.Asker;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import java.time.Duration;
import java.util.ArrayList;
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
 * A session of Consul's: it ends when it is not renewed for its time, or with its node. What it has locked, contenders and its own
 * key, stays then, and is removed by whoever meets it ({@link Deaths}, {@link Sweep}). All calls but {@link #contend} block for a request.
 */
final class ConsulSession implements LockSession {
    /** How often a key may be written by somebody else while it is deleted. */
    private static final int ATTEMPTS = 5;

    /** Contends on their way at a time: fewer than there are connections, which releases need, too. */
    private static final int CONTENDS = Transport.FOR_REQUESTS - 3;

    /** What Consul says of a session that is over. */
    private static final String ENDED = "invalid session";

    private final AtomicLong written = new AtomicLong();
    private final ConsulBackend backend;
    private final SessionOptions options;
    private final SessionEvents events;
    private final String id;
    private final AtomicLong basis;
    private final OwnKey guard;
    private final OwnKey journal;
    private final Lanes lanes;
    private final Heartbeat heartbeat = new Heartbeat(this);
    private final Admission admission;
    private final Slots slots = new Slots();
    private final Undoing undoing = new Undoing(this);
    private final Set<ConsulContender> contenders = ConcurrentHashMap.newKeySet();
    private final Mark.Life life;
    private final Sweep sweep = new Sweep(this);

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
        this.id = made.born().id();
        this.life = made.born().life();
        this.basis = new AtomicLong(made.begun());
        this.guard = new OwnKey(backend.keys().session(id), made.index());
        this.journal = new OwnKey(backend.keys().journal(id), made.index());
        this.lanes = new Lanes(backend.keys(), id);
        this.admission = new Admission(CONTENDS, options.runtime());
        if (made.foundDead()) {
            sweep.begin();
        }
    }

    /**
     * What opening it has brought.
     *
     * @param born what Consul has made
     * @param begun monotonic time before the request
     * @param index of the session's own keys
     * @param foundDead whether others have died and left something
     */
    record Made(ConsulBackend.Born born, long begun, long index, boolean foundDead) {}

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

    /** What a contender of now says of itself. */
    String mark() {
        return new Mark(options.runtime().clock().wallMillis(), lease(), life, options.label()).text();
    }

    /** A transaction that may have given something up was done. */
    void gaveUp(Txn.Outcome outcome, @Nullable Grant given) {
        journal.told(outcome.entries());
        if (given != null) {
            over(given);
        }
    }

    private static boolean has(List<Entry> entries, Entry sought) {
        return entries.stream().anyMatch(sought::isSame);
    }

    Line line(String name, Asker asker) {
        String start = keys().line(name);
        return Line.of(agent().entries(start, "look", asker), start);
    }

    /** A line as {@link #line} has shown it, without the dead before a place. */
    Line cleared(Line line, int place, String name, Asker asker) {
        if (!line.hasDeadBefore(place)) {
            return line;
        }
        try {
            return deaths().cleared(line, place, name, lease(), asker);
        } finally {
            sweep.begin(); // who died had other names, too; afterwards, so that it finds that this one is done with
        }
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
    @Nullable
    Entry entryOf(Grant grant) {
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
        boolean dead = false;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Txn txn = new Txn().show(known.key()).delete(known.key(), known.modified());
            Txn.Outcome outcome = agent().transact(dead ? txn : noted(txn), "release", asker);
            if (outcome.done()) {
                journal.told(outcome.entries());
                return has(outcome.entries(), entry);
            }
            dead |= outcome.says(ENDED); // and then it writes nothing any more, but the key may still be there
            // Written by a stranger, or left when the session ended, or another one by now.
            known = agent().entry(entry.key(), "release", asker);
            if (known == null || !known.isSame(entry)) {
                return false;
            }
        }
        throw failures().unavailable("release", "its key is written by somebody else, again and again");
    }

    /**
     * Adds a write of the journal to a transaction that gives something up: Consul's index of the newest one, which a restore would take
     * back together with what was given up (rule LO-5).
     */
    Txn noted(Txn txn) {
        return txn.lock(journal.key(), id, Long.toString(written.incrementAndGet()));
    }

    CompletionStage<@Nullable Void> undo(String key, OwnKey lane) {
        return undoing.undo(key, lane);
    }

    Lanes lanes() {
        return lanes;
    }

    // ---- its own keys: one that all contends compare and an undo writes, one that a release writes, and the lanes

    String key() {
        return guard.key();
    }

    Txn guarded() {
        return new Txn().checkIndex(guard.key(), guard.newest());
    }

    void guardedBy(List<Entry> answer) {
        guard.told(answer);
    }

    /** Guard and journal; the first one says whose the session is. */
    List<OwnKey> ownKeys() {
        return List.of(guard, journal);
    }

    /** Whether a refusal means that the session has ended; tells the engine. */
    boolean isDead(Txn.Outcome outcome) {
        boolean dead = outcome.says(ENDED);
        if (dead) {
            lost("Consul has ended the session");
        }
        return dead;
    }

    void readGuard(Asker asker) {
        reread(guard, "contend", asker);
    }

    /** Learns the newest index of an own key; a session whose key is gone, or older than it was, is over. */
    void reread(OwnKey own, String what, Asker asker) {
        long known = own.newest(); // before the read: another thread may raise it meanwhile
        Entry entry = agent().entry(own.key(), what, asker);
        if (entry == null || !entry.session().equals(id)) {
            lost("the session's key " + own.key() + " was deleted");
            throw failures().unavailable(what, "the session's key was deleted");
        }
        if (entry.modified()
                < known) { // with this key every contend would be refused for good, and what was given up is back
            lost("Consul's data went back in time");
            throw failures().unavailable(what, "Consul's data went back in time");
        }
        own.told(entry.modified());
    }

    /** Whether Consul, in an answer with nothing older than its log, has the session hold its own key. */
    boolean hasItsKey(String what, Asker asker) {
        Entry entry = agent().entry(guard.key(), what, asker);
        return entry != null && entry.session().equals(id);
    }

    void lost(String why) {
        events.sessionLost(why);
    }

    /** A contender's key was found to be gone. */
    void grantLost(Grant grant) {
        events.grantLost(grant, "its key was deleted from Consul");
    }

    // ---- renewal

    /** A renewal and a look at the session and some dozens of its contenders, then one request more for every few dozen others. */
    @Override
    public CompletionStage<Renewal> renew(Collection<Contender> asked) {
        return asked(() -> heartbeat.round(asked));
    }

    /** A renewal sent at a time was acknowledged. */
    void renewed(long sentAt) {
        basis.accumulateAndGet(sentAt, (known, sent) -> sent - known > 0 ? sent : known);
        sweep.goOn();
        backend.unclosed().goOn(options.runtime());
    }

    // ---- the end

    @Override
    public CompletionStage<@Nullable Void> close() {
        leave();
        return this.<@Nullable Void>asked(() -> {
            try {
                end(options.runtime());
            } catch (RuntimeException | Error e) {
                backend.unclosed().left(this);
                throw e;
            }
            return null;
        });
    }

    /**
     * Takes away what is the session's, and ends it: Consul's own end of it would leave the keys. Idempotent.
     *
     * @param by whose time limits the requests: the session's own client may be closed
     */
    void end(LockRuntime by) {
        clear(by);
        backend.destroy(id, agent().asker(by));
        // A release that was under way may have written the journal anew; a session that has ended writes nothing
        // more.
        agent().transact(new Txn().delete(journal.key()), "close", agent().asker(by));
        backend.unclosed().ended(this);
    }

    /**
     * Deletes what is the session's, which nobody believes in any more: its end would leave it. Its own key goes last: while that is
     * there, whoever comes after a close that broke off half-way sees that there is something left. Where it takes more than one request,
     * the first one writes that key, so that a contend which comes late, between two of them, is refused by it.
     */
    private void clear(LockRuntime by) {
        List<String> all = new ArrayList<>();
        contenders.forEach(one -> one.key().ifPresent(all::add));
        all.addAll(lanes.keys());
        all.add(journal.key());
        all.add(guard.key());
        if (all.size() > Txn.LIMIT) {
            // Refused when the session has ended, which refuses those contends as well.
            agent().transact(new Txn().lock(guard.key(), id, "closed"), "close", agent().asker(by));
        }
        for (int from = 0; from < all.size(); from += Txn.LIMIT) {
            Txn txn = new Txn();
            all.subList(from, Math.min(all.size(), from + Txn.LIMIT)).forEach(txn::delete);
            agent().transact(txn, "close", agent().asker(by));
        }
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

    Survey survey() {
        return backend.survey();
    }

    Deaths deaths() {
        return backend.deaths();
    }

    Admission admission() {
        return admission;
    }

    Slots slots() {
        return slots;
    }

    @Override
    public String toString() {
        return id + " (" + options.label() + ")";
    }
}
