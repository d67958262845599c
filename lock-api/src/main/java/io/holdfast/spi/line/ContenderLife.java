// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi.line;

import io.holdfast.LockException;
import io.holdfast.LockUnavailableException;
import io.holdfast.internal.Names;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.StagedContender;
import io.holdfast.spi.Withdrawal;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One place in a store's line, from its request to the end of its grant: the one life that the contenders of all lines have. Its stages
 * complete under no lock, and the store is asked under none (rule SP-2).
 *
 * <pre>
 *   PREPARED ──start──► ASKED ─┬─► HOLDING ───────────────┬─► OVER
 *       └──withdrawn──► OVER   ├─► WAITING ──► HOLDING ───┤
 *                              ├─► UNKNOWN ──undo─────────┘     (no answer)
 *                              └─► OVER                         (busy, refused, surely nothing)
 * </pre>
 *
 * <p>Its basis (rule ME-2) is the send time of its newest request that was answered "waiting" or "holding". A grant made later, by
 * another's release, runs in the store from that later time, so the basis is on the safe side.
 */
final class ContenderLife extends StagedContender {
    private static final Logger LOG = System.getLogger("io.holdfast");

    private enum Stage {
        /** Nothing was sent. */
        PREPARED,
        /** Its request is on the way. */
        ASKED,
        WAITING,
        HOLDING,
        /** Its request may have been carried out, or may still be. */
        UNKNOWN,
        /** It is not in the store, and no request of it is on the way. */
        OVER
    }

    private final SessionLife session;
    private final Ticket ticket;

    /** Completes when nobody wants the answer to its request any more. */
    private final CompletableFuture<@Nullable Void> unwanted = new CompletableFuture<>();

    // Guarded by this.
    private Stage stage = Stage.PREPARED;
    private boolean givenUp;
    private boolean gone;
    private boolean doubtful;
    private long basis;
    private long token;
    /** What a message said before the answer; 0 for nothing. */
    private long grantedBefore;

    private long removedBefore;
    private long holdingSince;
    private boolean looking;
    private boolean lookAgain;
    private @Nullable Grant grant;
    private @Nullable Withdrawal removal;

    ContenderLife(SessionLife session, LockRequest request) {
        super(request);
        this.session = session;
        this.ticket = new Ticket(request.name(), request.contenderId());
    }

    Ticket ticket() {
        return ticket;
    }

    // ---- its request

    @Override
    public void start() {
        long sentAt = session.now();
        synchronized (this) {
            if (stage != Stage.PREPARED) {
                return;
            }
            stage = session.isClosed() ? Stage.OVER : Stage.ASKED;
            basis = sentAt; // counted from before the request leaves (rule ME-2)
        }
        if (isOver()) {
            notSent("its session is closed");
            return;
        }
        Grant given = request().releasing();
        session.<Entry>asked(() -> session.line()
                        .enter(
                                ticket,
                                request().enqueue(),
                                given == null ? null : SessionLife.heldBy(given),
                                unwanted.minimalCompletionStage()))
                .whenComplete((entry, failure) -> {
                    if (failure == null) {
                        entered(entry, given, sentAt);
                    } else {
                        LockException why = session.translated(failure);
                        failed(why, !(why instanceof LockUnavailableException));
                    }
                });
    }

    private void entered(Entry entry, @Nullable Grant given, long sentAt) {
        try {
            LockException failure = entry.failure();
            if (failure != null) {
                failed(failure, entry.isUndecided());
                return;
            }
            if (given != null) {
                session.over(given);
            }
            arrived(entry.seat(), sentAt);
            answered.complete(
                    switch (entry.seat().standing()) {
                        case HOLDING -> Answer.GRANTED;
                        case WAITING -> Answer.WAITING;
                        case GONE -> Answer.BUSY;
                    });
            released.complete(entry.released());
        } catch (RuntimeException malformed) { // null, or a token that is none
            failed(session.translated(malformed), true);
        }
    }

    /** Its answer, with the news that has overtaken it. */
    private void arrived(Seat seat, long sentAt) {
        long won = seat.standing() == Seat.Standing.WAITING ? grantedBefore() : 0;
        long removed = removedBefore();
        if (removed != 0 && (removed == seat.token() || removed == won)) {
            over();
            return;
        }
        seen(seat, sentAt);
        if (won != 0) {
            holds(won, sentAt);
        }
    }

