// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.Op;
import io.holdfast.LockException;
import io.holdfast.etcd.Requests.Transaction;
import io.holdfast.spi.Grant;
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

    void enter(EtcdContender contender) {
        gate.enter(() -> send(contender));
    }

    private void send(EtcdContender contender) {
        if (session.hasLeft()) {
            gate.leave();
            contender.failed(session.notSent("its session is closed"), Effect.NONE);
            return;
        }
        Lane lane = session.lanes().take();
        if (!contender.standing().sending(lane)) {
            session.lanes().giveBack(lane);
            gate.leave();
            return;
        }
        sent(contender, lane).whenComplete((reply, failure) -> {
            gate.leave();
            try {
                answered(contender, reply, failure);
            } catch (RuntimeException e) { // or those who wait for the answer would wait for ever (rule SP-3)
                contender.failed(session.failures().unanswered("contend", "an answer that is none: " + e), Effect.OPEN);
            }
        });
    }

    private CompletableFuture<TxnResponse> sent(EtcdContender contender, Lane lane) {
        try {
            return session.send(request(contender, lane));
        } catch (RuntimeException e) { // a scheduler that was closed
            return CompletableFuture.failedFuture(session.failures().unanswered("contend", String.valueOf(e)));
        }
    }

    private Transaction request(EtcdContender contender, Lane lane) {
        ContenderKey key = contender.key();
        Grant givenUp = contender.request().releasing();
        List<Op> then = new ArrayList<>(4);
        if (givenUp != null) {
            then.add(release(givenUp));
        }
        then.add(session.put(key.bytes()));
        then.add(lane.use(contender.request().contenderId()));
        then.add(Requests.newest(key.lineBytes(), 0, 2));
        return new Transaction(
                "contend",
                // A key that is there would keep its old create revision, and its token with it.
                List.of(Requests.exists(session.key()), lane.isUnchanged(), Requests.createdAt(key.bytes(), 0)),
                then,
                List.of(Requests.look(session.key())));
    }

    private static Op release(Grant grant) {
        ByteSequence key = EtcdSession.contenderOf(grant).key().bytes();
        return Op.txn(
                new Cmp[] {Requests.createdAt(key, grant.storeToken())}, new Op[] {Requests.delete(key)}, new Op[] {});
    }

    private void answered(EtcdContender contender, @Nullable TxnResponse reply, @Nullable Throwable failure) {
        if (failure != null || reply == null) {
            contender.failed(session.gone(failure, "contend"), Effect.ofContend(failure));
        } else if (!reply.isSucceeded()) {
            refused(contender, reply);
        } else {
            Grant givenUp = contender.request().releasing();
            if (givenUp != null) {
                EtcdSession.contenderOf(givenUp).over();
            }
            contender.entered(reply);
        }
    }

    private void refused(EtcdContender contender, TxnResponse reply) {
        List<KeyValue> own = reply.getGetResponses().get(0).getKvs();
        if (own.isEmpty()) {
            refuse(contender, "its key in etcd is gone");
        } else if (own.get(0).getModRevision() < session.begun()) { // revisions only grow
            refuse(contender, "etcd's data went back in time");
        } else { // a copy of this very request was carried out before it
            contender.failed(
                    session.failures().unanswered("contend", "there is a key where it was to be put"), Effect.OPEN);
        }
    }

    private void refuse(EtcdContender contender, String why) {
        session.lost(why);
        LockException gone = session.failures().sessionGone("contend");
        contender.failed(gone, Effect.NONE);
    }
}
