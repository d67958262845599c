// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.holdfast.LockException;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.StagedContender;
import io.holdfast.spi.Withdrawal;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** One place in a line of etcd: a key under the session's lease, first in line when no key of the line was created before it. */
final class EtcdContender extends StagedContender {
    private final EtcdSession session;
    private final ContenderKey key;
    private final Standing standing = new Standing();
    private final Looks looks;
    private final Withdrawal removal = new Withdrawal(this::remove);

    EtcdContender(EtcdSession session, LockRequest request, ContenderKey key) {
        super(request);
        this.session = session;
        this.key = key;
        this.looks = new Looks(this, session);
    }

    // ---- what etcd says

    /** Its request was carried out: its key was put, and these are the last two of the line. */
    void entered(TxnResponse reply) {
        if (!reply.getTxnResponses().isEmpty()) {
            released.complete(reply.getTxnResponses().get(0).isSucceeded());
        }
        long revision = reply.getHeader().getRevision();
        List<KeyValue> last = reply.getGetResponses().get(0).getKvs();
        standing.entered(revision);
        leaveLane();
        if (last.size() == 1) {
            first();
            answered.complete(Answer.GRANTED);
        } else if (request().enqueue()) {
            waiting(new Place(LockKeys.text(last.get(1).getKey()), revision));
            answered.complete(Answer.WAITING);
        } else {
            leave();
        }
    }

    /** A try that came too late: nobody hears of it before its key is gone (rule WA-4). */
    private void leave() {
        session.exit().remove(this, standing.created()).whenComplete((gone, failure) -> {
            if (failure == null) {
                over();
                answered.complete(Answer.BUSY);
            } else {
                failed(session.failureOf(failure, "leave the line"), Effect.of(failure));
            }
        });
    }

    /**
     * Its request failed.
     *
     * @param why for people
     * @param effect what it has done
     */
    void failed(LockException why, Effect effect) {
        if (standing.failed(effect)) {
            over();
        }
        answered.completeExceptionally(why);
        released.completeExceptionally(why);
        granted.complete(null);
    }

    /** It stands behind another one. */
    void waiting(Place at) {
        if (!standing.waits(at)) {
            return;
        }
        if (standing.hasLeftSession()) {
            granted.complete(null); // nobody will look any more
            return;
        }
        session.wakeUps().await(this, at);
        if (!isWaiting()) { // withdrawn, granted or left meanwhile, and taken out before it was put in
            session.wakeUps().forget(this);
        }
    }

    /** Nobody stands before it: it holds. */
    void first() {
        Grant grant = new Grant(request().name(), request().contenderId(), standing.created(), session.basis(), this);
        boolean wanted = standing.holds(grant);
        session.wakeUps().forget(this);
        if (wanted) {
            granted.complete(grant);
        }
    }

    /** It is not in the store any more. */
    void over() {
        if (standing.ends()) {
            leaveLane();
            session.forget(this);
            granted.complete(null);
        }
    }

    /** Its session ends here: what waits gets nothing any more. What was sent still has its answer. */
    void leaveSession() {
        boolean settled = standing.leaveSession();
        session.wakeUps().forget(this);
        if (settled) {
            granted.complete(null);
        }
    }

    /** What its request has done to its lane is known. */
    private void leaveLane() {
        Lane left = standing.leaveLane();
        if (left != null) {
            session.lanes().giveBack(left);
        }
    }

    // ---- looks

    /** Something happened before it in line, or may have: reads the line, and goes by nothing else. */
    void look() {
        looks.look();
    }

    /** Whether a read has found its very own key. */
    boolean isAt(GetResponse own) {
        return !own.getKvs().isEmpty() && own.getKvs().get(0).getCreateRevision() == standing.created();
    }

    /**
     * What a renewal's read says.
     *
     * @param own its own key
     * @param before the key before it, for one that waits
     * @return null when nothing was learned
     */
    @Nullable
    ContenderStatus seen(GetResponse own, @Nullable GetResponse before) {
        if (!isAt(own)) {
            over();
            return ContenderStatus.GONE;
        }
        Grant held = standing.grant();
        if (held != null) {
            return new ContenderStatus.Holding(held);
        }
        if (before != null && before.getKvs().isEmpty()) {
            look();
        }
        if (!isWaiting()) {
            return null;
        }
        session.wakeUps().renewed(this);
        return ContenderStatus.WAITING;
    }

    // ---- what the engine asks

    ContenderKey key() {
        return key;
    }

    boolean isOf(EtcdSession asking) {
        return session == asking;
    }

    Standing standing() {
        return standing;
    }

    boolean isWaiting() {
        return standing.isWaiting();
    }

    /** Marks before the answer, so that it never overtakes its own request; removes after it. */
    @Override
    public CompletionStage<@Nullable Void> withdraw() {
        if (standing.giveUp()) {
            failed(session.notSent("it was withdrawn before"), Effect.NONE);
        }
        session.wakeUps().forget(this);
        granted.complete(null);
        return removal.run();
    }

    private CompletionStage<?> remove() {
        return answered.handle((answer, failure) -> standing.isOver())
                .thenCompose(gone -> gone ? CompletableFuture.completedFuture(true) : removeKey())
                .thenRun(this::over);
    }

    private CompletionStage<Boolean> removeKey() {
        long revision = standing.created();
        if (revision != 0) {
            return session.exit().remove(this, revision);
        }
        return session.undo().undo(this);
    }

    @Override
    public String toString() {
        return request() + " as " + key.text();
    }
}
