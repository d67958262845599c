// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * A store with sessions and a line of contenders per name, ordered by creation; the first in line holds. A session ends when its
 * lease has passed without a renewal, and takes its contenders along. Acquiring renews nothing.
 */
abstract class QueueStore extends SimStore {
    /** A client's session. */
    static final class Session {
        final String id;
        final SimLink link;
        final SimSession owner;
        /** By the store's clock. */
        long expiresAt;

        private SimEvent expiry;
        /** Changed by each undo; a contend that knows an older one creates nothing. */
        long epoch;

        final List<Entry> entries = new ArrayList<>();

        Session(String id, SimSession owner, SimLink link) {
            this.id = id;
            this.owner = owner;
            this.link = link;
        }
    }

    /** A contender's place in line. */
    static final class Entry {
        final Session session;
        final int slot;
        final long revision;
        final SimTicket ticket;
        /** Its client waits to be told when it should look again. */
        boolean watched;

        Entry(Session session, int slot, long revision, SimTicket ticket) {
            this.session = session;
            this.slot = slot;
            this.revision = revision;
            this.ticket = ticket;
        }

        String name() {
            return ticket.name;
        }
    }

    private final Map<String, Session> sessions = new LinkedHashMap<>();
    private final Map<String, NavigableMap<Long, Entry>> lines = new LinkedHashMap<>();
    private long revision;

    QueueStore(SimWorld world, SimNode node, SimRandom random, SimSettings settings, StoreWitness witness) {
        super(world, node, random, settings, witness);
        this.revision = random.between(1, 1000);
    }

    final long nextRevision() {
        return ++revision;
    }

    final Session session(String id) {
        return sessions.get(id);
    }

    /** The contenders of a name by revision; empty, and not kept, when there is none. */
    final NavigableMap<Long, Entry> line(String name) {
        return lines.getOrDefault(name, new TreeMap<>());
    }

    final Map<String, NavigableMap<Long, Entry>> lines() {
        return lines;
    }

    final Session addSession(String id, SimSession owner, SimLink link) {
        Session s = new Session(id, owner, link);
        s.epoch = nextRevision();
        sessions.put(id, s);
        restartTimer(s);
        armExpiry(s);
        return s;
    }

    /** How long after a renewal the store ends a silent session. */
    abstract long expiryNanos(Session session);

    final void restartTimer(Session s) {
        s.expiresAt = node().nanoTime() + expiryNanos(s);
    }

    private void armExpiry(Session s) {
        if (s.expiry != null) {
            s.expiry.cancel();
        }
        s.expiry = after(s.expiresAt - node().nanoTime(), "expiry", () -> {
            if (sessions.get(s.id) != s || isElecting()) {
                return; // an election starts all timers anew
            }
            if (s.expiresAt - node().nanoTime() > 0) {
                armExpiry(s);
            } else {
                end(s, StoreWitness.Cause.EXPIRED);
            }
        });
    }

    final void end(Session s, StoreWitness.Cause cause) {
        if (world().isTracing()) {
            world().note("store . session " + s.id + " ends: " + cause);
        }
        sessions.remove(s.id);
        ended(s);
        for (Entry e : List.copyOf(s.entries)) {
            remove(e, cause, null);
        }
    }

    /** A session is over. */
    void ended(Session s) {}

    final Entry insert(Session s, int slot, SimTicket ticket) {
        Entry e = new Entry(s, slot, nextRevision(), ticket);
        ticket.token = e.revision;
        NavigableMap<Long, Entry> line = lines.computeIfAbsent(ticket.name, n -> new TreeMap<>());
        line.put(e.revision, e);
        s.entries.add(e);
        witness().placed(ticket);
        if (line.firstEntry().getValue() == e) {
            witness().first(ticket);
        }
        return e;
    }

    final void remove(Entry e, StoreWitness.Cause cause, SimTicket by) {
        NavigableMap<Long, Entry> line = line(e.name());
        boolean wasFirst = line.firstKey() == e.revision;
        Map.Entry<Long, Entry> next = line.higherEntry(e.revision);
        line.remove(e.revision);
        e.session.entries.remove(e);
        if (line.isEmpty()) {
            lines.remove(e.name());
        }
        witness().removed(e.ticket, cause, by);
        if (cause == StoreWitness.Cause.FORCED) {
            tellDeleted(e);
        }
        if (next != null) {
            if (wasFirst) {
                witness().first(next.getValue().ticket);
            }
            predecessorLeft(next.getValue());
        }
    }

    /** Tells a client that its entry has been deleted by somebody else. */
    void tellDeleted(Entry e) {
        e.session.link.push("deleted", () -> e.session.owner.deleted(e.ticket));
    }

    /** Tells a client that waits to look again. */
    void predecessorLeft(Entry e) {
        if (e.watched) {
            e.session.link.push("wake-up", () -> e.session.owner.wake(e.ticket));
        }
    }

    final boolean isFirst(Entry e) {
        return line(e.name()).firstKey() == e.revision;
    }

    @Override
    void restartTimers() {
        for (Session s : sessions.values()) {
            restartTimer(s);
            armExpiry(s);
            s.entries.forEach(e -> e.watched = false);
        }
    }

    @Override
    void forceRelease(String name) {
        NavigableMap<Long, Entry> line = lines.get(name);
        if (line != null) {
            remove(line.firstEntry().getValue(), StoreWitness.Cause.FORCED, null);
        }
    }

    @Override
    void wipe() {
        List.copyOf(sessions.values()).forEach(s -> end(s, StoreWitness.Cause.FORGOTTEN));
        revision = 0;
    }

    @Override
    List<String> contents() {
        List<String> found = new ArrayList<>();
        sessions.values().forEach(s -> found.add("session " + s.id));
        lines.values().forEach(l -> l.values().forEach(e -> found.add("contender " + e.ticket)));
        return found;
    }
}
