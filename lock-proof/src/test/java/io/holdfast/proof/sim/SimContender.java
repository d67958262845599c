// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A contender of a simulated backend: what of it is the same for all stores. */
final class SimContender implements Contender {
    private final SimSession session;
    private final LockRequest request;
    private final Ticket ticket;
    private final CompletableFuture<Answer> answered = new CompletableFuture<>();
    private final CompletableFuture<Grant> granted = new CompletableFuture<>();
    private final CompletableFuture<Boolean> released = new CompletableFuture<>();
    private boolean answerKnown;
    private boolean withdrawn;
    private boolean gone;
    private boolean vanished;
    private Grant grant;
    private CompletableFuture<Void> removal;

    /** The answer never came: the store may have it or get it later. */
    boolean uncertain;

    /** Which of the session's keys it uses; -1 for none. */
    int slot = -1;

    /** The token of a grant that came before the answer; 0 for none. */
    long early;

    /** When the last request was sent that was answered "in line" or "holding", by the client's clock. */
    long proven;

    SimContender(SimSession session, LockRequest request, Ticket ticket) {
        this.session = session;
        this.request = request;
        this.ticket = ticket;
        if (request.releasing() == null) {
            released.complete(true);
        }
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
    public CompletionStage<Grant> granted() {
        return granted;
    }

    @Override
    public CompletionStage<Boolean> released() {
        return released;
    }

    @Override
    public CompletionStage<Void> withdraw() {
        if (!withdrawn) {
            withdrawn = true;
            ticket.withdrawnAt = session.world().now();
            session.unconfirmed().add(this);
            granted.complete(null);
        }
        CompletableFuture<Void> result = removal;
        if (result == null) {
            result = new CompletableFuture<>();
            removal = result;
            if (gone) {
                confirmGone();
            } else if (answerKnown) {
                session.remove(this);
            } else {
                session.cancelUnsent(this);
            }
        }
        return result;
    }

    Ticket ticket() {
        return ticket;
    }

    Grant grant() {
        return grant;
    }

    boolean isWithdrawn() {
        return withdrawn;
    }

    /** It has a place, nobody has withdrawn it, and no grant has been delivered. */
    boolean isWaiting() {
        return answerKnown && !uncertain && !withdrawn && !gone && grant == null && !granted.isDone();
    }

    boolean isGone() {
        return gone;
    }

    /** The grant that was given up in the same step is gone, or was gone before. */
    void releasedIs(boolean wasThere) {
        released.complete(wasThere);
    }

    /** The store's first answer. */
    void answer(Answer answer) {
        answerKnown = true;
        ticket.acknowledgedAt = session.world().now();
        if (answer == Answer.BUSY) {
            gone = true;
            granted.complete(null);
        }
        boolean removalWaits = removal != null;
        answered.complete(answer);
        if (removalWaits) {
            removeNow();
        }
    }

    /** The request failed, or its answer never came. */
    void fail(RuntimeException why, boolean mayTakeEffect) {
        answerKnown = true;
        uncertain = mayTakeEffect;
        gone = !mayTakeEffect;
        released.completeExceptionally(why);
        granted.complete(null);
        // Seen before the engine hears of the failure and withdraws: two undos of one contender at a time could outlive
        // the
        // confirmation of one of them and hit the next contender of the slot.
        boolean removalWaits = removal != null;
        answered.completeExceptionally(why);
        if (removalWaits) {
            removeNow();
        }
    }

    private void removeNow() {
        if (gone) {
            confirmGone();
        } else {
            session.remove(this);
        }
    }

    /** Delivers the grant, unless it is withdrawn: then the removal under way gives the place back. */
    void deliver(Grant g) {
        if (!withdrawn && grant == null) {
            grant = g;
            granted.complete(g);
        }
    }

    /** The grant as it is delivered, also when a renewal finds it. */
    Grant take(Grant g) {
        if (grant == null) {
            grant = g;
        }
        return grant;
    }

    /** The store does not have it any more, without our doing. */
    void vanish() {
        vanished = !gone;
        gone = true;
        granted.complete(null);
    }

    void confirmGone() {
        gone = true;
        session.unconfirmed().remove(this);
        if (withdrawn && !vanished) {
            session.witness().withdrawConfirmed(ticket);
        }
        CompletableFuture<Void> r = removal;
        if (r != null) {
            r.complete(null);
        }
    }

    void removalFailed(RuntimeException why) {
        CompletableFuture<Void> r = removal;
        removal = null;
        if (r != null) {
            r.completeExceptionally(why);
        }
    }
}
