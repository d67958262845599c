// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Redis: scripts over rows that expire by the server's wall clock. A release gives the lock to the next in line and tells it.
 *
 * <p>It may lose anything: it evicts, its clock is stepped, and a replica that takes over is some way behind.
 */
final class TtlStore extends SimStore {
    /** What a script says of a contender. */
    enum Status {
        HOLDING,
        WAITING,
        BUSY,
        GONE
    }

    /**
     * A script's answer.
     *
     * @param token of the grant, 0 without one
     * @param released whether the grant given up in the same step was there
     */
    record Reply(Status status, long token, boolean released) {}

    private static final class Row {
        final SimTicket ticket;
        final TtlSession owner;
        /** Microseconds of the wall clock. */
        long deadAt;

        /** When its lease was last begun, in true time. */
        long keptAt;

        long token;

        Row(SimTicket ticket, TtlSession owner) {
            this.ticket = ticket;
            this.owner = owner;
        }

        Row copy() {
            Row r = new Row(ticket, owner);
            r.deadAt = deadAt;
            r.keptAt = keptAt;
            r.token = token;
            return r;
        }
    }

    private static final class Lock {
        final List<Row> line = new ArrayList<>();
        Row holder;
        long lastToken;

        Lock copy() {
            Lock l = new Lock();
            line.forEach(r -> l.line.add(r.copy()));
            l.holder = holder == null ? null : holder.copy();
            l.lastToken = lastToken;
            return l;
        }
    }

    private final Map<String, Lock> locks = new LinkedHashMap<>();
    private final Map<SimTicket, Long> tombstones = new LinkedHashMap<>();
    private final Map<String, Long> highestToken = new HashMap<>();
    private final Map<String, Lock> replica = new LinkedHashMap<>();
    private final Map<SimTicket, Long> replicaTombstones = new LinkedHashMap<>();

    TtlStore(SimWorld world, SimNode node, SimRandom random, SimSettings settings, StoreWitness witness) {
        super(world, node, random, settings, witness);
    }

    private long now() {
        return node().wallMicros();
    }

    private long leaseMicros() {
        return settings().lease() / 1_000;
    }

    // ---- scripts ----

    Reply contend(TtlSession owner, SimTicket ticket, boolean enqueue, SimTicket releasing) {
        boolean released = releasing != null && release(releasing.name, releasing);
        Lock l = locks.computeIfAbsent(ticket.name, n -> new Lock());
        prune(l);
        Row mine = find(l, ticket);
        if (mine == null) {
            if (tombstones.getOrDefault(ticket, Long.MIN_VALUE) > now()) {
                return new Reply(Status.GONE, 0, released);
            }
            advance(l);
            if (!enqueue && l.holder != null) {
                return new Reply(Status.BUSY, 0, released);
            }
            mine = new Row(ticket, owner);
            keep(mine);
            l.line.add(mine);
            witness().placed(ticket);
            advance(l, mine);
        }
        return new Reply(l.holder == mine ? Status.HOLDING : Status.WAITING, mine.token, released);
    }

    boolean release(String name, SimTicket ticket) {
        Lock l = locks.get(name);
        Row mine = l == null ? null : find(l, ticket);
        if (mine == null) {
            return false;
        }
        drop(l, mine, StoreWitness.Cause.RELEASED, ticket);
        prune(l);
        advance(l);
        return true;
    }

    /** Gives a place up; with a tombstone, no copy of its contend takes effect for one lease. */
    boolean withdraw(SimTicket ticket, boolean tombstone) {
        if (tombstone) {
            tombstones.put(ticket, now() + leaseMicros());
        }
        return release(ticket.name, ticket);
    }

    /** Keeps a contender alive for one lease, and looks whether its turn has come. */
    Reply renew(SimTicket ticket) {
        Lock l = locks.get(ticket.name);
        Row mine = l == null ? null : find(l, ticket);
        if (l == null || mine == null || mine.deadAt <= now()) {
            if (l != null) {
                prune(l);
                advance(l);
            }
            return new Reply(Status.GONE, 0, false);
        }
        keep(mine);
        prune(l);
        advance(l, mine);
        return new Reply(l.holder == mine ? Status.HOLDING : Status.WAITING, mine.token, false);
    }

    private static Row find(Lock l, SimTicket ticket) {
        if (l.holder != null && l.holder.ticket == ticket) {
            return l.holder;
        }
        for (Row r : l.line) {
            if (r.ticket == ticket) {
                return r;
            }
        }
        return null;
    }