    /** @param undecided whether something of the request may be in the store, now or later */
    private void failed(LockException why, boolean undecided) {
        boolean nothingDone;
        synchronized (this) {
            // A message that it was granted shows that the request took effect, whatever a proxy says of it.
            nothingDone = stage == Stage.ASKED && grantedBefore == 0 && !undecided;
            doubtful = !nothingDone;
            if (stage == Stage.ASKED) {
                stage = Stage.UNKNOWN;
            }
        }
        if (nothingDone) {
            over();
        }
        fail(why);
    }

    private void notSent(String why) {
        session.forget(this);
        fail(new LockUnavailableException("lock '" + Names.printable(request().name()) + "' in " + session.store()
                + ": the request was not sent, because " + why));
    }

    private void fail(LockException why) {
        answered.completeExceptionally(why);
        released.completeExceptionally(why);
        granted.complete(null);
    }

    // ---- what the store says

    /**
     * What an answer says of it: its own, a renewal's, a look's.
     *
     * @param sentAt when the request was sent that is answered
     * @return null when that is too old to mean anything
     */
    @Nullable
    ContenderStatus seen(Seat seat, long sentAt) {
        return switch (seat.standing()) {
            case HOLDING -> holds(seat.token(), sentAt);
            case WAITING -> waits(seat, sentAt);
            case GONE -> {
                over();
                yield ContenderStatus.GONE;
            }
        };
    }

    private ContenderStatus holds(long grantToken, long sentAt) {
        Grant known = null;
        boolean deliver = false;
        synchronized (this) {
            boolean ours = stage != Stage.OVER && (grant == null || grant.storeToken() == grantToken);
            if (ours) {
                newer(sentAt);
                deliver = grant == null && !givenUp; // whoever gave it up removes it (rule WA-5)
                known = grant == null ? granted(grantToken) : grant;
            }
        }
        if (known == null) {
            // Held by data that the store has lost since, or after its end: what stands there in our name is nobody's.
            session.asked(() -> session.line().release(new LineSession.Held(ticket, grantToken)));
            over();
            return ContenderStatus.GONE;
        }
        if (deliver) {
            session.line().unwatch(ticket);
            granted.complete(known);
        }
        return new ContenderStatus.Holding(known);
    }

    /** Guarded by this. */
    private Grant granted(long grantToken) {
        // First, because it refuses a token that is none: what holds has a grant.
        Grant made = new Grant(request().name(), request().contenderId(), grantToken, session.basisOf(basis), ticket);
        grant = made;
        token = grantToken;
        stage = Stage.HOLDING;
        holdingSince = session.now();
        return made;
    }

    private @Nullable ContenderStatus waits(Seat seat, long sentAt) {
        boolean lost;
        synchronized (this) {
            if (stage == Stage.OVER) {
                return null;
            }
            // An older answer may have been overtaken by the grant; a newer one is of data that the store has lost
            // since.
            lost = stage == Stage.HOLDING;
            if (lost && sentAt - holdingSince <= 0) {
                return null;
            }
            newer(sentAt);
            token = seat.token();
            stage = lost ? stage : Stage.WAITING;
        }
        if (lost) {
            session.asked(() -> session.line().leave(ticket, seat.token()));
            over();
            return ContenderStatus.GONE;
        }
        watch(seat);
        return ContenderStatus.WAITING;
    }

    /** Guarded by this. */
    private void newer(long sentAt) {
        if (sentAt - basis > 0) {
            basis = sentAt;
        }
    }

    private void watch(Seat seat) {
        if (session.isClosed()) { // nobody will look any more
            granted.complete(null);
        }
        if (session.isClosed() || !isWaiting()) {
            return;
        }
        try {
            session.line().watch(ticket, seat);
        } catch (RuntimeException | Error e) { // a scheduler that refuses; its renewals find what it would have told
            LOG.log(
                    Level.WARNING,
                    "store " + session.store() + ": a contender is not watched, and waits for its renewal",
                    e);
        }
        if (!isWaiting()) { // meanwhile another thread may have ended the watch, before it began
            session.line().unwatch(ticket);
        }
    }

    /**
     * A message, proven to be the store's and in its order, says that it was granted. While its request is not answered it is no grant: a
     * request whose answer never comes is undone, since a copy of it may still take a place (rule UO-2).
     */
    void told(long grantToken) {
        synchronized (this) {
            if (stage == Stage.ASKED) {
                grantedBefore = grantToken;
            }
            if (stage != Stage.WAITING) {
                return; // it may be a copy, or of an older grant: it decides nothing
            }
        }
        holds(grantToken, basis());
    }

