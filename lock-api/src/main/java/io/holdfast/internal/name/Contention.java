// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.name;

import io.holdfast.internal.context.Engine;
import io.holdfast.internal.session.Sessions;
import io.holdfast.internal.session.StoreSession;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Contender.Answer;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockScheduler.Scheduled;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One client's part in the store's line for one name: at most one contender, and the pauses between attempts. Guarded by the
 * name's mutex.
 *
 * <p>A contender that failed, or whose outcome is unknown, is undone in the background and replaced by another one with a new id:
 * nothing is ever sent twice.
 */
final class Contention {
    /** First and longest pause between attempts while the store is out of reach. */
    private static final long RETRY_FIRST = 20_000_000L;

    private static final long RETRY_LONGEST = 1_000_000_000L;

    /** First and longest pause between looks at a store that does not queue. */
    private static final long POLL_FIRST = 5_000_000L;

    private static final long POLL_LONGEST = 250_000_000L;

    /** How long a client whose own threads wait may win against all that poll (rule OR-3). */
    private static final long GAP_EVERY = 4_000_000_000L;

    /** Longer than the longest pause between two looks, and a look. */
    private static final long GAP = 300_000_000L;

    private final NameHome home;
    private final Engine engine;
    private final WaitLine waiters;
    private final Sessions sessions;

    @Nullable
    Place place;

    private @Nullable Scheduled retry;
    private int attempts;

    /** How many places in a row were gone again without a grant. */
    private int inVain;

    private @Nullable RuntimeException lastFailure;

    /** When the store last said who may have the lock. */
    private long answeredAt;

    private boolean answered;

    /** When somebody else had the lock, or could have had it, last: where the store does not queue. */
    private long othersHadTurnAt;

    /**
     * Releases and withdrawals that the store has not confirmed. A try asks beside them; refused, perhaps by our own leaving
     * contender, it asks once more when they are confirmed, since it would call a lock busy that nobody holds.
     */
    private int unsettled;

    Contention(NameHome home, WaitLine waiters, Sessions sessions) {
        this.home = home;
        this.engine = home.engine;
        this.waiters = waiters;
        this.sessions = sessions;
        this.othersHadTurnAt = engine.clock().nanoTime();
    }

    boolean isIdle() {
        return place == null && unsettled == 0;
    }

    boolean isFor(Place p) {
        return place == p;
    }

    @Nullable
    RuntimeException lastFailure() {
        return lastFailure;
    }

    /** Whether the store has said nothing of the lock since a waiter came: then it cannot be told busy. */
    boolean isUnanswered(Waiter w) {
        Place p = place;
        if (p != null && p.acknowledged) {
            return !p.inLine; // it is granted, and the grant is on its way: between the two the limit may pass
        }
        // Between two looks at a store that does not queue, the last answer stands.
        boolean stands = p == null && !engine.capabilities().queues() && lastFailure == null;
        return !answered || (!stands && answeredAt - w.since < 0);
    }

    private void heard() {
        answered = true;
        answeredAt = engine.clock().nanoTime();
    }

    // -- going --

    /** Contends for who waits, unless that is under way. */
    void pursue() {
        Place p = place;
        if (p != null && p.inLine && !waiters.wantsPlace()) {
            leaveLine(p); // tries alone keep no place (rule WA-4)
            undo(p);
        }
        if (place == null && retry == null && (unsettled == 0 || waiters.asksBesideOwn())) {
            StoreSession s = sessions.usable(home);
            if (s != null) { // else the name hears of it: goOn or sessionFailed
                contend(s, null);
            }
        }
    }

