// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.Op;
import io.holdfast.LockException;
import io.holdfast.etcd.Requests.Transaction;
import io.holdfast.spi.line.Entry;
import io.holdfast.spi.line.Seat;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** How contenders of a session get into line: one transaction each, which counts once ({@link Lane}). */
final class Entrance {
    private final EtcdSession session;
    private final Gate gate = new Gate(EtcdSession.AT_ONCE);

    Entrance(EtcdSession session) {
        this.session = session;
    }

    /** @param releasing whose grant is given up in the same step; null for none */
    CompletableFuture<Entry> enter(EtcdContender contender, boolean enqueue, @Nullable EtcdContender releasing) {
        Entering entering = new Entering(contender, enqueue, releasing, new CompletableFuture<>());
        gate.enter(() -> send(entering));
        return entering.answer();
    }

    /** One on its way. */
    private record Entering(
            EtcdContender contender,
            boolean enqueue,
            @Nullable EtcdContender releasing,
            CompletableFuture<Entry> answer) {}

    private void send(Entering e) {
        if (session.hasLeft()) {
            gate.leave();
            e.answer().complete(session.refused(e.contender(), session.notSent("its session is closed")));
            return;
        }
        Lane lane = session.lanes().take();
        e.contender().sending(lane);
        sent(e, lane).whenComplete((reply, failure) -> {
            gate.leave();
            try {
                answered(e, reply, failure);
            } catch (RuntimeException odd) { // or those who wait for the answer would wait for ever (rule SP-3)
                LockException why = session.failures().unanswered("contend", "an answer that is none: " + odd);
                e.answer().complete(Entry.undecided(why));
            }
        });
    }

    private CompletableFuture<TxnResponse> sent(Entering e, Lane lane) {
        try {
            return session.send(request(e, lane));
        } catch (RuntimeException closed) { // a scheduler that was closed
            return CompletableFuture.failedFuture(session.failures().unanswered("contend", String.valueOf(closed)));
        }
    }

    private Transaction request(Entering e, Lane lane) {
        ContenderKey key = e.contender().key();
        List<Op> then = new ArrayList<>(4);
        if (e.releasing() != null) {
            then.add(release(e.releasing()));
        }
        then.add(session.put(key.bytes()));
        then.add(lane.use(e.contender().ticket().contenderId()));
        then.add(Requests.newest(key.lineBytes(), 0, 2));
        return new Transaction(
                "contend",
                // A key that is there would keep its old create revision, and its token with it.
                List.of(Requests.exists(session.key()), lane.isUnchanged(), Requests.createdAt(key.bytes(), 0)),
                then,
                List.of(Requests.look(session.key())));
    }

    private static Op release(EtcdContender holder) {
        ByteSequence key = holder.key().bytes();
        return Op.txn(
                new Cmp[] {Requests.createdAt(key, holder.created())}, new Op[] {Requests.delete(key)}, new Op[] {});
    }

    private void answered(Entering e, @Nullable TxnResponse reply, @Nullable Throwable failure) {
        if (failure != null || reply == null) {
            e.answer().complete(failed(e.contender(), session.gone(failure, "contend"), Effect.ofCopies(failure)));
        } else if (!reply.isSucceeded()) {
            e.answer().complete(notEntered(e.contender(), reply));
        } else {
            entered(e, reply);
        }
    }

    /** Its key was put, and these are the last two of the line. */
    private void entered(Entering e, TxnResponse reply) {
        boolean released = !reply.getTxnResponses().isEmpty()
                && reply.getTxnResponses().get(0).isSucceeded();
        long revision = reply.getHeader().getRevision();
        List<KeyValue> last = reply.getGetResponses().get(0).getKvs();
        EtcdContender contender = e.contender();
        contender.entered(revision);
        session.leaveLane(contender);
        if (e.releasing() != null) {
            session.forget(e.releasing());
        }
        if (last.size() == 1) {
            e.answer().complete(Entry.at(Seat.holding(revision), released));
        } else if (e.enqueue()) {
            contender.standsAt(new Place(LockKeys.text(last.get(1).getKey()), revision));
            e.answer().complete(Entry.at(Seat.waiting(revision, 0), released));
        } else {
            leave(e, revision, released);
        }
    }

    /** A try that came too late: nobody hears of it before its key is gone (rule WA-4). */
    private void leave(Entering e, long revision, boolean released) {
        session.exit().remove(e.contender(), revision).whenComplete((gone, failure) -> {
            if (failure == null) {
                session.forget(e.contender());
                e.answer().complete(Entry.at(Seat.GONE, released));
            } else { // its key is there, whatever became of the deletion
                e.answer().complete(Entry.undecided(session.failureOf(failure, "leave the line")));
            }
        });
    }

    private Entry failed(EtcdContender contender, LockException why, Effect effect) {
        if (effect == Effect.NONE) {
            return session.refused(contender, why);
        }
        if (effect == Effect.SETTLED) {
            contender.settle();
        }
        return Entry.undecided(why);
    }

    private Entry notEntered(EtcdContender contender, TxnResponse reply) {
        List<KeyValue> own = reply.getGetResponses().get(0).getKvs();
        if (own.isEmpty()) {
            return sessionIsGone(contender, "its key in etcd is gone");
        }
        if (own.get(0).getModRevision() < session.begun()) { // revisions only grow
            return sessionIsGone(contender, "etcd's data went back in time");
        }
        // A copy of this very request was carried out before it.
        return Entry.undecided(session.failures().unanswered("contend", "there is a key where it was to be put"));
    }

    private Entry sessionIsGone(EtcdContender contender, String why) {
        session.lost(why);
        return session.refused(contender, session.failures().sessionGone("contend"));
    }
}