    /** A wake-up is a hint: the store is asked (rule WA-7). Many at once become one look, and one after it. */
    void woken() {
        synchronized (this) {
            if (givenUp || stage != Stage.WAITING) {
                return;
            }
            if (looking) { // the look may have been answered before what woke us happened
                lookAgain = true;
                return;
            }
            looking = true;
        }
        look();
    }

    private void look() {
        long sentAt = session.now();
        session.<Seat>asked(() -> session.line().look(ticket))
                .thenAccept(seat -> seen(seat, sentAt))
                .whenComplete((done, failure) -> {
                    if (endLook()) {
                        look();
                    } else if (failure != null) {
                        watch(Seat.waiting(token(), 0));
                    }
                });
    }

    /** Whether another look is due. */
    private synchronized boolean endLook() {
        looking = lookAgain && !givenUp && stage == Stage.WAITING;
        lookAgain = false;
        return looking;
    }

    /** Somebody else has removed it from the store. */
    void removed(long seenToken, String why) {
        Grant lost;
        synchronized (this) {
            if (stage == Stage.ASKED) { // the news has overtaken the answer, which says whether it is meant
                removedBefore = seenToken;
            }
            if (token != seenToken || stage == Stage.OVER) {
                return; // of another grant or place
            }
            lost = grant;
        }
        over();
        tellGone(lost, why);
    }

    /** In one place: a renewal that was asked for before the news, and answered after it, says the same. */
    private void tellGone(@Nullable Grant lost, String why) {
        synchronized (this) {
            gone = true;
        }
        if (lost != null) {
            session.grantLost(lost, why);
        }
    }

    private synchronized long grantedBefore() {
        return grantedBefore;
    }

    private synchronized long removedBefore() {
        return removedBefore;
    }

    /** It is not in the store any more. */
    void over() {
        synchronized (this) {
            stage = Stage.OVER;
        }
        session.line().unwatch(ticket);
        session.forget(this);
        granted.complete(null);
    }

    /** Its session ends in this process: what waits gets nothing any more. What was sent still has its answer, or does without. */
    void leaveSession() {
        unwanted.complete(null);
        if (isWaiting()) {
            session.line().unwatch(ticket);
            granted.complete(null);
        }
    }

    /** Whether a renewal can say something of it: its own request must not be overtaken. */
    synchronized boolean hasSeat() {
        return !givenUp && (stage == Stage.WAITING || stage == Stage.HOLDING);
    }

    /** Whether the line has said that somebody else removed it. */
    synchronized boolean isGone() {
        return gone;
    }

    private synchronized boolean isWaiting() {
        return !givenUp && stage == Stage.WAITING;
    }

    private synchronized boolean isOver() {
        return stage == Stage.OVER;
    }

    private synchronized long basis() {
        return basis;
    }

    private synchronized long token() {
        return token;
    }

    // ---- its withdrawal

    /** Marks at once, removes after the answer. */
    @Override
    public CompletionStage<@Nullable Void> withdraw() {
        boolean unsent;
        Withdrawal run;
        synchronized (this) {
            givenUp = true;
            unsent = stage == Stage.PREPARED;
            if (unsent) {
                stage = Stage.OVER;
            }
            if (removal == null) {
                removal = new Withdrawal(this::remove);
            }
            run = removal;
        }
        granted.complete(null); // first: a grant that comes from now on is not delivered
        unwanted.complete(null);
        if (unsent) {
            notSent("it was withdrawn before");
        }
        session.line().unwatch(ticket);
        return run.run();
    }

    private CompletionStage<?> remove() {
        return answered.handle((answer, failure) -> null) // so that it never overtakes its own request
                .thenCompose(done -> session.asked(this::removed))
                .thenRun(this::over);
    }

    private CompletionStage<?> removed() {
        long last;
        boolean unknown;
        synchronized (this) {
            if (stage == Stage.OVER) {
                return CompletableFuture.completedFuture(null);
            }
            last = token;
            unknown = doubtful;
        }
        return unknown ? session.line().undo(ticket) : session.line().leave(ticket, last);
    }

    @Override
    public String toString() {
        return request() + " in " + session;
    }
}