    /** Contends in a session, giving a grant up in the same step. @return the contender, or null when it was refused at once */
    @Nullable
    Contender contend(StoreSession s, @Nullable Grant releasing) {
        if (releasing != null) {
            heard(); // until this moment the lock was ours
        }
        boolean besideOwn = unsettled > 0;
        boolean enqueue = engine.capabilities().queues() && waiters.wantsPlace();
        LockRequest request = LockRequest.exclusive(home.name, engine.nextContenderId(), enqueue, releasing);
        long before = engine.clock().nanoTime();
        engine.counters().contends.increment();
        Contender contender;
        try {
            contender = s.contend(request);
        } catch (Throwable e) { // whatever a backend throws is a failure like any other (rule SP-7)
            failed(engine.failures().unwrap(e), s.isOver());
            return null;
        }
        Place p = new Place(home, s, contender, s.leaseOf(before));
        p.sentAt = before;
        p.besideOwn = besideOwn;
        place = p;
        s.track(p);
        if (releasing == null) {
            home.callStoreInTurn(contender::start);
        } else {
            home.callStore(contender::start); // others wait for what it gives up
        }
        contender.answered().whenComplete((a, e) -> home.deliver(() -> answered(p, a, e)));
        contender
                .granted()
                .whenComplete((g, e) -> home.deliver(() -> {
                    if (e == null) {
                        granted(p, g);
                    } else {
                        answered(p, null, e);
                    }
                }));
        return contender;
    }

    /** Nobody wants the lock any more: leaves the line. */
    void abandon() {
        cancelRetry();
        attempts = 0;
        inVain = 0;
        lastFailure = null;
        Place p = place;
        if (p != null) {
            leaveLine(p);
            undo(p);
        }
    }

    /**
     * Lets others have a look before the next poll. Short as the pause is, who polls seldom finds the lock free in it, so now and then it
     * is as long as any of them stays away.
     */
    void pauseForOthers() {
        long now = engine.clock().nanoTime();
        if (now - othersHadTurnAt < GAP_EVERY) {
            retryAfter(POLL_FIRST * 4, POLL_LONGEST);
        } else if (retry == null) {
            othersHadTurnAt = now;
            retryIn(GAP);
        }
    }

    // -- answers --

    private void answered(Place p, @Nullable Answer answer, @Nullable Throwable failure) {
        if (failure == null) {
            sessions.outage().over();
        }
        if (place != p) {
            return; // abandoned meanwhile: the withdrawal under way sees to it
        }
        if (failure != null || answer == null) {
            leaveLine(p);
            undo(p);
            failed(engine.failures().unwrap(failure), p.session.isOver());
        } else {
            lastFailure = null;
            heard();
            if (answer == Answer.BUSY) {
                busy(p);
            } else if (p.vanished) {
                leaveLine(p); // forced open: news of a deletion may overtake the answer, which is of no worth then
                undo(p);
            } else {
                acknowledged(p, answer);
            }
        }
        home.proceed();
    }

    private void acknowledged(Place p, Answer answer) {
        p.acknowledged = true;
        if (answer == Answer.WAITING) { // else the grant comes by granted()
            if (inVain == 0) {
                attempts = 0;
            }
            p.inLine = true;
            refuseTries(p); // a place in line is for those that wait (rule WA-4)
            engine.listeners().contended(home.name);
        }
    }

    private void busy(Place p) {
        leaveLine(p);
        refuseTries(p);
        othersHadTurnAt = engine.clock().nanoTime();
        if (!engine.capabilities().queues() && waiters.wantsPlace()) {
            retryAfter(POLL_FIRST, POLL_LONGEST);
        }
    }

    /** Not first. When that may be because of something of our own that was still leaving, a try asks once more when it has left. */
    private void refuseTries(Place p) {
        if (p.besideOwn && !waiters.wantsPlace()) {
            waiters.deferTriesSince(p.sentAt);
        } else {
            waiters.refuseTriesSince(p.sentAt);
        }
    }

    /** Whether all that is known to be before us in line is of our own, and on its way out. */
    boolean isBehindOwn() {
        Place p = place;
        return unsettled > 0 && p != null && p.inLine && p.besideOwn;
    }

