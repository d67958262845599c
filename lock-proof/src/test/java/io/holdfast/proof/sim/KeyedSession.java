// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.LockUnavailableException;
import io.holdfast.proof.sim.KeyedStore.Heard;
import io.holdfast.proof.sim.KeyedStore.Reply;
import io.holdfast.proof.sim.KeyedStore.Status;
import io.holdfast.proof.sim.SimLink.Kind;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.line.Entry;
import io.holdfast.spi.line.LineEvents;
import io.holdfast.spi.line.Seat;
import io.holdfast.spi.line.Ticket;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A session on etcd or Consul: keys in slots, an epoch against late copies, renewals that prove. */
final class KeyedSession extends SimSession {
    private static final int SLOTS = 8;

    private final KeyedStore store;
    private final boolean checksTerm;
    private final Map<String, Integer> slotsInUse = new HashMap<>();
    private final Map<Ticket, Integer> slots = new HashMap<>();
    private final Queue<Entering> withoutSlot = new ArrayDeque<>();
    private final Set<Ticket> watched = new HashSet<>();
    private String id = "not opened";
    private long epoch;

    private KeyedSession(SimLine line, KeyedStore store, LineEvents events) {
        super(line, events);
        this.store = store;
        this.checksTerm = settings().personality() == Personality.ETCD;
    }

    static CompletionStage<KeyedSession> open(SimLine line, KeyedStore store, LineEvents events) {
        KeyedSession s = new KeyedSession(line, store, events);
        return s.link().call(Kind.OPEN, "open", () -> store.open(s, s.link())).handle((reply, failure) -> {
            if (failure != null) {
                throw new LockUnavailableException("no session", failure);
            }
            s.id = reply.id();
            s.epoch = reply.epoch();
            return s;
        });
    }

    @Override
    public String id() {
        return id;
    }

    // ---- contend ----

    private record Entering(Ticket ticket, boolean enqueue, Held releasing, CompletableFuture<Entry> answer) {}

    @Override
    public CompletionStage<Entry> enter(Ticket ticket, boolean enqueue, Held releasing, CompletionStage<?> unwanted) {
        Entering e = new Entering(ticket, enqueue, releasing, new CompletableFuture<>());
        begin(e);
        // Its session may have ended, and no undo give a slot back any more: what waits for one ends by what wants it.
        unwanted.whenComplete((nobody, none) -> {
            if (withoutSlot.remove(e)) {
                e.answer().completeExceptionally(new LockUnavailableException("not sent: it is wanted no more"));
            }
        });
        return e.answer();
    }

    private void begin(Entering e) {
        int used = slotsInUse.getOrDefault(e.ticket().name(), 0);
        int slot = Integer.numberOfTrailingZeros(~used);
        if (slot >= SLOTS) {
            withoutSlot.add(e); // an undo under way gives one back
            return;
        }
        slots.put(e.ticket(), slot);
        slotsInUse.put(e.ticket().name(), used | 1 << slot);
        send(e);
    }

    @Override
    void forget(Ticket ticket) {
        freeSlot(ticket);
    }

    private void freeSlot(Ticket ticket) {
        Integer slot = slots.remove(ticket);
        watched.remove(ticket);
        if (slot == null) {
            return;
        }
        int left = slotsInUse.getOrDefault(ticket.name(), 0) & ~(1 << slot);
        slotsInUse.put(ticket.name(), left);
        if (left == 0) {
            slotsInUse.remove(ticket.name());
        }
        withoutSlot.stream()
                .filter(next -> next.ticket().name().equals(ticket.name()))
                .findFirst()
                .ifPresent(next -> {
                    withoutSlot.remove(next);
                    begin(next);
                });
    }

    private void send(Entering e) {
        SimTicket mine = judged(e.ticket());
        SimTicket given = e.releasing() == null ? null : judged(e.releasing().ticket());
        LockRequest request = LockRequest.exclusive(mine.name, mine.contenderId, e.enqueue(), null);
        KeyedStore.Keys keys = new KeyedStore.Keys(slots.get(e.ticket()), epoch, given);
        then(link().call(Kind.CONTEND, "contend", () -> store.contend(id, request, mine, keys)), (reply, failure) -> {
            if (failure != null) {
                if (failure instanceof LockUnavailableException) {
                    freeSlot(e.ticket());
                }
                e.answer().completeExceptionally(failure);
            } else {
                answered(e, reply);
            }
        });
    }

