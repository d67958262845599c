// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.LockUnavailableException;
import io.holdfast.proof.sim.KeyedStore.Heard;
import io.holdfast.proof.sim.KeyedStore.Reply;
import io.holdfast.proof.sim.KeyedStore.Status;
import io.holdfast.proof.sim.SimLink.Kind;
import io.holdfast.spi.Contender.Answer;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionEvents;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A session on etcd or Consul, as the design wants it: keys in slots, an epoch against late copies, renewals that prove. */
final class KeyedSession extends SimSession {
    private static final int SLOTS = 8;

    private final KeyedStore store;
    private final boolean checksTerm;
    private final Map<String, Integer> slotsInUse = new HashMap<>();
    private final List<SimContender> withoutSlot = new ArrayList<>();
    private String id = "not opened";
    private long epoch;

    private KeyedSession(SimBackend backend, KeyedStore store, SessionEvents events) {
        super(backend, events);
        this.store = store;
        this.checksTerm = settings().personality() == Personality.ETCD;
    }

    static CompletionStage<LockSession> open(SimBackend backend, KeyedStore store, SessionEvents events) {
        KeyedSession s = new KeyedSession(backend, store, events);
        CompletableFuture<LockSession> opened = new CompletableFuture<>();
        s.then(s.link().call(Kind.OPEN, "open", () -> store.open(s, s.link())), (reply, failure) -> {
            if (failure != null) {
                opened.completeExceptionally(new LockUnavailableException("no session", failure));
            } else {
                s.id = reply.id();
                s.epoch = reply.epoch();
                opened.complete(s);
            }
        });
        return opened;
    }

    @Override
    public String id() {
        return id;
    }

    // ---- contend ----

    @Override
    void begin(SimContender c) {
        int used = slotsInUse.getOrDefault(c.ticket().name, 0);
        int slot = Integer.numberOfTrailingZeros(~used);
        if (slot >= SLOTS) {
            withoutSlot.add(c); // an undo under way gives one back
            return;
        }
        c.slot = slot;
        slotsInUse.put(c.ticket().name, used | 1 << slot);
        send(c);
    }

    private void freeSlot(SimContender c) {
        forget(c);
        if (c.slot < 0) {
            return;
        }
        String name = c.ticket().name;
        int left = slotsInUse.getOrDefault(name, 0) & ~(1 << c.slot);
        c.slot = -1;
        slotsInUse.put(name, left);
        if (left == 0) {
            slotsInUse.remove(name);
        }
        for (SimContender next : List.copyOf(withoutSlot)) {
            if (next.ticket().name.equals(name)) {
                withoutSlot.remove(next);
                begin(next);
                return;
            }
        }
    }

    @Override
    void cancelUnsent(SimContender c) {
        if (withoutSlot.remove(c)) {
            forget(c);
            c.fail(new LockUnavailableException("withdrawn before it was sent"), false);
        }
    }

    private void send(SimContender c) {
        Grant given = c.request().releasing();
        Ticket releasing = given == null ? null : ((SimContender) given.reference()).ticket();
        KeyedStore.Keys keys = new KeyedStore.Keys(c.slot, epoch, releasing);
        then(
                link().call(Kind.CONTEND, "contend", () -> store.contend(id, c.request(), c.ticket(), keys)),
                (reply, failure) -> {
                    if (failure != null) {
                        boolean uncertain = !(failure instanceof LockUnavailableException);
                        if (!uncertain) {
                            freeSlot(c);
                        }
                        c.fail(failure, uncertain);
                    } else {
                        answered(c, reply);
                    }
                });
    }

    private void answered(SimContender c, Reply reply) {
        epoch = Math.max(epoch, reply.epoch());
        Grant given = c.request().releasing();
        switch (reply.status()) {
            case STALE_EPOCH -> {
                if (c.isWithdrawn()) {
                    // No copy can take effect any more, but one may have done so before the key was changed: undone.
                    c.fail(new LockOutcomeUnknownException("withdrawn"), true);
                } else {
                    send(c);
                }
                return;
            }
            case NO_SESSION -> {
                freeSlot(c);
                c.fail(new LockUnavailableException("the session has ended"), false);
                sessionLost("the store does not know it");
                return;
            }
            default -> {}
        }
        if (given != null) {
            freeSlot((SimContender) given.reference());
            c.releasedIs(reply.released());
        }
        if (reply.status() == Status.BUSY) {
            freeSlot(c);
            c.answer(Answer.BUSY);
        } else if (reply.status() == Status.FIRST) {
            c.answer(Answer.GRANTED);
            c.deliver(grantOf(c));
        } else {
            c.answer(Answer.WAITING);
            watch(c);
        }
    }

    private Grant grantOf(SimContender c) {
        return new Grant(c.ticket().name, c.ticket().contenderId, c.ticket().token, basis(), c);
    }

    // ---- wait ----

    /** Watches first and looks then: a predecessor that leaves in between is seen by the look. */
    private void watch(SimContender c) {
        then(
                link().call(Kind.READ, "watch", () -> store.watch(id, c.ticket().name, c.ticket().token)),
                (watched, failure) -> {
                    if (failure == null) {
                        look(c);
                    }
                });
    }

