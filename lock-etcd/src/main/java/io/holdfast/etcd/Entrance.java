// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.Op;
import io.holdfast.LockException;
import io.holdfast.etcd.Requests.Transaction;
import io.holdfast.spi.Grant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How contenders of a session get into line: one transaction each, which counts only while nothing was undone since. */
final class Entrance {
    private final EtcdSession session;
    private final SessionKey sessionKey;

    Entrance(EtcdSession session, SessionKey sessionKey) {
        this.session = session;
        this.sessionKey = sessionKey;
    }

    void enter(EtcdContender contender) {
        long known = sessionKey.revision();
        contender.standing().sending(known);
        session.send(request(contender, known)).whenComplete((reply, failure) -> {
            try {
                answered(contender, known, reply, failure);
            } catch (RuntimeException e) { // or those who wait for the answer would wait for ever (rule SP-3)
                contender.failed(session.failures().unanswered("contend", "an answer that is none: " + e));
            }
        });
    }

    private Transaction request(EtcdContender contender, long known) {
        ContenderKey key = contender.key();
        Grant givenUp = contender.request().releasing();
        List<Op> then = new ArrayList<>(3);
        if (givenUp != null) {
            then.add(release(givenUp));
        }
        then.add(session.put(key.bytes()));
        then.add(Requests.newest(key.lineBytes(), 0, 2));
        return new Transaction(
                "contend",
                // A key that is there would keep its old create revision, and its token with it.
                List.of(sessionKey.isAt(known), Requests.createdAt(key.bytes(), 0)),
                then,
                List.of(Requests.look(sessionKey.bytes()), Requests.look(key.bytes())));
    }

    private static Op release(Grant grant) {
        ByteSequence key = EtcdSession.contenderOf(grant).key().bytes();
        return Op.txn(
                new Cmp[] {Requests.createdAt(key, grant.storeToken())}, new Op[] {Requests.delete(key)}, new Op[] {});
    }

    private void answered(
            EtcdContender contender, long known, @Nullable TxnResponse reply, @Nullable Throwable failure) {
        if (failure != null || reply == null) {
            contender.failed(session.gone(failure, "contend"));
        } else if (!reply.isSucceeded()) {
            refused(contender, known, reply);
        } else {
            Grant givenUp = contender.request().releasing();
            if (givenUp != null) {
                EtcdSession.contenderOf(givenUp).over();
            }
            contender.entered(reply);
        }
    }

    /** Another name's undo came in between: sent again at once. */
    private void refused(EtcdContender contender, long known, TxnResponse reply) {
        long now = SessionKey.revisionOf(reply.getGetResponses().get(0));
        if (now == 0) {
            refuse(contender, "its key in etcd is gone");
        } else if (now < known) { // revisions only grow: with this key every contend would be refused for good
            refuse(contender, "etcd's data went back in time");
        } else if (now == known) {
            contender.failed(session.failures().unanswered("contend", "there is a key where it was to be put"));
        } else {
            sessionKey.advance(now);
            enter(contender);
        }
    }

    private void refuse(EtcdContender contender, String why) {
        session.lost(why);
        LockException gone = session.failures().sessionGone("contend");
        contender.failed(gone);
    }
}
