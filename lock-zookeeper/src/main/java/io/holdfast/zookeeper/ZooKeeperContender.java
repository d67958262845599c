// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.LockException;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.StagedContender;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One contender for a name: what its node, its place in line and the engine say of it, put together. Its stages complete outside its
 * lock.
 */
final class ZooKeeperContender extends StagedContender implements Place.Standing {
    private final ZooKeeperSession session;
    private final Link link;
    private final Requests requests;
    private final ContenderNode node;
    private final Place place;

    // Guarded by this.
    private Stage stage = Stage.ASKED;
    private boolean givenUp;
    private @Nullable Grant grant;

    private enum Stage {
        ASKED,
        WAITING,
        HOLDING,
        /** Its node is not there and will not be. */
        OVER
    }

    ZooKeeperContender(ZooKeeperSession session, LockRequest request) {
        super(request);
        this.session = session;
        this.link = session.link();
        this.requests = link.requests();
        this.node = new ContenderNode(link, request, session.markOf(request.contenderId()));
        this.place = new Place(link, request, node, this);
    }

    // ---- its request

    /** Sends the release of the grant that goes with it, and the request: one flight. */
    void send() {
        Grant given = request().releasing();
        if (given != null) {
            releasedBy(session.release(given));
        }
        requests.limit(answered, "contend").whenComplete((answer, failure) -> {
            // The limit and the answer may come at once, after a pause say: who has its place is not touched.
            if (failure != null && giveUpWhileAsked()) {
                failed(link.plan().failures().of(failure, "contend"));
            }
        });
        node.make(session.inscription(), this::isGivenUp, place::seen).whenComplete((made, failure) -> {
            if (failure != null) {
                notMade(link.plan().failures().of(failure, "contend"));
            }
        });
    }

    private void notMade(LockException why) {
        if (ContenderNode.surelyNothing(why)) {
            over();
            answered.completeExceptionally(why);
        } else {
            failed(why);
        }
    }

    // ---- what its place says

    /** It may have done something, which the engine's withdrawal will undo. */
    @Override
    public void failed(LockException why) {
        giveUp();
        answered.completeExceptionally(why);
        granted.complete(null);
    }

    @Override
    public void inLine() {
        synchronized (this) {
            if (stage != Stage.ASKED) {
                return;
            }
            stage = Stage.WAITING;
        }
        answered.complete(Answer.WAITING);
    }

    @Override
    public void first(Requests.Node own) {
        Grant won;
        try {
            won = new Grant(
                    request().name(), request().contenderId(), own.stat().getCzxid(), link.basis(), this);
        } catch (IllegalArgumentException tooLarge) {
            failed(new LockUnavailableException("store " + link.plan().store() + ": " + tooLarge.getMessage()
                    + "; this ensemble has had too many leaders to number locks"));
            return;
        }
        synchronized (this) {
            if (!isOpen()) {
                return;
            }
            stage = Stage.HOLDING;
            grant = won;
        }
        answered.complete(Answer.GRANTED);
        granted.complete(won);
    }

    /** A try that is not first leaves again, and says so once it has left. */
    @Override
    public void notFirst(Requests.Node own) {
        requests.limit(node.delete(own), "leave the line").whenComplete((removed, failure) -> {
            if (failure == null) {
                over();
                answered.complete(Answer.BUSY);
            } else {
                failed(link.plan().failures().of(failure, "leave the line"));
            }
        });
    }

    /** Somebody else removed its node; not its own release or withdrawal, which mark it before. */
    @Override
    public void gone(String why) {
        Grant lost;
        synchronized (this) {
            if (givenUp || stage == Stage.OVER) {
                return;
            }
            lost = stage == Stage.HOLDING ? grant : null;
        }
        over();
        answered.completeExceptionally(
                new LockUnavailableException("store " + link.plan().store() + ": " + why));
        if (lost != null) {
            session.grantLost(lost, why);
        }
    }

    // ---- what its session says

    /** There is a new connection. */
    void reconnected() {
        place.reconnected();
    }

    /** A renewal's second look; completes when it is done. */
    CompletableFuture<?> check() {
        return place.check();
    }

    /** Nothing of it is left in the store, or will be soon; who is told of the session need not be told of each grant. */
    void sessionEnded() {
        over();
        answered.completeExceptionally(link.notConnected("contend"));
    }

    private void over() {
        synchronized (this) {
            stage = Stage.OVER;
        }
        place.leave();
        session.forget(this);
        granted.complete(null);
    }

    private void giveUp() {
        synchronized (this) {
            givenUp = true;
        }
        place.leave();
    }

    // ---- how it stands

    boolean isOf(ZooKeeperSession other) {
        return session == other;
    }

    synchronized boolean isGone() {
        return stage == Stage.OVER && !givenUp;
    }

    private synchronized boolean isGivenUp() {
        // A session that was closed on a link that others share takes nothing along: what comes after must not be made.
        return givenUp || session.isOver();
    }

    private synchronized boolean isOver() {
        return stage == Stage.OVER;
    }

    /** One step: between a look and a mark the answer may come, and its owner would hold what is given up. */
    private synchronized boolean giveUpWhileAsked() {
        givenUp |= stage == Stage.ASKED;
        return stage == Stage.ASKED;
    }

    @Override
    public synchronized boolean isOfUse() {
        return !givenUp && (stage == Stage.WAITING || stage == Stage.HOLDING);
    }

    @Override
    public synchronized boolean isOpen() {
        return !givenUp && (stage == Stage.ASKED || stage == Stage.WAITING);
    }

    @Override
    public synchronized boolean isWaiting() {
        return !givenUp && stage == Stage.WAITING;
    }

    // ---- what the engine asks

    CompletionStage<Boolean> release() {
        giveUp();
        Requests.Node own = node.get();
        if (own == null || isOver() || link.isLost()) {
            return CompletableFuture.completedFuture(false);
        }
        if (!link.isConnected()) {
            return CompletableFuture.failedFuture(link.notConnected("release"));
        }
        return requests.limit(node.delete(own), "release").thenApply(removed -> {
            over();
            return removed;
        });
    }

    @Override
    public CompletionStage<@Nullable Void> withdraw() {
        giveUp();
        granted.complete(null);
        if (isOver() || link.isLost()) {
            over();
            return CompletableFuture.completedFuture(null);
        }
        return requests.limit(node.undo(), "withdraw").thenApply(done -> {
            over();
            return null;
        });
    }

    @Override
    public String toString() {
        return node.toString();
    }
}