    @Override
    void wake(long contenderId) {
        SimContender c = contender(contenderId);
        if (c != null) {
            look(c);
        }
    }

    private void look(SimContender c) {
        if (c.isWaiting()) {
            then(
                    link().call(Kind.READ, "look", () -> store.look(id, c.ticket().name, c.ticket().token)),
                    (status, failure) -> {
                        if (failure == null && c.isWaiting()) {
                            seen(c, status);
                        }
                    });
        }
    }

    private void seen(SimContender c, Status status) {
        if (status == Status.FIRST) {
            c.deliver(grantOf(c));
        } else if (status == Status.ABSENT) {
            vanished(c);
        }
    }

    @Override
    void vanished(SimContender c) {
        freeSlot(c);
        c.vanish();
    }

    // ---- undo and release ----

    @Override
    void remove(SimContender c) {
        if (c.uncertain) {
            undo(c);
            return;
        }
        Ticket t = c.ticket();
        then(
                link().call(Kind.WRITE, "delete", () -> store.delete(id, t.token, t)),
                (done, failure) -> removed(c, failure));
    }

    private void undo(SimContender c) {
        long known = epoch;
        int slot = c.slot;
        then(link().call(Kind.WRITE, "undo", () -> store.undo(id, slot, known, c.ticket())), (reply, failure) -> {
            if (failure == null) {
                epoch = Math.max(epoch, reply.epoch());
                if (reply.status() == Status.STALE_EPOCH) {
                    undo(c);
                    return;
                }
            }
            removed(c, failure);
        });
    }

    private void removed(SimContender c, RuntimeException failure) {
        if (failure != null) {
            c.removalFailed(failure);
        } else {
            freeSlot(c);
            c.confirmGone();
        }
    }

    @Override
    public CompletionStage<Boolean> release(Grant grant) {
        SimContender c = (SimContender) grant.reference();
        Ticket t = c.ticket();
        CompletableFuture<Boolean> released = new CompletableFuture<>();
        then(link().call(Kind.WRITE, "release", () -> store.delete(id, t.token, t)), (was, failure) -> {
            if (failure != null) {
                released.completeExceptionally(failure);
            } else {
                freeSlot(c);
                released.complete(was);
            }
        });
        return released;
    }

    // ---- renew ----

    @Override
    void renew(List<SimContender> asked, CompletableFuture<Renewal> result) {
        long sentAt = link().nanoTime();
        then(link().call(Kind.RENEW, "renew", () -> store.renew(id, link())), (heard, failure) -> {
            if (failure != null) {
                result.completeExceptionally(failure);
            } else if (!heard.alive()) {
                sessionLost("the store does not know it");
                result.completeExceptionally(new LockUnavailableException("the session has ended"));
            } else {
                if (!checksTerm) {
                    proven(sentAt);
                }
                secondLook(asked, sentAt, heard.term(), result);
            }
        });
    }

    private void secondLook(List<SimContender> asked, long sentAt, long term, CompletableFuture<Renewal> result) {
        List<SimContender> placed = asked.stream()
                .filter(c -> c.ticket().acknowledgedAt >= 0 && !c.uncertain)
                .toList();
        List<Ticket> tickets = placed.stream().map(SimContender::ticket).toList();
        then(link().call(Kind.READ, "second look", () -> store.read(id, tickets)), (heard, failure) -> {
            if (failure != null || (checksTerm && heard.term() != term)) {
                if (checksTerm) {
                    result.completeExceptionally(
                            failure != null
                                    ? failure
                                    : new LockUnavailableException("the leader has changed: nothing is proven"));
                } else {
                    result.complete(new Renewal(sentAt, Map.of()));
                }
                return;
            }
            proven(sentAt);
            result.complete(new Renewal(sentAt, statuses(placed, heard)));
        });
    }

    private Map<Long, ContenderStatus> statuses(List<SimContender> placed, Heard heard) {
        Map<Long, ContenderStatus> statuses = new HashMap<>();
        for (int i = 0; i < placed.size(); i++) {
            SimContender c = placed.get(i);
            ContenderStatus status = ContenderStatus.UNKNOWN;
            if (!c.isWithdrawn() && !c.isGone()) {
                status = switch (heard.statuses().get(i)) {
                    case FIRST -> new ContenderStatus.Holding(c.take(grantOf(c)));
                    case IN_LINE -> ContenderStatus.WAITING;
                    default -> ContenderStatus.GONE;
                };
                if (status == ContenderStatus.GONE) {
                    vanished(c);
                }
            }
            statuses.put(c.request().contenderId(), status);
        }
        return statuses;
    }

    @Override
    public CompletionStage<Void> close() {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        then(link().call(Kind.WRITE, "close", () -> store.close(id)), (done, failure) -> {
            if (failure != null) {
                closed.completeExceptionally(failure);
            } else {
                end();
                closed.complete(null);
            }
        });
        return closed;
    }
}
