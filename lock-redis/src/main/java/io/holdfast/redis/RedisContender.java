// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.LockUnavailableException;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockScheduler.Scheduled;
import io.holdfast.spi.StagedContender;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One place in Redis' line, from its request to the end of its grant. Its stages complete outside its lock.
 *
 * <p>Its basis (rule ME-2) is the send time of its newest request that was answered "waiting" or "holding". A grant made later, by
 * another client's release, runs from that later time, so the basis is on the safe side.
 */
final class RedisContender extends StagedContender {
    /** So many at the head of the line look for themselves every poll interval; the others only when those before them died. */
    private static final int FIRST_FEW = 3;

    final LockKeys keys;
    final String id;
    private final RedisSession session;

    // Guarded by this.
    private Stage stage = Stage.ASKED;
    private boolean givenUp;
    private long basis;
    private @Nullable Grant grant;
    private @Nullable Scheduled look;
    private boolean looking;
    private int subscriptions;
    private long holdingSince;

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

    RedisContender(RedisSession session, LockRequest request, LockKeys keys, long sentAt) {
        super(request);
        this.session = session;
        this.keys = keys;
        this.id = session.idOf(request.contenderId());
        this.basis = sentAt;
    }

    // ---- what the server says

    /** The answer to its request. */
    void answer(@Nullable String line, @Nullable Throwable failure) {
        try {
            if (failure != null || line == null) {
                failed(session.failureOf(failure, "contend"));
                return;
            }
            Reply reply = Reply.parse(line);
            boolean gone = reply.released();
            if (reply.is("granted")) {
                holding(reply.number(1), Long.MIN_VALUE);
                answered.complete(Answer.GRANTED);
            } else if (reply.is("waiting")) {
                waiting(reply, Long.MIN_VALUE);
                answered.complete(Answer.WAITING);
            } else if (reply.is("busy")) {
                over();
                answered.complete(Answer.BUSY);
            } else if (reply.is("undone")) {
                over();
                answered.completeExceptionally(new LockUnavailableException(request() + " had been given up"));
            } else {
                throw reply.malformed();
            }
            released.complete(gone);
        } catch (RuntimeException malformed) {
            failed(malformed);
        }
    }

    private void failed(RuntimeException why) {
        boolean nothingDone;
        synchronized (this) {
            // Redis refused the request, or it was never sent: nothing of it is there or will be.
            nothingDone = stage == Stage.ASKED && why instanceof LockUnavailableException;
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

    /**
     * What a renewal or a look says. A holder that the server has in line, or with another token, was held by data that it has lost
     * since: our grant is gone, and what stands there in our name is nobody's.
     *
     * @return null when it came too late to mean anything
     */
    @Nullable
    ContenderStatus renewed(Reply reply, long sentAt) {
        if (reply.is("holding")) {
            Grant held = holding(reply.number(1), sentAt);
            if (held == null) {
                session.giveBack(keys, id, reply.number(1));
                over();
                return ContenderStatus.GONE;
            }
            return new ContenderStatus.Holding(held);
        }
        if (reply.is("waiting")) {
            if (hadHeld(sentAt)) {
                session.remove(this, false);
                over();
                return ContenderStatus.GONE;
            }
            return waiting(reply, sentAt) ? ContenderStatus.WAITING : null;
        }
        if (reply.is("gone")) {
            over();
            return ContenderStatus.GONE;
        }
        throw reply.malformed();
    }

    /** Which subscription it was made under; before its request is sent. */
    synchronized void hearsSince(int count) {
        subscriptions = count;
    }

    /** Whether no message to it can have been lost. */
    synchronized boolean hasHeardAll(int count) {
        return subscriptions == count;
    }

    /** A message, proven to be the store's, says that it was granted. */
    void woken(long token) {
        holding(token, Long.MIN_VALUE);
    }

    /**
     * Takes the place of the holder.
     *
     * @param sentAt when a request was sent that is a new basis; {@code Long.MIN_VALUE} for none
     * @return its grant; null when it is over, or holds by another token than we know of
     */
    private @Nullable Grant holding(long token, long sentAt) {
        Grant known;
        boolean delivered;
        synchronized (this) {
            if (stage == Stage.OVER || (grant != null && grant.storeToken() != token)) {
                return null;
            }
            newer(sentAt);
            delivered = grant != null || givenUp;
            // First, because it refuses a token that is none: what holds has a grant.
            known = grant != null
                    ? grant
                    : new Grant(request().name(), request().contenderId(), token, basis, this);
            grant = known;
            stopLooking();
            if (stage != Stage.HOLDING) {
                holdingSince = session.now();
            }
            stage = Stage.HOLDING;
        }
        if (!delivered) {
            granted.complete(known);
        }
        return known;
    }

    /** Whether it held already when a request was sent: an older answer may have been overtaken by the grant. */
    private synchronized boolean hadHeld(long sentAt) {
        return stage == Stage.HOLDING && sentAt - holdingSince > 0;
    }

    private boolean waiting(Reply reply, long sentAt) {
        long place = reply.number(1);
        long milliseconds = reply.number(2);
        synchronized (this) {
            if (stage == Stage.OVER || stage == Stage.HOLDING) {
                return false;
            }
            newer(sentAt);
            stage = Stage.WAITING;
            stopLooking();
            if (!givenUp) {
                look = session.lookLater(this, place < FIRST_FEW ? 0 : milliseconds);
            }
        }
        return true;
    }

    /** Guarded by this. */
    private void newer(long sentAt) {
        if (sentAt != Long.MIN_VALUE && sentAt - basis > 0) {
            basis = sentAt;
        }
    }

    /** Whether none is under way: many messages at once must not become many requests. */
    synchronized boolean beginLook() {
        boolean free = !looking;
        looking = true;
        return free;
    }

    synchronized void endLook() {
        looking = false;
    }

    /** After a look that failed. */
    void lookLater() {
        synchronized (this) {
            if (stage == Stage.WAITING && !givenUp) {
                stopLooking();
                look = session.lookLater(this, 0);
            }
        }
    }

    /** Guarded by this. */
    private void stopLooking() {
        if (look != null) {
            look.cancel();
            look = null;
        }
    }

    /** It is not in the store any more. */
    void over() {
        synchronized (this) {
            stage = Stage.OVER;
            stopLooking();
        }
        session.forget(this);
        granted.complete(null);
    }

    // ---- what the engine asks

    /** Whether a renewal can say something of it: its own request must not be overtaken. */
    synchronized boolean canBeRenewed() {
        return !givenUp && (stage == Stage.WAITING || stage == Stage.HOLDING);
    }

    synchronized boolean isWaiting() {
        return !givenUp && stage == Stage.WAITING;
    }

    synchronized @Nullable Grant grant() {
        return grant;
    }

    /** Marks before the answer, so that it never overtakes its own request; removes after it. */
    @Override
    public CompletionStage<@Nullable Void> withdraw() {
        synchronized (this) {
            givenUp = true;
            stopLooking();
        }
        granted.complete(null);
        return answered.handle((answer, failure) -> isOver())
                .thenCompose(over -> over
                        ? CompletableFuture.<@Nullable Void>completedFuture(null)
                        : session.remove(this, isUnknown()))
                .thenRun(this::over)
                .thenApply(done -> null);
    }

    private synchronized boolean isOver() {
        return stage == Stage.OVER;
    }

    private synchronized boolean isUnknown() {
        return stage == Stage.UNKNOWN;
    }

    @Override
    public String toString() {
        return request() + " as " + id;
    }
}
