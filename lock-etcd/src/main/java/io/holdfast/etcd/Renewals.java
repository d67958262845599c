// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Op;
import io.holdfast.etcd.Requests.Transaction;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.line.Seat;
import io.holdfast.spi.line.Ticket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Renews a session's lease: a keep-alive, and a linearizable read sent after its reply.
 *
 * <p>A member that was the leader and does not know yet that it is no more may answer a keep-alive from its own memory
 * (etcd#15247). A linearizable read needs a majority; when its raft term is that of the keep-alive's reply, that reply came from
 * the leader of that term, and the lease was renewed (rule ME-2). The same read looks at the keys of the contenders, 60 at a time.
 */
final class Renewals {
    /** Two reads each, and one for the session: below the 128 operations that etcd takes in a transaction. */
    private static final int BATCH = 60;

    private final EtcdLine line;
    private final EtcdSession session;
    private final LockRuntime runtime;
    private final Requests requests;
    private final AtomicBoolean lookingAtOthers = new AtomicBoolean();

    Renewals(EtcdLine line, EtcdSession session, LockRuntime runtime) {
        this.line = line;
        this.session = session;
        this.runtime = runtime;
        this.requests = line.requests(timeout(session.lease()));
    }

    /** Its answer is of use for half a lease, however short other requests are to be (rule KE-1). */
    private Duration timeout(Duration lease) {
        Duration half = lease.dividedBy(2);
        Duration others = line.settings().operationTimeout();
        return half.compareTo(others) > 0 ? half : others;
    }

    /** One contender to be seen, with the place it has as the read is sent; null for one that holds. */
    private record Asked(EtcdContender contender, @Nullable Place place) {}

    CompletionStage<Map<Ticket, Seat>> renew(List<EtcdContender> contenders) {
        return renew(contenders, true);
    }

    private CompletionStage<Map<Ticket, Seat>> renew(List<EtcdContender> contenders, boolean mayRepeat) {
        // Just before it leaves: the lease is counted from here (rule ME-2).
        long sentAt = runtime.clock().nanoTime();
        return requests.keepAlive(session.leaseId(), runtime)
                .handle((reply, failure) -> {
                    if (failure != null) {
                        throw ended(failure);
                    }
                    return reply.getHeader().getRaftTerm();
                })
                .thenCompose(term -> confirm(contenders, term, sentAt, mayRepeat));
    }

    private RuntimeException ended(Throwable failure) {
        if (Failures.isLeaseGone(failure)) {
            session.lost("its lease has ended in etcd");
        }
        return session.failureOf(failure, "renew");
    }

    private CompletionStage<Map<Ticket, Seat>> confirm(
            List<EtcdContender> contenders, long term, long sentAt, boolean mayRepeat) {
        Map<Ticket, Seat> seats = new ConcurrentHashMap<>();
        return look(contenders.subList(0, Math.min(BATCH, contenders.size())), requests, seats)
                .thenCompose(reply -> {
                    if (reply.getGetResponses().get(0).getKvs().isEmpty()) {
                        session.lost("its key in etcd is gone");
                        throw line.failures().sessionGone("renew");
                    }
                    if (reply.getHeader().getRaftTerm() != term) {
                        return otherTerm(contenders, mayRepeat);
                    }
                    session.kept(sentAt);
                    // What has been proven does not wait for the looks at all the others (rule KE-1).
                    if (contenders.size() > BATCH && lookingAtOthers.compareAndSet(false, true)) {
                        lookAtOthers(contenders, BATCH);
                    }
                    return CompletableFuture.completedFuture(seats);
                });
    }

    /** One batch after the other, beside the renewal. One that fails says nothing of its contenders; the next round looks again. */
    private void lookAtOthers(List<EtcdContender> contenders, int from) {
        if (from >= contenders.size()) {
            lookingAtOthers.set(false);
            return;
        }
        int end = Math.min(from + BATCH, contenders.size());
        Map<Ticket, Seat> seats = new ConcurrentHashMap<>();
        List<EtcdContender> batch = contenders.subList(from, end);
        lookAt(batch, seats).whenComplete((reply, failure) -> {
            for (EtcdContender one : batch) {
                if (Seat.GONE.equals(seats.get(one.ticket()))) {
                    session.keyGone(one);
                }
            }
            lookAtOthers(contenders, end);
        });
    }

    private CompletableFuture<TxnResponse> lookAt(List<EtcdContender> batch, Map<Ticket, Seat> seats) {
        try {
            return look(batch, line.requests(), seats);
        } catch (RuntimeException | Error e) { // a scheduler that was closed; the next round looks
            return CompletableFuture.failedFuture(e);
        }
    }

    private CompletionStage<Map<Ticket, Seat>> otherTerm(List<EtcdContender> contenders, boolean mayRepeat) {
        return mayRepeat
                ? renew(contenders, false)
                : CompletableFuture.failedFuture(line.failures().unanswered("renew", "the leader changed meanwhile"));
    }

    private CompletableFuture<TxnResponse> look(List<EtcdContender> contenders, Requests by, Map<Ticket, Seat> seats) {
        List<Asked> asked = new ArrayList<>(contenders.size());
        List<Op> reads = new ArrayList<>();
        reads.add(Requests.look(session.key()));
        for (EtcdContender contender : contenders) {
            Asked one = new Asked(contender, contender.place());
            asked.add(one);
            reads.add(Requests.look(contender.key().bytes()));
            if (one.place() != null) {
                reads.add(Requests.look(LockKeys.bytes(one.place().before())));
            }
        }
        return session.send(new Transaction("look at the keys", List.of(), reads, List.of()), by)
                .thenApply(reply -> {
                    note(asked, reply.getGetResponses(), seats);
                    return reply;
                });
    }

    private void note(List<Asked> asked, List<GetResponse> reads, Map<Ticket, Seat> seats) {
        int next = 1;
        for (Asked one : asked) {
            EtcdContender contender = one.contender();
            GetResponse own = reads.get(next++);
            GetResponse before = one.place() == null ? null : reads.get(next++);
            if (!EtcdSession.isAt(contender, own)) {
                session.forget(contender);
                seats.put(contender.ticket(), Seat.GONE);
            } else if (before == null) {
                seats.put(contender.ticket(), Seat.holding(contender.created()));
            } else {
                if (before.getKvs().isEmpty()) {
                    contender.look();
                }
                seats.put(contender.ticket(), Seat.waiting(contender.created(), 0));
            }
        }
    }
}
