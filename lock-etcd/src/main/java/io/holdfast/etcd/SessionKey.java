// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.holdfast.etcd.Requests.Transaction;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The key of a session, whose revision makes an undo final (rule UO-2): every contend counts only while the key has the revision it
 * had when the contend was sent, and an undo changes it. Thread-safe.
 */
final class SessionKey {
    private final EtcdSession session;
    private final ByteSequence key;

    /** As far as is known. It only grows. */
    private final AtomicLong revision;

    SessionKey(EtcdSession session, ByteSequence key, long revision) {
        this.session = session;
        this.key = key;
        this.revision = new AtomicLong(revision);
    }

    ByteSequence bytes() {
        return key;
    }

    long revision() {
        return revision.get();
    }

    void advance(long seen) {
        revision.accumulateAndGet(seen, Math::max);
    }

    Cmp isAt(long known) {
        return Requests.changedAt(key, known);
    }

    /** The revision of a key that was read; 0 when it is not there. */
    static long revisionOf(GetResponse read) {
        List<KeyValue> found = read.getKvs();
        return found.isEmpty() ? 0 : found.get(0).getModRevision();
    }

    /** Undoes a contend of unknown outcome: whenever etcd may still get it, it does nothing any more. */
    CompletionStage<Boolean> undo(EtcdContender contender) {
        ByteSequence contenders = contender.key().bytes();
        return session.send(new Transaction(
                        "undo",
                        List.of(isAt(revision())),
                        List.of(session.put(key), Requests.delete(contenders)),
                        List.of(Requests.look(key), Requests.look(contenders))))
                .handle((reply, failure) -> {
                    if (Failures.isLeaseGone(failure)) {
                        session.lost("its lease has ended in etcd"); // and with it whatever the contend did or will do
                        return CompletableFuture.completedFuture(true);
                    }
                    if (failure != null) {
                        return CompletableFuture.<Boolean>failedFuture(failure);
                    }
                    if (reply.isSucceeded()) {
                        advance(reply.getHeader().getRevision());
                        return CompletableFuture.completedFuture(true);
                    }
                    return overtaken(contender, reply);
                })
                .thenCompose(done -> done);
    }

    /** Another undo has changed the key: then this contend, too, either was carried out or never will be. */
    private CompletableFuture<Boolean> overtaken(EtcdContender contender, TxnResponse reply) {
        long now = revisionOf(reply.getGetResponses().get(0));
        GetResponse own = reply.getGetResponses().get(1);
        if (now == 0) {
            session.lost("its key in etcd is gone");
        }
        advance(now);
        if (now == contender.standing().comparedWith()) {
            return CompletableFuture.failedFuture(
                    session.failures().unanswered("undo", "the session's key has changed meanwhile"));
        }
        return own.getKvs().isEmpty()
                ? CompletableFuture.completedFuture(false)
                : session.remove(contender, own.getKvs().get(0).getCreateRevision());
    }
}
