// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.Op;
import io.holdfast.etcd.Requests.Transaction;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Undoes contends of unknown outcome: whenever etcd may still get one, it does nothing any more (rule UO-2).
 *
 * <p>It writes the contend's lane, unless a later one has, and looks whether the contend had put its key. That is deleted as what it was
 * created: where there was no space for the write, the lane goes on to name the contend after its key was deleted, and a late copy of an
 * undo that deleted by itself would hit whoever has the slot then. A database without space refuses whatever may write. Then the lane is
 * read, and a key that was put is deleted; where none was put, only a write keeps a copy from putting it once there is space again, so
 * that the undo is not done before.
 */
final class Undo {
    private static final String WHAT = "undo";

    private final EtcdSession session;

    Undo(EtcdSession session) {
        this.session = session;
    }

    /** Undoes a contend that has its lane still. @return whether its key was there */
    CompletionStage<Boolean> undo(EtcdContender contender) {
        Lane lane = contender.lane();
        return session.send(request(contender, lane))
                .handle((reply, failure) -> {
                    if (Failures.isLeaseGone(failure)) {
                        session.lost("its lease has ended in etcd"); // and with it whatever the contend did or will do
                        return CompletableFuture.completedFuture(true);
                    }
                    if (Effect.of(failure) == Effect.SETTLED) {
                        return byDeletion(contender, lane);
                    }
                    if (failure != null) {
                        return CompletableFuture.<Boolean>failedFuture(failure);
                    }
                    return written(contender, lane, reply);
                })
                .thenCompose(done -> done);
    }

    private static Transaction request(EtcdContender contender, Lane lane) {
        long id = contender.ticket().contenderId();
        Op write = lane.undo(id);
        Op own = Requests.look(contender.key().bytes());
        Op ifItWasCarriedOut = Op.txn(new Cmp[] {lane.isOf(id)}, new Op[] {write, own}, new Op[] {lane.look(), own});
        return new Transaction(WHAT, List.of(lane.isUnchanged()), List.of(write), List.of(ifItWasCarriedOut));
    }

    private CompletableFuture<Boolean> written(EtcdContender contender, Lane lane, TxnResponse reply) {
        long revision = reply.getHeader().getRevision();
        if (reply.isSucceeded()) {
            lane.advance(revision);
            return CompletableFuture.completedFuture(false);
        }
        TxnResponse inner = reply.getTxnResponses().get(0);
        List<GetResponse> read = inner.getGetResponses();
        // When it was not written now, this undo was carried out before, and its answer did not come.
        long written = inner.isSucceeded() ? revision : Lane.revisionIn(read.get(0));
        return removed(contender, lane, written, read.get(read.size() - 1));
    }

    /** With nothing that etcd refuses without space. */
    private CompletableFuture<Boolean> byDeletion(EtcdContender contender, Lane lane) {
        Op own = Requests.look(contender.key().bytes());
        return session.send(new Transaction(WHAT, List.of(), List.of(lane.look(), own), List.of()))
                .thenCompose(reply -> {
                    List<GetResponse> read = reply.getGetResponses();
                    long written = Lane.revisionIn(read.get(0));
                    if (written == lane.revision() && !contender.isSettled()) {
                        throw session.failures()
                                .unanswered(WHAT, "etcd has no space for it; compact, defragment and disarm the alarm");
                    }
                    return removed(contender, lane, written, read.get(1));
                });
    }

    /** Deletes what the contend has put, by its revision: a late copy of a deletion without one could hit a later contender. */
    private CompletableFuture<Boolean> removed(EtcdContender contender, Lane lane, long written, GetResponse own) {
        if (written < lane.revision()) { // revisions only grow: by this lane every contend would be refused for good
            session.lost("a key of the session was deleted, or etcd's data went back in time");
            throw session.failures().unanswered(WHAT, "the lane of the contend is not what it was");
        }
        List<KeyValue> found = own.getKvs();
        CompletableFuture<Boolean> removed = found.isEmpty()
                ? CompletableFuture.completedFuture(false)
                : session.exit().remove(contender, found.get(0).getCreateRevision());
        return removed.thenApply(was -> {
            // Not before: asked for again, it would look as if nothing had been carried out.
            lane.advance(written);
            return was;
        });
    }
}
