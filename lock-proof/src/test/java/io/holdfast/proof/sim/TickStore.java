// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;

/**
 * ZooKeeper: three servers, one of them the leader, which alone expires sessions, by ticks.
 *
 * <p>A follower answers reads by itself and hands the signs of life of its sessions on twice a tick. Cut off from the leader it
 * goes on reading to its clients from what it knew, for some ticks, while the leader hears of nobody.
 */
final class TickStore extends QueueStore {
    private static final int SERVERS = 3;
    private static final long TICK = Personality.TICK.toNanos();

    /** One server of the ensemble. */
    static final class Server {
        final int index;
        boolean up = true;
        /** Reaches the leader, or is it. */
        boolean linked = true;

        private final Set<Session> touched = new LinkedHashSet<>();
        private final Map<String, List<Long>> snapshot = new HashMap<>();
        private boolean handOverPlanned;

        Server(int index) {
            this.index = index;
        }
    }

    /** Where a contender stands, as a server knows it. */
    enum Standing {
        FIRST,
        IN_LINE,
        ABSENT
    }

    private final List<Server> servers = new ArrayList<>();
    private final Map<Session, TickConnection> connections = new LinkedHashMap<>(); // disconnected in their order
    private int leader;
    private long sessionsOpened;

    TickStore(SimWorld world, SimNode node, SimRandom random, SimSettings settings, StoreWitness witness) {
        super(world, node, random, settings, witness);
        for (int i = 0; i < SERVERS; i++) {
            servers.add(new Server(i));
        }
    }

    Server server(int index) {
        return servers.get(index);
    }

    int leader() {
        return leader;
    }

    @Override
    long expiryNanos(Session session) {
        long now = node().nanoTime();
        return (Math.floorDiv(now + settings().lease(), TICK) + 1) * TICK - now;
    }

    // ---- what clients ask ----

    /** Whether a server accepts a connection: it must be in touch with the leader. */
    boolean accepts(Server server) {
        return server.up && server.linked && !isElecting();
    }

    Session open(SimSession owner, TickConnection connection) {
        Session s = addSession("0x" + Long.toHexString(++sessionsOpened + 0x10000), owner, connection.link());
        connections.put(s, connection);
        return s;
    }

    /** Moves a session to a new connection; writes of the old one are refused from now on. */
    boolean reopen(Session s, TickConnection connection) {
        if (session(s.id) != s) {
            return false;
        }
        connections.put(s, connection);
        restartTimer(s);
        return true;
    }

    /** Whether a write of a session may go to the leader. */
    boolean mayWrite(Session s, TickConnection connection) {
        return session(s.id) == s && connections.get(s) == connection;
    }

    /** Notes a sign of life. */
    void touch(Session s, Server server) {
        if (server.index == leader) {
            restartTimer(s);
            return;
        }
        server.touched.add(s);
        if (!server.handOverPlanned) {
            server.handOverPlanned = true;
            long half = TICK / 2;
            after(half - Math.floorMod(node().nanoTime(), half), "tick", () -> {
                server.handOverPlanned = false;
                handOver(server);
            });
        }
    }

    private void handOver(Server server) {
        if (server.up && server.linked && !isElecting()) {
            server.touched.forEach(this::restartTimer);
            server.touched.clear();
        }
    }

    Entry create(Session s, SimTicket ticket) {
        Entry mine = own(s, ticket);
        return mine != null ? mine : insert(s, 0, ticket);
    }

    /** The session's node of a contender, found by its protection id. */
    Entry own(Session s, SimTicket ticket) {
        for (Entry e : s.entries) {
            if (e.ticket == ticket) {
                return e;
            }
        }
        return null;
    }

    boolean delete(Session s, SimTicket ticket, Cause cause) {
        Entry mine = own(s, ticket);
        if (mine != null) {
            remove(mine, cause == Cause.UNDO ? StoreWitness.Cause.WITHDRAWN : StoreWitness.Cause.RELEASED, ticket);
        }
        return mine != null;
    }

    /** Why a client deletes its node. */
    enum Cause {
        UNDO,
        RELEASE
    }

    /** Reads where a contender stands and watches its predecessor and itself. */
    Standing look(Server server, Session s, SimTicket ticket) {
        Entry mine = own(s, ticket);
        if (!server.linked) {
            List<Long> known = server.snapshot.getOrDefault(ticket.name, List.of());
            int place = known.indexOf(ticket.token);
            return place < 0 ? Standing.ABSENT : place == 0 ? Standing.FIRST : Standing.IN_LINE;
        }
        if (mine == null) {
            return Standing.ABSENT;
        }
        mine.watched = true;
        return isFirst(mine) ? Standing.FIRST : Standing.IN_LINE;
    }

    boolean close(Session s) {
        if (session(s.id) == s) {
            end(s, StoreWitness.Cause.CLOSED);
        }
        return true;
    }

    /** The server of an expired session hangs up; the client learns why when it comes back. */
    @Override
    void ended(Session s) {
        TickConnection c = connections.remove(s);
        if (c != null) {
            c.reset();
        }
    }

    // ---- what it tells unasked ----

    @Override
    void predecessorLeft(Entry e) {
        TickConnection c = connections.get(e.session);
        if (e.watched && c != null && c.server().linked) {
            c.push("watch", () -> e.session.owner.wake(e.ticket));
        }
    }

    @Override
    void tellDeleted(Entry e) {
        TickConnection c = connections.get(e.session);
        if (c != null && c.server().linked) {
            c.push("deleted", () -> e.session.owner.deleted(e.ticket));
        }
    }

    // ---- faults ----

    /** Cuts a follower off from the leader. */
    void unlink(Server server) {
        server.linked = false;
        server.snapshot.clear();
        lines().forEach((name, line) -> server.snapshot.put(name, List.copyOf(line.keySet())));
    }

    /** The link works again: what the follower kept back arrives first. */
    void relink(Server server) {
        server.linked = true;
        handOver(server);
        for (NavigableMap<Long, Entry> line : lines().values()) {
            line.values().forEach(this::predecessorLeft);
        }
    }

    /** A follower gives up on its leader, or dies: its connections end, and with them the signs of life it had not handed on. */
    void drop(Server server, boolean dies) {
        server.up = !dies;
        server.touched.clear();
        disconnect(server);
    }

    void comeBack(Server server) {
        server.up = true;
        server.linked = true;
        server.touched.clear();
    }

    /** Another server leads; whoever was connected connects anew. */
    @Override
    void election(boolean begins) {
        servers.forEach(this::disconnect);
        int next = (leader + 1) % SERVERS;
        if (!begins && servers.get(next).up && servers.get(next).linked) {
            leader = next;
        }
        super.election(begins);
    }

    private void disconnect(Server server) {
        List.copyOf(connections.values()).stream()
                .filter(c -> c.server() == server)
                .forEach(TickConnection::reset);
    }

    @Override
    void crash() {
        for (Server server : servers) {
            disconnect(server);
            server.touched.clear();
            server.handOverPlanned = false;
        }
        super.crash();
    }
}
