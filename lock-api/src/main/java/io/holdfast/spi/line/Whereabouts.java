// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi.line;

import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Where a contender is, by all that its store has said: answers, looks, messages, in whatever order they come. Thread-safe; calls out under
 * no lock.
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
final class Whereabouts {
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
    private final CompletableFuture<@Nullable Grant> granted;
    private final Runnable forget;
    private final Looks looks = new Looks(this::isWaiting, this::look);

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
    private @Nullable Grant grant;

    /**
     * Of a contender whose request was not sent.
     *
     * @param granted completed with its grant, or with null as soon as there will be none
     * @param forget told that it is not in the store, and that no request of it is on the way
     */
    Whereabouts(SessionLife session, Ticket ticket, CompletableFuture<@Nullable Grant> granted, Runnable forget) {
        this.session = session;
        this.ticket = ticket;
        this.granted = granted;
        this.forget = forget;
    }

    // ---- what its life does

    /** Its request is about to be sent, or it is over, when its session is closed. @return false when it was before */
    synchronized boolean begins(long sentAt) {
        if (stage != Stage.PREPARED) {
            return false;
        }
        stage = session.isClosed() ? Stage.OVER : Stage.ASKED;
        basis = sentAt; // counted from before the request leaves (rule ME-2)
        return true;
    }

    /** It is wanted no more. @return whether nothing was sent, and nothing will be */
    synchronized boolean giveUp() {
        givenUp = true;
        boolean unsent = stage == Stage.PREPARED;
        if (unsent) {
            stage = Stage.OVER;
        }
        return unsent;
    }

    /**
     * Its request has failed.
     *
     * @param undecided whether something of it may be in the store, now or later
     */
    void unanswered(boolean undecided) {
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
    }

    /** Gives its place up, whatever that is. */
    CompletionStage<?> leave() {
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

    // ---- what answers say

    /** Its answer, with the news that has overtaken it. */
    void arrived(Seat seat, long sentAt) {
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
        Grant made = new Grant(ticket.name(), ticket.contenderId(), grantToken, session.basisOf(basis), ticket);
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
            // An older answer may have been overtaken by the grant;
            // a newer one is of data that the store has lost since.
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

    // ---- what messages say

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

    /** A wake-up is a hint: the store is asked (rule WA-7). */
    void woken() {
        looks.woken();
    }

    /** Asks where it stands now. */
    private CompletionStage<?> look() {
        long sentAt = session.now();
        return session.<Seat>asked(() -> session.line().look(ticket))
                .thenAccept(seat -> seen(seat, sentAt))
                .whenComplete((done, failure) -> {
                    if (failure != null) { // nothing is known of it: a watch made anew says whether it is woken still
                        watch(Seat.waiting(token(), 0));
                    }
                });
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
        forget.run();
        granted.complete(null);
    }

    /** Who waits gets nothing any more, because its session ends in this process. */
    void endWait() {
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

    synchronized boolean isOver() {
        return stage == Stage.OVER;
    }

    private synchronized long basis() {
        return basis;
    }

    private synchronized long token() {
        return token;
    }
}
