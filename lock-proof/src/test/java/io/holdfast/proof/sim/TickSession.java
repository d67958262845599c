// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.LockUnavailableException;
import io.holdfast.proof.sim.SimLink.Kind;
import io.holdfast.proof.sim.TickStore.Standing;
import io.holdfast.spi.line.Entry;
import io.holdfast.spi.line.LineEvents;
import io.holdfast.spi.line.Seat;
import io.holdfast.spi.line.Ticket;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** A session on ZooKeeper: a renewal is a write, and its answer confirms the one before it. */
final class TickSession extends SimSession {
    private static final long TICK = Personality.TICK.toNanos();
    private static final long RECONNECT_PAUSE = 300 * SimSettings.MILLI;

    private final TickStore store;
    private final ArrayDeque<Touch> acknowledged = new ArrayDeque<>();

    /** Contenders that have a node, as far as is known: a new connection looks at each. */
    private final Map<Long, SimTicket> placed = new HashMap<>();

    private final CompletableFuture<TickSession> opened = new CompletableFuture<>();
    private final long giveUpAt;
    private QueueStore.Session session;
    private TickConnection connection;
    private boolean closed;

    private TickSession(SimLine line, TickStore store, LineEvents events) {
        super(line, events);
        this.store = store;
        this.giveUpAt = link().nanoTime() + settings().operationTimeout();
    }

    static CompletionStage<TickSession> open(SimLine line, TickStore store, LineEvents events) {
        TickSession s = new TickSession(line, store, events);
        s.connect();
        return s.opened;
    }

    QueueStore.Session session() {
        return session;
    }

    @Override
    public String id() {
        return session.id;
    }

    // ---- connection ----

    private void connect() {
        if (closed || isLost()) {
            return;
        }
        TickConnection c =
                new TickConnection(world(), store, store.server(link().random().below(3)), this);
        connection = c;
        then(c.connect(session), (s, failure) -> {
            if (failure != null) {
                return; // breakOff has told
            }
            if (s == null) {
                sessionLost("it has expired");
            } else if (session == null) {
                session = s;
                opened.complete(this);
            } else {
                List.copyOf(placed.values()).forEach(this::lookAfterReconnection);
            }
        });
    }

    void disconnected(TickConnection c) {
        if (c != connection) {
            return;
        }
        if (session == null && link().nanoTime() - giveUpAt > 0) {
            closed = true;
            opened.completeExceptionally(new LockUnavailableException("no server accepted the connection"));
            return;
        }
        link().runtime().scheduler().schedule(this::connect, link().random().between(1, RECONNECT_PAUSE));
    }

    private <T> CompletableFuture<T> call(Kind kind, String what, Supplier<T> operation) {
        long sentAt = link().nanoTime();
        CompletableFuture<T> answer = new CompletableFuture<>();
        then(connection.call(kind, what, operation), (result, failure) -> {
            if (failure != null) {
                answer.completeExceptionally(failure);
            } else {
                acknowledged(sentAt, kind != Kind.READ);
                answer.complete(result);
            }
        });
        return answer;
    }

    /**
     * An acknowledged write proves that its server was in touch with the leader, and so has handed on the signs of life that it
     * got at least a tick before. When those were sent says nothing: what was sent apart can arrive together.
     */
    private void acknowledged(long sentAt, boolean write) {
        while (write
                && !acknowledged.isEmpty()
                && sentAt - TICK - acknowledged.peekFirst().acknowledgedAt() >= 0) {
            events().kept(acknowledged.removeFirst().sentAt());
        }
        acknowledged.addLast(new Touch(sentAt, link().nanoTime()));
    }

    /** A sign of life: a server had it at some time between the two. */
    private record Touch(long sentAt, long acknowledgedAt) {}

    // ---- contend ----

