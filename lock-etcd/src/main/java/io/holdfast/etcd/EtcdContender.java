// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.holdfast.LockDeniedException;
import io.holdfast.LockException;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.Contender;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One place in a line of etcd: a key under the session's lease, first in line when no key of the line was created before it.
 *
 * <p>Its stages complete outside its lock.
 */
final class EtcdContender implements Contender {
    final String line;
    final int slot;
    final String keyText;
    final ByteSequence key;
    final ByteSequence lineBytes;

    private final EtcdSession session;
    private final LockRequest request;
    private final CompletableFuture<Answer> answered = new CompletableFuture<>();
    private final CompletableFuture<Boolean> released = new CompletableFuture<>();
    private final CompletableFuture<@Nullable Grant> granted = new CompletableFuture<>();

    /** One look at a time; who comes meanwhile makes it go round once more. */
    private final AtomicBoolean looking = new AtomicBoolean();

    private final AtomicBoolean lookAgain = new AtomicBoolean();

    // Guarded by this.
    private Stage stage = Stage.ASKED;
    private boolean givenUp;
    private long created;
    private long comparedWith;
    private @Nullable Place place;
    private @Nullable Grant grant;

    /**
     * Where a waiting contender stands.
     *
     * @param before the key just before its own
     * @param revision of the store when that was so
     */
    record Place(String before, long revision) {}

    private enum Stage {
        /** Its request is on the way. */
        ASKED,
        WAITING,
        HOLDING,
        /** Its request may have been carried out, or may still be. */
        UNKNOWN,
        /** It is not in the store, and no request of it is on the way. */
        OVER
    }

    EtcdContender(EtcdSession session, LockRequest request, String line, int slot) {
        this.session = session;
        this.request = request;
        this.line = line;
        this.lineBytes = LockKeys.bytes(line);
        this.slot = slot;
        this.keyText = LockKeys.contender(line, session.leaseId(), slot);
        this.key = LockKeys.bytes(keyText);
        if (request.releasing() == null) {
            released.complete(true);
        }
    }

    // ---- what etcd says

    /** Its request is about to be sent, and counts only while the session's key has this revision. */
    synchronized void sending(long sessionRevision) {
        comparedWith = sessionRevision;
    }

    /** Its request was carried out: its key was put, and these are the last two of the line. */
    void entered(TxnResponse reply) {
        if (!reply.getTxnResponses().isEmpty()) {
            released.complete(reply.getTxnResponses().get(0).isSucceeded());
        }
        long revision = reply.getHeader().getRevision();
        List<KeyValue> last = reply.getGetResponses().get(0).getKvs();
        synchronized (this) {
            created = revision;
        }
        if (last.size() == 1) {
            holding(revision);
            answered.complete(Answer.GRANTED);
        } else if (request.enqueue()) {
            waiting(new Place(LockKeys.text(last.get(1).getKey()), revision));
            answered.complete(Answer.WAITING);
        } else {
            leave();
        }
    }

    /** A try that came too late: nobody hears of it before its key is gone (rule WA-4). */
    private void leave() {
        session.remove(this, created()).whenComplete((gone, failure) -> {
            if (failure == null) {
                over();
                answered.complete(Answer.BUSY);
            } else {
                failed(session.failureOf(failure, "leave the line"));
            }
        });
    }

    void failed(LockException why) {
        boolean nothingDone;
        synchronized (this) {
            // Refused or never sent: nothing of it is there or will be.
            nothingDone = stage == Stage.ASKED
                    && created == 0
                    && (why instanceof LockUnavailableException || why instanceof LockDeniedException);
            if (stage == Stage.ASKED) {
                stage = Stage.UNKNOWN;
            }
        }
        if (nothingDone) {
            over();
        }
        answered.completeExceptionally(why);
        released.completeExceptionally(why);
        granted.complete(null);
    }

    private void waiting(Place at) {
        synchronized (this) {
            if (stage == Stage.OVER || stage == Stage.HOLDING) {
                return;
            }
            stage = Stage.WAITING;
            place = at;
            if (givenUp) {
                return;
            }
        }
        session.wakeUps().await(this, at);
        if (!isWaiting()) { // withdrawn or granted meanwhile, and taken out before it was put in
            session.wakeUps().forget(this);
        }
    }