    private void answered(Entering e, Reply reply) {
        epoch = Math.max(epoch, reply.epoch());
        switch (reply.status()) {
            case STALE_EPOCH -> send(e); // an undo of another contender came in between
            case NO_SESSION -> {
                freeSlot(e.ticket());
                e.answer().completeExceptionally(new LockUnavailableException("the session has ended"));
                sessionLost("the store does not know it");
            }
            default -> {
                if (e.releasing() != null) {
                    freeSlot(e.releasing().ticket());
                }
                acknowledged(judged(e.ticket()));
                e.answer().complete(Entry.at(seat(e.ticket(), reply.status()), reply.released()));
            }
        }
    }

    private Seat seat(Ticket ticket, Status status) {
        return switch (status) {
            case FIRST -> Seat.holding(judged(ticket).token);
            case IN_LINE -> Seat.waiting(judged(ticket).token, 0);
            default -> {
                freeSlot(ticket);
                yield status == Status.ABSENT ? vanished(judged(ticket)) : Seat.GONE;
            }
        };
    }

    // ---- wait ----

    /** Watches first and looks then: a predecessor that leaves in between is seen by the look. */
    @Override
    public void watch(Ticket ticket, Seat seen) {
        if (!watched.add(ticket)) {
            return; // each read of the line watches anew
        }
        then(link().call(Kind.READ, "watch", () -> store.watch(id, ticket.name(), seen.token())), (set, failure) -> {
            if (failure == null) {
                events().woken(ticket);
            } else {
                watched.remove(ticket);
            }
        });
    }

    @Override
    public CompletionStage<Seat> look(Ticket ticket) {
        long revision = judged(ticket).token;
        return link().call(Kind.READ, "look", () -> store.look(id, ticket.name(), revision))
                .thenApply(status -> seat(ticket, status));
    }

    // ---- undo and release ----

    @Override
    public CompletionStage<Boolean> release(Held held) {
        return delete(held.ticket(), held.token());
    }

    @Override
    public CompletionStage<?> leave(Ticket ticket, long token) {
        return delete(ticket, token);
    }

    private CompletableFuture<Boolean> delete(Ticket ticket, long revision) {
        SimTicket mine = judged(ticket);
        return link().call(Kind.WRITE, "delete", () -> store.delete(id, revision, mine))
                .thenApply(was -> {
                    freeSlot(ticket);
                    return was;
                });
    }

    @Override
    public CompletionStage<?> undo(Ticket ticket) {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        undo(ticket, done);
        return done;
    }

    private void undo(Ticket ticket, CompletableFuture<Boolean> done) {
        long known = epoch;
        int slot = slots.getOrDefault(ticket, -1);
        SimTicket mine = judged(ticket);
        then(link().call(Kind.WRITE, "undo", () -> store.undo(id, slot, known, mine)), (reply, failure) -> {
            if (failure != null) {
                done.completeExceptionally(failure);
                return;
            }
            epoch = Math.max(epoch, reply.epoch());
            if (reply.status() == Status.STALE_EPOCH) {
                undo(ticket, done);
            } else {
                freeSlot(ticket);
                done.complete(true);
            }
        });
    }

    // ---- renew ----

    @Override
    public CompletionStage<Map<Ticket, Seat>> renew(List<Ticket> tickets) {
        long sentAt = link().nanoTime();
        return link().call(Kind.RENEW, "renew", () -> store.renew(id, link())).thenCompose(heard -> {
            if (!heard.alive()) {
                sessionLost("the store does not know it");
                throw new LockUnavailableException("the session has ended");
            }
            if (!checksTerm) {
                events().kept(sentAt);
            }
            return secondLook(tickets, sentAt, heard.term());
        });
    }

    private CompletionStage<Map<Ticket, Seat>> secondLook(List<Ticket> tickets, long sentAt, long term) {
        List<SimTicket> asked = tickets.stream().map(this::judged).toList();
        return link().call(Kind.READ, "second look", () -> store.read(id, asked))
                .handle((heard, failure) -> {
                    if (failure != null || (checksTerm && heard.term() != term)) {
                        if (checksTerm) {
                            throw new LockUnavailableException("nothing is proven: no answer, or another leader");
                        }
                        return Map.of();
                    }
                    events().kept(sentAt);
                    return seats(tickets, heard);
                });
    }

    private Map<Ticket, Seat> seats(List<Ticket> tickets, Heard heard) {
        Map<Ticket, Seat> seats = new LinkedHashMap<>();
        for (int i = 0; i < tickets.size(); i++) {
            seats.put(tickets.get(i), seat(tickets.get(i), heard.statuses().get(i)));
        }
        return seats;
    }

    // ---- the end ----

    @Override
    public CompletionStage<?> end() {
        return link().call(Kind.WRITE, "close", () -> store.close(id)).thenApply(done -> {
            ended();
            return done;
        });
    }

    @Override
    public void detach() {}
}