    /** A grant, or the end without one. */
    void granted(Place p, @Nullable Grant grant) {
        if (place != p) {
            return; // a second delivery, or withdrawn: whoever withdrew releases what raced in
        }
        if (grant != null) {
            taken(p, grant);
        } else if (p.acknowledged) {
            // The store acknowledged it, and its backend says that no grant will come. If the backend merely lost track
            // of it, its place would stay at the head of the line as long as the session lives: so it is undone.
            leaveLine(p);
            undo(p);
            wasInVain();
        } else {
            p.vanished = true; // whether refused, failed or gone is told by answered()
        }
        home.proceed();
    }

    private void taken(Place p, Grant grant) {
        boolean inTime = p.session.learned(p, grant);
        place = null;
        attempts = 0;
        inVain = 0;
        lastFailure = null; // the store is well again: nothing later is told by what failed before (rule WA-12)
        heard();
        p.acknowledged = true;
        p.granted(grant, engine.clock().nanoTime());
        home.granted(p, inTime);
    }

    /** Once is an accident, and the next place is asked for at once; what goes on so would ask as fast as the store answers. */
    private void wasInVain() {
        if (inVain++ > 0 && !waiters.isEmpty()) {
            retryAfter(RETRY_FIRST, RETRY_LONGEST);
        }
    }

    /** The store does not have the place any more. */
    void gone(Place p) {
        leaveLine(p);
    }

    /** The place's own lease has passed: it is dead for good (rule ME-4). */
    void expired(Place p) {
        leaveLine(p);
        undo(p);
    }

    private void leaveLine(Place p) {
        place = null;
        p.session.untrack(p);
    }

    // -- failure and retry --

    void sessionFailed(RuntimeException why) {
        if (place == null && !waiters.isEmpty()) {
            failed(why, false);
        }
    }

    private void failed(RuntimeException why, boolean sessionOver) {
        if (engine.failures().isFinal(why)) {
            waiters.failAll(engine.failures().named(home.name, why));
            return;
        }
        sessions.outage().noticed(why);
        lastFailure = why;
        // A try whose session had died unseen gets another chance with a new one, within its one operation timeout.
        if (!sessionOver || attempts > 0) {
            waiters.failTries(engine.failures().unavailable(home.name, "the store did not take the request", why));
        }
        failOverdue();
        if (!waiters.isEmpty()) {
            retryAfter(RETRY_FIRST, RETRY_LONGEST);
        }
    }

    /** Ends waits without limit that have ridden through an outage for long enough (rule WA-6). */
    void failOverdue() {
        waiters.failOverdue(sessions.outage(), engine.clock().nanoTime(), w -> engine.failures()
                .unavailable(home.name, "the store has been out of reach for outage-timeout", lastFailure));
    }

    private void retryAfter(long first, long longest) {
        if (retry != null) {
            return;
        }
        long base = Math.min(longest, first << Math.min(attempts, 16));
        attempts++;
        // Half fixed, half random: clients that failed together must not come back together.
        retryIn(base / 2 + engine.random(base / 2 + 1));
    }

    private void retryIn(long pause) {
        retry = engine.schedule(
                () -> home.deliver(() -> {
                    retry = null;
                    home.proceed();
                }),
                pause);
    }

    private void cancelRetry() {
        Scheduled r = retry;
        if (r != null) {
            r.cancel();
            retry = null;
        }
    }

    // -- what the store must confirm --

    /** Leaves the line, or undoes a request whose outcome is unknown. */
    void undo(Place p) {
        unsettled++;
        home.after(() -> p.session.background().withdraw(p.contender, this::settled));
    }

    /** Gives a grant back; the answer is that of the first request, or fails when none came in time. */
    void giveBack(Place p, Grant grant, CompletableFuture<Boolean> answer) {
        unsettled++;
        home.callStore(() -> p.session.background().release(grant, answer, this::settled));
    }

    /** A grant that went back along with the next contender's request. */
    CompletableFuture<Boolean> givenBackBy(Place p, Contender next) {
        unsettled++;
        return p.session.background().releasedBy(p.granted(), next, this::settled);
    }

    private void settled() {
        home.deliver(() -> {
            unsettled--;
            home.proceed();
        });
    }
}
