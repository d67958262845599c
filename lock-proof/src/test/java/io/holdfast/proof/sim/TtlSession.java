// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.LockUnavailableException;
import io.holdfast.proof.sim.SimLink.Kind;
import io.holdfast.proof.sim.TtlStore.Reply;
import io.holdfast.proof.sim.TtlStore.Status;
import io.holdfast.spi.LockScheduler.Scheduled;
import io.holdfast.spi.line.Entry;
import io.holdfast.spi.line.LineEvents;
import io.holdfast.spi.line.Seat;
import io.holdfast.spi.line.Ticket;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A session on Redis: a lease per contender, tombstones, messages that grant, and a look of its own in case one is lost. */
final class TtlSession extends SimSession {
    private static final long POLL = SimSettings.SECOND;

    private final TtlStore store;
    private final String id;
    private final Map<Ticket, Scheduled> looks = new HashMap<>();

    private TtlSession(SimLine line, TtlStore store, LineEvents events) {
        super(line, events);
        this.store = store;
        this.id = link().process() + "." + line.opened();
    }

    static CompletionStage<TtlSession> open(SimLine line, TtlStore store, LineEvents events) {
        return line.link().call(Kind.OPEN, "ping", () -> true).handle((pong, failure) -> {
            if (failure != null) {
                throw new LockUnavailableException("no answer to a ping", failure);
            }
            return new TtlSession(line, store, events);
        });
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public CompletionStage<Entry> enter(Ticket ticket, boolean enqueue, Held releasing, CompletionStage<?> unwanted) {
        SimTicket mine = judged(ticket);
        SimTicket given = releasing == null ? null : judged(releasing.ticket());
        return link().call(Kind.CONTEND, "contend", () -> store.contend(this, mine, enqueue, given))
                .thenApply(reply -> {
                    acknowledged(mine);
                    if (reply.status() == Status.GONE) {
                        throw new LockUnavailableException("its place has been given up");
                    }
                    return Entry.at(seat(reply), reply.released());
                });
    }

    private static Seat seat(Reply reply) {
        return switch (reply.status()) {
            case HOLDING -> Seat.holding(reply.token());
            case WAITING -> Seat.waiting(0, 0);
            case BUSY, GONE -> Seat.GONE;
        };
    }

    /** A message says that a contender holds. */
    void granted(SimTicket ticket, long token) {
        if (!events().granted(of(ticket), token)) {
            // Nobody knows it here: a late copy of a contend has been applied.
            link().call(Kind.WRITE, "release of a stray", () -> store.release(ticket.name, ticket));
        }
    }

    @Override
    public CompletionStage<Boolean> release(Held held) {
        SimTicket mine = judged(held.ticket());
        return link().call(Kind.WRITE, "release", () -> store.release(mine.name, mine));
    }

    @Override
    public CompletionStage<?> leave(Ticket ticket, long token) {
        return withdraw(judged(ticket), false);
    }

    @Override
    public CompletionStage<?> undo(Ticket ticket) {
        return withdraw(judged(ticket), true);
    }

    private CompletableFuture<Boolean> withdraw(SimTicket mine, boolean tombstone) {
        return link().call(Kind.WRITE, "withdraw", () -> store.withdraw(mine, tombstone));
    }

    @Override
    public CompletionStage<Map<Ticket, Seat>> renew(List<Ticket> tickets) {
        return link().call(Kind.RENEW, "renew", () -> tickets.stream()
                        .map(ticket -> store.renew(judged(ticket)))
                        .toList())
                .thenApply(replies -> {
                    Map<Ticket, Seat> seats = new LinkedHashMap<>();
                    for (int i = 0; i < tickets.size(); i++) {
                        Reply reply = replies.get(i);
                        seats.put(
                                tickets.get(i),
                                reply.status() == Status.GONE ? vanished(judged(tickets.get(i))) : seat(reply));
                    }
                    return seats;
                });
    }

    @Override
    public void watch(Ticket ticket, Seat seen) {
        stop(looks.put(ticket, link().runtime().scheduler().schedule(() -> events().woken(ticket), POLL)));
    }

    @Override
    public void unwatch(Ticket ticket) {
        stop(looks.remove(ticket));
    }

    private static void stop(Scheduled look) {
        if (look != null) {
            look.cancel();
        }
    }

    @Override
    public CompletionStage<?> end() {
        throw new IllegalStateException("Redis keeps no session");
    }

    @Override
    public void detach() {
        looks.values().forEach(Scheduled::cancel);
        looks.clear();
    }
}
