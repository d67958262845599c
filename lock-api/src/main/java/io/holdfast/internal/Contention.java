// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

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

    private final NameState state;
    private final EngineClient client;
    private final WaitLine waiters;

    private @Nullable Place place;
    private @Nullable Scheduled retry;
    private int attempts;
    private @Nullable RuntimeException lastFailure;

    /** When the store last said who may have the lock. */
    private long answeredAt;

    private boolean answered;

    /**
     * Releases and withdrawals that the store has not confirmed. A try waits for them: refused by our own leaving contender it
     * would call a lock busy that nobody holds.
     */
    private int unsettled;

    Contention(NameState state, EngineClient client, WaitLine waiters) {
        this.state = state;
        this.client = client;
        this.waiters = waiters;
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
            return false;
        }
        // Between two looks at a store that does not queue, the last answer stands.
        boolean stands = p == null && !client.capabilities().queues() && lastFailure == null;
        return !answered || (!stands && answeredAt - w.since < 0);
    }

    private void heard() {
        answered = true;
        answeredAt = client.clock().nanoTime();
    }

    // -- going --

    /** Contends for who waits, unless that is under way. */
    void pursue() {
        if (place == null && retry == null && (waiters.wantsPlace() || unsettled == 0)) {
            StoreSession s = client.sessions().usable(state);
            if (s != null) { // else the name hears of it: sessionReady or sessionFailed
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
        boolean enqueue = client.capabilities().queues() && waiters.wantsPlace();
        LockRequest request = LockRequest.exclusive(state.name, client.nextContenderId(), enqueue, releasing);
        long before = client.clock().nanoTime();
        client.counters().contends.increment();
        Contender contender;
        try {
            contender = s.contend(request);
        } catch (RuntimeException e) {
            failed(e, s.isOver());
            return null;
        }
        Place p = new Place(state, s, contender, s.leaseOf(before));
        p.sentAt = before;
        place = p;
        s.track(p);
        state.callStore(contender::start);
        contender.answered().whenComplete((a, e) -> state.deliver(() -> answered(p, a, e)));
        contender
                .granted()
                .whenComplete((g, e) -> state.deliver(() -> {
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
        Place p = place;
        if (p != null) {
            leaveLine(p);
            undo(p);
        }
    }

    /** Lets others have a look before the next poll. */
    void pauseForOthers() {
        retryAfter(POLL_FIRST * 4, POLL_LONGEST);
    }

    // -- answers --

    private void answered(Place p, @Nullable Answer answer, @Nullable Throwable failure) {
        if (failure == null) {
            client.outage().over();
        }
        if (place != p) {
            return; // abandoned meanwhile: the withdrawal under way sees to it
        }
        if (failure != null || answer == null) {
            leaveLine(p);
            undo(p);
            failed(client.failures().unwrap(failure), p.session.isOver());
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
        state.proceed();
    }

    private void acknowledged(Place p, Answer answer) {
        p.acknowledged = true;
        if (answer == Answer.WAITING) { // else the grant comes by granted()
            attempts = 0;
            client.listeners().contended(state.name);
        }
    }

    private void busy(Place p) {
        leaveLine(p);
        waiters.refuseTriesSince(p.sentAt);
        if (!client.capabilities().queues() && waiters.wantsPlace()) {
            retryAfter(POLL_FIRST, POLL_LONGEST);
        }
    }

    /** A grant, or the end without one. */
    void granted(Place p, @Nullable Grant grant) {
        if (place != p) {
            return; // a second delivery, or withdrawn: whoever withdrew releases what raced in
        }
        if (grant != null) {
            granted(p, grant, p.session.learned(p, grant));
        } else if (p.acknowledged) {
            // What the store acknowledged and has no more is gone. A backend that could only not go on with it is
            // undone: its place
            // would stay at the head of the line for as long as the session lives.
            leaveLine(p);
            undo(p);
        } else {
            p.vanished = true; // whether refused, failed or gone is told by answered()
        }
        state.proceed();
    }

    private void granted(Place p, Grant grant, boolean inTime) {
        place = null;
        attempts = 0;
        heard();
        p.acknowledged = true;
        p.grantedAt = client.clock().nanoTime();
        p.grant = grant;
        if (inTime) {
            state.possession().take(p, grant);
        } else {
            // What the grant runs on has passed here: it is given to nobody (rule ME-3).
            p.session.untrack(p);
            // Nobody got its token, but the store has shown it: a later grant must be above it (rule FT-4).
            client.tokens().seen(state.name, client.tokens().of(grant, 0));
            giveBack(p, grant, new CompletableFuture<>());
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
        if (client.failures().isFinal(why)) {
            waiters.failAll(client.failures().named(state.name, why));
            return;
        }
        client.outage().noticed(why);
        lastFailure = why;
        // A try whose session had died unseen gets another chance with a new one, within its one operation timeout.
        if (!sessionOver || attempts > 0) {
            waiters.failTries(client.failures().unavailable(state.name, "the store did not take the request", why));
        }
        failOverdue();
        if (!waiters.isEmpty()) {
            retryAfter(RETRY_FIRST, RETRY_LONGEST);
        }
    }

    /** Ends waits without limit that have ridden through an outage for long enough (rule WA-6). */
    void failOverdue() {
        waiters.failOverdue(client.outage(), client.clock().nanoTime(), w -> client.failures()
                .unavailable(state.name, "the store has been out of reach for outage-timeout", lastFailure));
    }

    private void retryAfter(long first, long longest) {
        if (retry != null) {
            return;
        }
        long base = Math.min(longest, first << Math.min(attempts, 16));
        attempts++;
        // Half fixed, half random: clients that failed together must not come back together.
        long pause = base / 2 + client.random(base / 2 + 1);
        retry = client.schedule(
                () -> state.deliver(() -> {
                    retry = null;
                    state.proceed();
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
        state.after(() -> p.session.background().withdraw(p, this::settled));
    }

    /** Gives a grant back; the answer is that of the first request, or fails when none came in time. */
    void giveBack(Place p, Grant grant, CompletableFuture<Boolean> answer) {
        unsettled++;
        state.callStore(() -> p.session.background().release(grant, answer, this::settled));
    }

    /** A grant that went back along with the next contender's request. */
    CompletableFuture<Boolean> givenBackBy(Place p, Contender next) {
        unsettled++;
        return p.session.background().releasedBy(p.granted(), next, this::settled);
    }

    private void settled() {
        state.deliver(() -> {
            unsettled--;
            state.proceed();
        });
    }
}
