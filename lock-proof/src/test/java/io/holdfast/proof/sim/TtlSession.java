// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.LockUnavailableException;
import io.holdfast.proof.sim.SimLink.Kind;
import io.holdfast.proof.sim.TtlStore.Reply;
import io.holdfast.proof.sim.TtlStore.Status;
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

/** A session on Redis, as the design wants it: a lease per contender, tombstones, and a poll in case a message is lost. */
final class TtlSession extends SimSession {
    private static final long POLL = SimSettings.SECOND;

    private final TtlStore store;
    private boolean closed;

    private TtlSession(SimBackend backend, TtlStore store, SessionEvents events) {
        super(backend, events);
        this.store = store;
    }

    static CompletionStage<LockSession> open(SimBackend backend, TtlStore store, SessionEvents events) {
        TtlSession s = new TtlSession(backend, store, events);
        CompletableFuture<LockSession> opened = new CompletableFuture<>();
        s.then(s.link().call(Kind.OPEN, "ping", () -> true), (pong, failure) -> {
            if (failure != null) {
                opened.completeExceptionally(new LockUnavailableException("no answer to a ping", failure));
            } else {
                opened.complete(s);
            }
        });
        return opened;
    }

    @Override
    public String id() {
        return link().process();
    }

    // ---- contend ----

    @Override
    void begin(SimContender c) {
        Grant given = c.request().releasing();
        Ticket releasing = given == null ? null : ((SimContender) given.reference()).ticket();
        boolean enqueue = c.request().enqueue();
        c.proven = link().nanoTime();
        then(
                link().call(Kind.CONTEND, "contend", () -> store.contend(this, c.ticket(), enqueue, releasing)),
                (reply, failure) -> {
                    if (failure != null) {
                        boolean uncertain = !(failure instanceof LockUnavailableException);
                        if (!uncertain) {
                            forget(c);
                        }
                        c.fail(failure, uncertain);
                        return;
                    }
                    if (given != null) {
                        forget((SimContender) given.reference());
                        c.releasedIs(reply.released());
                    }
                    answered(c, reply);
                });
    }

    private void answered(SimContender c, Reply reply) {
        switch (reply.status()) {
            case HOLDING -> {
                c.answer(Answer.GRANTED);
                c.deliver(grantOf(c, reply.token(), c.proven));
            }
            case WAITING -> {
                c.answer(Answer.WAITING);
                if (c.early != 0) {
                    // The message that grants it came before the answer that says "in line".
                    c.deliver(grantOf(c, c.early, c.proven));
                }
                poll(c);
            }
            case BUSY -> {
                forget(c);
                c.answer(Answer.BUSY);
            }
            case GONE -> {
                forget(c);
                c.fail(new LockOutcomeUnknownException("its place has been given up"), false);
            }
        }
    }

    private static Grant grantOf(SimContender c, long token, long basis) {
        return new Grant(c.ticket().name, c.ticket().contenderId, token, basis, c);
    }

    /** A message says that a contender holds. Its lease runs from the last answer it got, not from the message. */
    void granted(Ticket ticket, long token) {
        SimContender c = contender(ticket.contenderId);
        if (c == null) {
            // Nobody knows it here: a late copy of a contend has been applied.
            link().call(Kind.WRITE, "release of a stray", () -> store.release(ticket.name, ticket));
        } else if (c.isWaiting()) {
            c.deliver(grantOf(c, token, c.proven));
        } else {
            c.early = token;
        }
    }

    @Override
    void wake(long contenderId) {
        throw new IllegalStateException("this store tells who holds, not who should look");
    }

    private void poll(SimContender c) {
        link().runtime()
                .scheduler()
                .schedule(
                        () -> {
                            if (!c.isWaiting() || closed) {
                                return;
                            }
                            long sentAt = link().nanoTime();
                            then(link().call(Kind.RENEW, "poll", () -> store.renew(c.ticket())), (reply, failure) -> {
                                if (failure == null && c.isWaiting()) {
                                    polled(c, reply, sentAt);
                                }
                            });
                            poll(c);
                        },
                        POLL);
    }

    private void polled(SimContender c, Reply reply, long sentAt) {
        if (reply.status() == Status.GONE) {
            vanished(c);
            return;
        }
        c.proven = sentAt - c.proven > 0 ? sentAt : c.proven;
        if (reply.status() == Status.HOLDING) {
            c.deliver(grantOf(c, reply.token(), c.proven));
        }
    }

    // ---- undo, release, renew ----

    @Override
    void remove(SimContender c) {
        boolean tombstone = c.uncertain;
        then(link().call(Kind.WRITE, "withdraw", () -> store.withdraw(c.ticket(), tombstone)), (was, failure) -> {
            if (failure != null) {
                c.removalFailed(failure);
            } else {
                forget(c);
                c.confirmGone();
            }
        });
    }

    @Override
    public CompletionStage<Boolean> release(Grant grant) {
        SimContender c = (SimContender) grant.reference();
        CompletableFuture<Boolean> released = new CompletableFuture<>();
        then(link().call(Kind.WRITE, "release", () -> store.release(c.ticket().name, c.ticket())), (was, failure) -> {
            if (failure != null) {
                released.completeExceptionally(failure);
            } else {
                forget(c);
                released.complete(was);
            }
        });
        return released;
    }

    @Override
    void renew(List<SimContender> asked, CompletableFuture<Renewal> result) {
        long sentAt = link().nanoTime();
        List<SimContender> placed = asked.stream()
                .filter(c -> c.ticket().acknowledgedAt >= 0 && !c.uncertain)
                .toList();
        then(link().call(Kind.RENEW, "renew", () -> renewAll(placed)), (replies, failure) -> {
            if (failure != null) {
                result.completeExceptionally(failure);
                return;
            }
            Map<Long, ContenderStatus> statuses = new HashMap<>();
            for (int i = 0; i < placed.size(); i++) {
                SimContender c = placed.get(i);
                if (!c.isWithdrawn() && !c.isGone()) {
                    statuses.put(c.request().contenderId(), status(c, replies.get(i), sentAt));
                }
            }
            result.complete(new Renewal(sentAt, statuses));
        });
    }

    private List<Reply> renewAll(List<SimContender> placed) {
        List<Reply> replies = new ArrayList<>();
        placed.forEach(c -> replies.add(store.renew(c.ticket())));
        return replies;
    }

    private ContenderStatus status(SimContender c, Reply reply, long sentAt) {
        if (reply.status() == Status.GONE) {
            vanished(c);
            return ContenderStatus.GONE;
        }
        c.proven = sentAt - c.proven > 0 ? sentAt : c.proven;
        return reply.status() == Status.HOLDING
                ? new ContenderStatus.Holding(c.take(grantOf(c, reply.token(), c.proven)))
                : ContenderStatus.WAITING;
    }

    @Override
    public CompletionStage<Void> close() {
        closed = true;
        end();
        return CompletableFuture.completedFuture(null);
    }

    @Override
    void abandon() {
        closed = true;
    }
}