    private void prune(Lock l) {
        if (l.holder != null && l.holder.deadAt <= now()) {
            drop(l, l.holder, causeOfDeath(l.holder), null);
        }
        for (Row r : List.copyOf(l.line)) {
            if (r.deadAt <= now()) {
                drop(l, r, causeOfDeath(r), null);
            }
        }
    }

    private void keep(Row r) {
        r.deadAt = now() + leaseMicros();
        r.keptAt = world().now();
    }

    /** A clock that was set forward ends leases before their time: their clients cannot know. */
    private StoreWitness.Cause causeOfDeath(Row r) {
        boolean early = world().now() - r.keptAt < settings().lease() * 98 / 100;
        return early ? StoreWitness.Cause.FORGOTTEN : StoreWitness.Cause.EXPIRED;
    }

    private void drop(Lock l, Row r, StoreWitness.Cause cause, SimTicket by) {
        if (l.holder == r) {
            l.holder = null;
        } else {
            l.line.remove(r);
        }
        witness().removed(r.ticket, cause, by);
    }

    private void advance(Lock l) {
        advance(l, null);
    }

    /** Gives a free lock to the first in line; the one that asks learns it from its answer. */
    private void advance(Lock l, Row asking) {
        if (l.holder != null || l.line.isEmpty()) {
            return;
        }
        Row next = l.line.remove(0);
        l.holder = next;
        next.token = Math.max(l.lastToken + 1, now());
        keep(next);
        l.lastToken = next.token;
        long highest = highestToken.getOrDefault(next.ticket.name, 0L);
        next.ticket.token = next.token;
        // Its data lost and its clock behind: here Redis promises nothing.
        next.ticket.tokenMayRegress = next.token <= highest;
        highestToken.put(next.ticket.name, Math.max(highest, next.token));
        witness().first(next.ticket);
        if (next != asking) {
            SimTicket ticket = next.ticket;
            long token = next.token;
            next.owner.link().push("granted", () -> next.owner.granted(ticket, token));
        }
    }

    // ---- faults ----

    @Override
    void restartTimers() {
        // Expiry is a time of the wall clock, kept with the data.
    }

    @Override
    void forceRelease(String name) {
        Lock l = locks.get(name);
        if (l != null && l.holder != null) {
            drop(l, l.holder, StoreWitness.Cause.FORCED, null);
            prune(l);
            advance(l);
        }
    }

    /** Evicts a name. */
    void evict(String name) {
        Lock l = locks.remove(name);
        if (l != null) {
            forget(l);
        }
    }

    private void forget(Lock l) {
        if (l.holder != null) {
            witness().removed(l.holder.ticket, StoreWitness.Cause.FORGOTTEN, null);
        }
        l.line.forEach(r -> witness().removed(r.ticket, StoreWitness.Cause.FORGOTTEN, null));
    }

    /** What a replica has got by now. */
    void replicate() {
        replica.clear();
        locks.forEach((name, l) -> replica.put(name, l.copy()));
        replicaTombstones.clear();
        replicaTombstones.putAll(tombstones);
    }

    /** The replica takes over: what it had not got is lost, and what was deleted since is back. */
    void failOver() {
        locks.values().forEach(this::forget);
        locks.clear();
        forgetTombstones(replicaTombstones);
        replica.forEach((name, l) -> locks.put(name, l.copy()));
        for (Lock l : locks.values()) {
            if (l.holder != null) {
                witness().returned(l.holder.ticket);
            }
            l.line.forEach(r -> witness().returned(r.ticket));
        }
    }

    @Override
    void wipe() {
        locks.values().forEach(this::forget);
        locks.clear();
        forgetTombstones(Map.of());
    }

    /** With what is not kept, the store forgets that it must take no copy of a contend any more. */
    private void forgetTombstones(Map<SimTicket, Long> kept) {
        tombstones.keySet().stream().filter(t -> !kept.containsKey(t)).forEach(t -> t.tombstoneLost = true);
        tombstones.clear();
        tombstones.putAll(kept);
    }

    @Override
    List<String> contents() {
        List<String> found = new ArrayList<>();
        for (Iterator<Lock> i = locks.values().iterator(); i.hasNext(); ) {
            Lock l = i.next();
            prune(l);
            if (l.holder != null) {
                found.add("holder " + l.holder.ticket);
            }
            l.line.forEach(r -> found.add("contender " + r.ticket));
        }
        return found;
    }
}
