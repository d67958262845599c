// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.spi.LockRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * etcd and Consul: a few keys per session and name, used again, and transactions that compare before they write.
 *
 * <p>While a leader is deposed and does not know it, some clients still speak to it. etcd's answers their renewals from memory.
 * Consul's steps down as soon as it misses its followers, so that it must have been stopped: it answers, when it goes on, what was
 * sent to it meanwhile. The new leader never hears of those renewals; it has started all lease timers anew.
 */
final class KeyedStore extends QueueStore {
    /** What a contend came to. */
    enum Status {
        FIRST,
        IN_LINE,
        BUSY,
        /** An undo has changed the session's key: send again with the key as it is now. */
        STALE_EPOCH,
        NO_SESSION,
        /** The contender is not there. */
        ABSENT
    }

    /**
     * The answer to a contend, an undo or a look.
     *
     * @param revision of the contender, 0 when it has no place
     * @param epoch the session's key now
     * @param released whether the grant given up in the same step was there
     */
    record Reply(Status status, long revision, long epoch, boolean released) {}

    /**
     * The answer to a renewal or a read.
     *
     * @param term of the leader that answered
     * @param alive whether that leader knows the session
     * @param statuses as they were asked for
     */
    record Heard(long term, boolean alive, List<Status> statuses) {}

    private static final long SWEEP = 500 * SimSettings.MILLI;

    private final Set<SimNode> stranded = new HashSet<>();
    private final List<Runnable> held = new ArrayList<>();
    private long term = 1;
    private long deposedTerm;
    private long sessionsOpened;

    KeyedStore(SimWorld world, SimNode node, SimRandom random, SimSettings settings, StoreWitness witness) {
        super(world, node, random, settings, witness);
    }

    @Override
    long expiryNanos(Session session) {
        return settings().lease() / 100 * settings().expiryPercent() + random().between(0, SWEEP);
    }

    /** The leader loses its followers, or stops; some clients go on speaking to it. An election begins. */
    void strand(List<SimNode> clients) {
        stranded.addAll(clients);
        deposedTerm = term;
        election(true);
    }

    /** A new leader takes over. */
    void elect() {
        term++;
        election(false);
    }

    /** The deposed leader answers what it kept waiting, and learns that it is none any more. */
    void reunite() {
        held.forEach(Runnable::run);
        held.clear();
        stranded.clear();
    }

    @Override
    void hold(Runnable request) {
        held.add(request);
    }

    private boolean isEtcd() {
        return settings().personality() == Personality.ETCD;
    }

    private boolean isStranded(SimLink link) {
        return stranded.contains(link.client());
    }

    @Override
    SimLink.Admission admission(SimLink.Kind kind, SimLink link) {
        if (isStranded(link)) {
            if (kind == SimLink.Kind.RENEW) {
                return isEtcd() ? SimLink.Admission.SERVED : SimLink.Admission.HELD;
            }
            // Forwarded to the new leader now and then, or never answered.
            return isEtcd() && !isElecting() && random().chance(0.3)
                    ? SimLink.Admission.SERVED
                    : SimLink.Admission.IGNORED;
        }
        return super.admission(kind, link);
    }

    /** The answer to opening a session. */
    record Opened(String id, long epoch) {}

    Opened open(SimSession owner, SimLink link) {
        Session s = addSession(Long.toHexString(++sessionsOpened + 0x1000), owner, link);
        return new Opened(s.id, s.epoch);
    }

    Reply contend(String sessionId, LockRequest request, SimTicket ticket, Keys keys) {
        Session s = session(sessionId);
        if (s == null) {
            return new Reply(Status.NO_SESSION, 0, 0, false);
        }
        if (s.epoch != keys.epoch()) {
            return new Reply(Status.STALE_EPOCH, 0, s.epoch, false);
        }
        boolean released = keys.releasing() != null && delete(sessionId, keys.releasing().token, keys.releasing());
        Entry mine = find(s, ticket.name, keys.slot());
        if (mine == null) {
            if (!request.enqueue() && !line(ticket.name).isEmpty()) {
                return new Reply(Status.BUSY, 0, s.epoch, released);
            }
            mine = insert(s, keys.slot(), ticket);
        }
        return new Reply(isFirst(mine) ? Status.FIRST : Status.IN_LINE, mine.revision, s.epoch, released);
    }

    /** Changes the session's key, so that no copy of an earlier contend takes effect any more, and deletes the contender. */
    Reply undo(String sessionId, int slot, long epoch, SimTicket ticket) {
        Session s = session(sessionId);
        if (s == null) {
            return new Reply(Status.NO_SESSION, 0, 0, false);
        }
        if (s.epoch != epoch) {
            return new Reply(Status.STALE_EPOCH, 0, s.epoch, false);
        }
        s.epoch = nextRevision();
        Entry mine = find(s, ticket.name, slot);
        if (mine != null) {
            remove(mine, StoreWitness.Cause.WITHDRAWN, ticket);
        }
        return new Reply(Status.ABSENT, 0, s.epoch, false);
    }

    /** Deletes a contender of this very revision. */
    boolean delete(String sessionId, long revision, SimTicket ticket) {
        Entry mine = entry(sessionId, ticket.name, revision);
        if (mine == null) {
            return false;
        }
        remove(mine, StoreWitness.Cause.RELEASED, ticket);
        return true;
    }

    /** Registers for the next wake-up. */
    boolean watch(String sessionId, String name, long revision) {
        Entry mine = entry(sessionId, name, revision);
        if (mine != null) {
            mine.watched = true;
        }
        return mine != null;
    }

    Status look(String sessionId, String name, long revision) {
        Entry mine = entry(sessionId, name, revision);
        return mine == null ? Status.ABSENT : isFirst(mine) ? Status.FIRST : Status.IN_LINE;
    }

    Heard renew(String sessionId, SimLink link) {
        if (isStranded(link)) {
            return new Heard(deposedTerm, true, List.of());
        }
        Session s = session(sessionId);
        if (s != null) {
            restartTimer(s);
        }
        return new Heard(term, s != null, List.of());
    }

    /** A linearizable read of some contenders of a session, which also renews their watches. */
    Heard read(String sessionId, List<SimTicket> contenders) {
        List<Status> statuses = new ArrayList<>();
        for (SimTicket t : contenders) {
            watch(sessionId, t.name, t.token);
            statuses.add(look(sessionId, t.name, t.token));
        }
        return new Heard(term, session(sessionId) != null, statuses);
    }

    boolean close(String sessionId) {
        Session s = session(sessionId);
        if (s != null) {
            end(s, StoreWitness.Cause.CLOSED);
        }
        return true;
    }

    private Entry entry(String sessionId, String name, long revision) {
        Session s = session(sessionId);
        Entry e = s == null ? null : line(name).get(revision);
        return e != null && e.session == s ? e : null;
    }

    private static Entry find(Session s, String name, int slot) {
        for (Entry e : s.entries) {
            if (e.slot == slot && e.name().equals(name)) {
                return e;
            }
        }
        return null;
    }

    /**
     * What a contend transaction compares and writes.
     *
     * @param slot which of the session's keys of the name it creates
     * @param epoch the session's key as the client knows it
     * @param releasing whose grant is given up in the same step, or null
     */
    record Keys(int slot, long epoch, SimTicket releasing) {}
}