    /** Takes the place of the holder. @return its grant; null when it is over */
    private @Nullable Grant holding(long token) {
        Grant known;
        boolean wanted;
        synchronized (this) {
            if (stage == Stage.OVER) {
                return null;
            }
            stage = Stage.HOLDING;
            place = null;
            wanted = grant == null && !givenUp;
            if (grant == null) {
                grant = new Grant(request.name(), request.contenderId(), token, session.basis(), this);
            }
            known = grant;
        }
        session.wakeUps().forget(this);
        if (wanted) {
            granted.complete(known);
        }
        return known;
    }

    /** It is not in the store any more. */
    void over() {
        synchronized (this) {
            if (stage == Stage.OVER) {
                return;
            }
            stage = Stage.OVER;
        }
        session.forget(this);
        granted.complete(null);
    }

    // ---- looks

    /** Something happened before it in line, or may have: reads the line, and goes by nothing else. */
    void look() {
        if (!isWaiting()) {
            return;
        }
        lookAgain.set(true);
        if (looking.compareAndSet(false, true)) {
            goOnLooking();
        }
    }

    private void goOnLooking() {
        lookAgain.set(false);
        session.readLine(this).whenComplete((reply, failure) -> {
            try {
                if (failure == null) {
                    found(reply);
                }
            } finally { // or nobody would ever look again
                looking.set(false);
            }
            if (failure != null) {
                session.lookLater(this);
            } else if (lookAgain.get()) {
                look();
            }
        });
    }

    /** What a linearizable read says: an own key that is gone never wins. */
    private void found(TxnResponse reply) {
        List<GetResponse> reads = reply.getGetResponses();
        if (!isAt(reads.get(0), created())) {
            over();
        } else if (reads.get(1).getKvs().isEmpty()) {
            holding(created());
        } else {
            String before = LockKeys.text(reads.get(1).getKvs().get(0).getKey());
            waiting(new Place(before, reply.getHeader().getRevision()));
        }
    }

    private static boolean isAt(GetResponse read, long revision) {
        return !read.getKvs().isEmpty() && read.getKvs().get(0).getCreateRevision() == revision;
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
        if (!isAt(own, created())) {
            over();
            return ContenderStatus.GONE;
        }
        Grant held = grant();
        if (held != null) {
            return new ContenderStatus.Holding(held);
        }
        if (before != null && before.getKvs().isEmpty()) {
            look();
        }
        return isWaiting() ? ContenderStatus.WAITING : null;
    }

    // ---- what the engine asks

    boolean isOf(EtcdSession asking) {
        return session == asking;
    }

    synchronized boolean isWaiting() {
        return !givenUp && stage == Stage.WAITING;
    }

    /** Whether a renewal can say something of it: its own request must not be overtaken. */
    synchronized boolean canBeSeen() {
        return !givenUp && (stage == Stage.WAITING || stage == Stage.HOLDING);
    }

    synchronized @Nullable Place place() {
        return place;
    }

    synchronized @Nullable Grant grant() {
        return grant;
    }

    /** The create revision of its key; 0 when it is not known that it has one. */
    synchronized long created() {
        return created;
    }

    /** The revision of the session's key that its request was bound to. */
    synchronized long comparedWith() {
        return comparedWith;
    }

    private synchronized boolean isOver() {
        return stage == Stage.OVER;
    }

    @Override
    public LockRequest request() {
        return request;
    }

    @Override
    public CompletionStage<Answer> answered() {
        return answered;
    }

    @Override
    public CompletionStage<@Nullable Grant> granted() {
        return granted;
    }

    @Override
    public CompletionStage<Boolean> released() {
        return released;
    }

    /** Marks before the answer, so that it never overtakes its own request; removes after it. */
    @Override
    public CompletionStage<@Nullable Void> withdraw() {
        synchronized (this) {
            givenUp = true;
        }
        session.wakeUps().forget(this);
        granted.complete(null);
        return answered.handle((answer, failure) -> isOver())
                .thenCompose(gone -> gone ? CompletableFuture.completedFuture(true) : removal())
                .thenApply(gone -> {
                    over();
                    return null;
                });
    }

    private CompletionStage<Boolean> removal() {
        long revision = created();
        return revision == 0 ? session.undo(this) : session.remove(this, revision);
    }

    @Override
    public String toString() {
        return request + " as " + keyText;
    }
}