    @Override
    public CompletionStage<Entry> enter(Ticket ticket, boolean enqueue, Held releasing, CompletionStage<?> unwanted) {
        SimTicket mine = judged(ticket);
        SimTicket given = releasing == null ? null : judged(releasing.ticket());
        boolean[] released = new boolean[1];
        TickStore.Server server = connection.server();
        return call(Kind.CONTEND, "contend", () -> {
                    if (given != null) {
                        released[0] = store.delete(session, given, TickStore.Cause.RELEASE);
                    }
                    store.create(session, mine);
                    return store.look(server, session, mine);
                })
                .thenCompose(standing -> {
                    if (given != null) {
                        placed.remove(given.contenderId);
                    }
                    acknowledged(mine);
                    placed.put(mine.contenderId, mine);
                    return standing == Standing.FIRST || enqueue
                            ? CompletableFuture.completedFuture(entered(mine, standing, released[0]))
                            : refused(mine, released[0]);
                });
    }

    private static Entry entered(SimTicket mine, Standing standing, boolean released) {
        return Entry.at(standing == Standing.FIRST ? Seat.holding(mine.token) : Seat.waiting(mine.token, 0), released);
    }

    /** A try leaves nothing: it is answered once its node is gone. */
    private CompletionStage<Entry> refused(SimTicket mine, boolean released) {
        return delete(mine, TickStore.Cause.RELEASE).thenApply(was -> Entry.at(Seat.GONE, released));
    }

    // ---- looks ----

    @Override
    public CompletionStage<Seat> look(Ticket ticket) {
        SimTicket mine = judged(ticket);
        return standing(mine).thenApply(standing -> switch (standing) {
            case FIRST -> Seat.holding(mine.token);
            case IN_LINE -> Seat.waiting(mine.token, 0);
            case ABSENT -> {
                placed.remove(mine.contenderId);
                yield vanished(mine);
            }
        });
    }

    private CompletableFuture<Standing> standing(SimTicket mine) {
        TickStore.Server server = connection.server();
        return call(Kind.READ, "look", () -> store.look(server, session, mine));
    }

    /** What was told while there was no connection is lost, to those that wait and to those that hold. */
    private void lookAfterReconnection(SimTicket mine) {
        events().woken(of(mine));
        then(standing(mine), (standing, failure) -> {
            if (standing == Standing.ABSENT && placed.containsKey(mine.contenderId)) {
                deleted(mine);
            }
        });
    }

    @Override
    void forget(Ticket ticket) {
        placed.remove(ticket.contenderId());
    }

    // ---- undo, release, renew ----

    @Override
    public CompletionStage<Boolean> release(Held held) {
        return delete(judged(held.ticket()), TickStore.Cause.RELEASE);
    }

    @Override
    public CompletionStage<?> leave(Ticket ticket, long token) {
        return delete(judged(ticket), TickStore.Cause.RELEASE);
    }

    @Override
    public CompletionStage<?> undo(Ticket ticket) {
        return delete(judged(ticket), TickStore.Cause.UNDO);
    }

    private CompletableFuture<Boolean> delete(SimTicket mine, TickStore.Cause cause) {
        return call(Kind.WRITE, "delete", () -> store.delete(session, mine, cause))
                .thenApply(was -> {
                    placed.remove(mine.contenderId);
                    return was;
                });
    }

    @Override
    public CompletionStage<Map<Ticket, Seat>> renew(List<Ticket> tickets) {
        return call(Kind.RENEW, "renew", () -> true).thenApply(done -> Map.of());
    }

    // ---- the end ----

    @Override
    public CompletionStage<?> end() {
        closed = true; // from here on no new connection keeps it alive, whether the ensemble hears of the end or not
        CompletableFuture<Boolean> result = new CompletableFuture<>();
        then(call(Kind.WRITE, "close", () -> store.close(session)), (done, failure) -> {
            connection.breakOff();
            if (failure != null && !isLost()) {
                result.completeExceptionally(failure);
            } else {
                ended();
                result.complete(true);
            }
        });
        return result;
    }

    @Override
    public void detach() {
        closed = true;
        connection.breakOff();
    }
}
