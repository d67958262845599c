// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.consul.Agent.Asker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * A session's own keys, beside its lanes: the guard, which all contends compare and an undo writes, and the journal, which is written
 * with whatever the session gives up. Thread-safe; calls block for requests.
 */
final class OwnKeys {
    /** What Consul says of a session that is over. */
    static final String ENDED = "invalid session";

    /** How often a key may be written by somebody else while it is deleted. */
    private static final int ATTEMPTS = 5;

    private final ConsulSession session;
    private final OwnKey guard;
    private final OwnKey journal;
    private final AtomicLong written = new AtomicLong();

    OwnKeys(ConsulSession session, LockKeys keys, ConsulSession.Made made) {
        this.session = session;
        this.guard = new OwnKey(keys.session(made.born().id()), made.index());
        this.journal = new OwnKey(keys.journal(made.born().id()), made.index());
    }

    // ---- the guard

    /** Of the guard: without it nothing of the session counts any more. */
    String key() {
        return guard.key();
    }

    Txn guarded() {
        return new Txn().checkIndex(guard.key(), guard.newest());
    }

    void guardedBy(List<KeyEntry> answer) {
        guard.told(answer);
    }

    /** Guard and journal; the first one says whose the session is. */
    List<OwnKey> both() {
        return List.of(guard, journal);
    }

    void readGuard(Asker asker) {
        reread(guard, "contend", asker);
    }

    /** Learns the newest index of an own key; a session whose key is gone, or older than it was, is over. */
    void reread(OwnKey own, String what, Asker asker) {
        long known = own.newest(); // before the read: another thread may raise it meanwhile
        KeyEntry entry = session.agent().entry(own.key(), what, asker);
        if (entry == null || !entry.session().equals(session.id())) {
            session.lost("the session's key " + own.key() + " was deleted");
            throw session.failures().unavailable(what, "the session's key was deleted");
        }
        if (entry.modified()
                < known) { // with this key every contend would be refused for good, and what was given up is back
            session.lost("Consul's data went back in time");
            throw session.failures().unavailable(what, "Consul's data went back in time");
        }
        own.told(entry.modified());
    }

    /** Whether Consul, in an answer with nothing older than its log, has the session hold its own key. */
    boolean hasGuard(String what, Asker asker) {
        KeyEntry entry = session.agent().entry(guard.key(), what, asker);
        return entry != null && entry.session().equals(session.id());
    }

    // ---- the journal

    /**
     * Deletes an entry as it was made. A copy that comes later finds another index, and deletes nothing (rule UO-3).
     *
     * @return false when it was gone before
     */
    boolean remove(KeyEntry entry, Asker asker) {
        KeyEntry known = entry;
        boolean dead = false;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Txn txn = new Txn().show(known.key()).delete(known.key(), known.modified());
            Txn.Outcome outcome = session.agent().transact(dead ? txn : noted(txn), "release", asker);
            if (outcome.done()) {
                gaveUp(outcome);
                return outcome.entries().stream().anyMatch(entry::isSame);
            }
            dead |= outcome.says(ENDED); // and then it writes nothing any more, but the key may still be there
            // Written by a stranger, or left when the session ended, or another one by now.
            known = session.agent().entry(entry.key(), "release", asker);
            if (known == null || !known.isSame(entry)) {
                return false;
            }
        }
        throw session.failures().unavailable("release", "its key is written by somebody else, again and again");
    }

    /**
     * Adds a write of the journal to a transaction that gives something up: Consul's index of the newest one, which a restore would take
     * back together with what was given up (rule LO-5).
     */
    Txn noted(Txn txn) {
        return txn.lock(journal.key(), session.id(), Long.toString(written.incrementAndGet()));
    }

    /** A transaction that may have given something up was done. */
    void gaveUp(Txn.Outcome outcome) {
        journal.told(outcome.entries());
    }

    // ---- their end

    /**
     * Deletes what is the session's, which nobody believes in any more: its end would leave it. Its own key goes last: while that is
     * there, whoever comes after a close that broke off half-way sees that there is something left. Where it takes more than one request,
     * the first one writes that key, so that a contend which comes late, between two of them, is refused by it.
     */
    void clear(List<String> others, Supplier<Asker> asking) {
        List<String> all = new ArrayList<>(others);
        all.add(journal.key());
        all.add(guard.key());
        if (all.size() > Txn.LIMIT) {
            // Refused when the session has ended, which refuses those contends as well.
            session.agent().transact(new Txn().lock(guard.key(), session.id(), "closed"), "close", asking.get());
        }
        for (int from = 0; from < all.size(); from += Txn.LIMIT) {
            Txn txn = new Txn();
            all.subList(from, Math.min(all.size(), from + Txn.LIMIT)).forEach(txn::delete);
            session.agent().transact(txn, "close", asking.get());
        }
    }

    /**
     * A release that was under way may have written the journal anew, a copy of the opening both; a session that has ended writes no more.
     */
    void clearAgain(Asker asker) {
        session.agent().transact(new Txn().delete(journal.key()).delete(guard.key()), "close", asker);
    }
}
