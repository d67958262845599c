// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.name;

import io.holdfast.LockLoss;
import io.holdfast.LockNames;
import io.holdfast.LockOptions;
import io.holdfast.ReleaseOutcome;
import io.holdfast.internal.SafeLog;
import io.holdfast.internal.context.Durations;
import io.holdfast.internal.context.Engine;
import io.holdfast.internal.session.StoreSession;
import io.holdfast.spi.Contender;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.LockScheduler.Scheduled;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one client has of one name: at most one grant, and of it at most one hold. Guarded by the name's mutex; only {@link
 * #hold()} is read without it.
 *
 * <pre>
 *   grant --offer--> hold --release--> grant --hand-off--> hold ...
 *                      \                  \--run is over--> given back with the next contender's request
 *                       \--minimum--> kept  \--nobody waits--> given back
 * </pre>
 */
final class Possession {
    private static final Logger LOG = System.getLogger("io.holdfast");

    private final NameHome home;
    private final Engine engine;
    private final Shared shared;
    private final WaitLine waiters;
    private final Contention contention;

    private @Nullable Place granted;
    private volatile @Nullable Hold hold;

    /** Nobody holds, but a minimum hold has not passed. */
    private @Nullable Scheduled kept;

    Possession(NameHome home, WaitLine waiters, Contention contention, Shared shared) {
        this.home = home;
        this.engine = home.engine;
        this.shared = shared;
        this.waiters = waiters;
        this.contention = contention;
    }

    boolean isIdle() {
        return granted == null;
    }

    boolean isOf(Place p) {
        return granted == p;
    }

    /** Whether an owner holds, or a minimum hold keeps the grant from everybody. */
    boolean isTaken() {
        return hold != null || kept != null;
    }

    /** The hold in force, valid or not yet known to be over; readable without the mutex. */
    @Nullable
    Hold hold() {
        return hold;
    }

    /** The hold in force; one whose lease or maximum has passed is lost here and now. */
    @Nullable
    Hold validHold() {
        Hold h = hold;
        Place p = granted;
        if (h == null) {
            if (p != null && kept != null && !p.lease.alive()) {
                expired(p); // kept for nobody, and not ours any more
            }
            return null;
        }
        if (!h.place.lease.alive()) {
            expired(h.place);
        } else if (h.untilMaximum() <= 0) {
            endByForce(h, Hold.MAXIMUM_PASSED);
        }
        return hold == h ? h : null;
    }

    // -- from grant to hold --

    /** Takes a fresh grant over, unless its token shows that the store has gone back in time (rule FT-4). */
    void take(Place p) {
        granted = p;
        RuntimeException regression = shared.tokens().refusalOf(home.name, p.granted());
        if (regression != null) {
            engine.counters().regressions.increment();
            waiters.failAll(regression);
        }
    }

    /** What a fresh grant runs on has passed here: it is given to nobody (rule ME-3). */
    void refuse(Place p) {
        p.session.untrack(p);
        // Nobody got its token, but the store has shown it: a later grant must be above it (rule FT-4).
        shared.tokens().seen(home.name, shared.tokens().of(p.granted(), 0));
        contention.giveBack(p, p.granted(), new CompletableFuture<>());
    }

    /** Gives a free grant to the first waiter, or back to the store. */
    void offer() {
        Place p = granted;
        if (p == null || isTaken()) {
            return;
        }
        if (!p.lease.alive()) {
            expired(p);
        } else if (waiters.isEmpty()) {
            giveBack(p);
        } else if (p.session.isDoubtful(p) && !isConfirmed(p)) {
            confirmFirst(p);
        } else {
            give(p);
        }
    }

    /**
     * Asks for the renewal that must precede the hand-over; every acknowledgement comes back to {@link #offer()}. Once more when an
     * acknowledged round extended other grants only.
     */
    private void confirmFirst(Place p) {
        // Before the look: an acknowledgement that comes after it finds the name among those to be told.
        p.session.tellWhenRenewed(home);
        // An older round, on its way already, proves too little.
        if (!p.confirmAsked || p.session.acknowledgedSince(p.confirmAskedAt)) {
            p.confirmAsked = true;
            p.confirmAskedAt = engine.clock().nanoTime();
            p.session.renewNow();
        }
    }

    /** One that the session's own lease was acknowledged by is enough; a grant's own lease may not have been among those extended. */
    private boolean isConfirmed(Place p) {
        return engine.capabilities().scope() == LeaseScope.SESSION
                && p.confirmAsked
                && p.session.acknowledgedSince(p.confirmAskedAt);
    }

    private void give(Place p) {
        p.confirmAsked = false;
        long now = engine.clock().nanoTime();
        long token = shared.tokens().of(p.granted(), p.handoffs);
        if (p.handoffs == 0) {
            p.givenAt = now;
        } else {
            shared.tokens().seen(home.name, token);
            engine.counters().handoffs.increment();
        }
        Waiter w = waiters.takeFirst();
        shared.lostHolds().held(home.name, w.owner);
        Hold h = new Hold(home, w.owner, p, token);
        h.begin(w.options, w.thread);
        hold = h;
        limit(h, w.options);
        engine.counters().acquired.increment();
        engine.counters().held.increment();
        engine.listeners().acquired(home.name, token);
        w.grant(h, home);
        // Other threads that share the owner: it holds, so they
        // re-enter, and wait for no release of their own (rule RE-8).
        waiters.takeAllOf(w.owner).forEach(same -> reenter(h, same));
        waiters.refuseTries();
    }

    void reenter(Hold h, Waiter w) {
        h.reenter(w.options.minimumHold());
        w.grant(h, home);
    }

    /** Arms the end of a maximum hold, as its first level asked for it. */
    private void limit(Hold h, LockOptions options) {
        options.maximumHold().ifPresent(maximum -> limit(h, Durations.saturatedNanos(maximum)));
    }

    /** Has a hold end some time from now at the latest, in place of what was set before (rule RE-10). */
    void limit(Hold h, long maximum) {
        Scheduled before = h.maximumTimer;
        if (before != null) {
            before.cancel();
            h.maximumTimer = null;
        }
        long held = engine.clock().nanoTime() - h.acquiredAt;
        h.maximumNanos = maximum > Long.MAX_VALUE - held ? Long.MAX_VALUE : held + maximum;
        if (h.maximumNanos != Long.MAX_VALUE) {
            h.maximumTimer = engine.schedule(
                    () -> home.deliver(() -> {
                        // The end may have been moved while this event was under way.
                        if (h.untilMaximum() <= 0) {
                            endByForce(h, Hold.MAXIMUM_PASSED);
                        }
                    }),
                    maximum);
        }
    }

    // -- from hold to grant --

    /** The last level was given up. */
    CompletionStage<ReleaseOutcome> end(Hold h) {
        h.released();
        hold = null;
        engine.counters().held.decrement();
        if (keep(h)) {
            h.lossActions.notLost();
            engine.listeners().released(home.name, h.token, ReleaseOutcome.RELEASED, h.heldNanos());
            return CompletableFuture.completedFuture(ReleaseOutcome.RELEASED);
        }
        return reported(pass(h.place), h);
    }

    /** Keeps the grant of a hold that has ended before its minimum, for nobody. @return whether there is something left to keep */
    private boolean keep(Hold h) {
        long left = h.minimumNanos - (engine.clock().nanoTime() - h.acquiredAt);
        boolean keeps = h.minimumNanos > 0 && left > 0 && granted == h.place;
        if (keeps) {
            kept = engine.schedule(() -> home.deliver(() -> keepNoLonger(h.place)), left);
        }
        return keeps;
    }

    /** Whether a minimum hold has not passed: of one that was released, or of one in force. */
    boolean hasMinimum() {
        Hold h = hold;
        return kept != null || (h != null && h.minimumNanos > engine.clock().nanoTime() - h.acquiredAt);
    }

    private void keepNoLonger(Place p) {
        if (kept != null && granted == p) {
            kept = null;
            pass(p);
            home.proceed();
        }
    }

    /** Passes a free grant on: to the next waiter here, or back to the store. @return what the store says, if it is asked */
    private CompletionStage<Boolean> pass(Place p) {
        if (waiters.isEmpty()) {
            return giveBack(p);
        }
        if (mayHandOff(p)) {
            p.handoffs++;
            offer();
            return CompletableFuture.completedFuture(true);
        }
        StoreSession usable = shared.sessions().usable(home);
        if (!engine.capabilities().queues() || usable != p.session) {
            if (!engine.capabilities().queues()) {
                // Contending at once would win against every client that polls: one of them has a look first.
                contention.pauseForOthers();
            }
            return giveBack(p);
        }
        leave(p);
        Contender next = contention.contend(usable, p.granted());
        if (next != null) {
            return contention.givenBackBy(p, next);
        }
        return giveBack(p);
    }

    private boolean mayHandOff(Place p) {
        return p.handoffs < engine.settings().handoffLimit()
                && engine.clock().nanoTime() - p.givenAt < p.session.leaseNanos() / 10
                && !p.session.isRetired()
                && p.lease.alive();
    }

    private CompletableFuture<Boolean> giveBack(Place p) {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        p.session.returning(answer);
        leave(p);
        contention.giveBack(p, p.granted(), answer);
        return answer;
    }

    private void leave(Place p) {
        if (granted == p) {
            granted = null;
        }
        p.session.untrack(p);
    }

    private CompletionStage<ReleaseOutcome> reported(CompletionStage<Boolean> answer, Hold ended) {
        CompletableFuture<ReleaseOutcome> outcome = new CompletableFuture<>();
        answer.whenComplete((released, failure) -> {
            ReleaseOutcome o = failure != null || released == null
                    ? ReleaseOutcome.UNKNOWN
                    : released ? ReleaseOutcome.RELEASED : ReleaseOutcome.NOT_HELD;
            report(ended, o);
            outcome.complete(o);
        });
        return outcome;
    }

    /** Tells what a release came to. A hold that the store had lost before was lost, not released. */
    private void report(Hold ended, ReleaseOutcome outcome) {
        if (outcome == ReleaseOutcome.NOT_HELD) {
            ended.gone = true; // before the outcome is known: who closes the handle is told by it
            engine.counters().lost.increment();
            LockLoss loss = ended.goneAtRelease();
            engine.listeners().lost(loss, ended.heldNanos(), ended.lossActions.lost(loss));
            return;
        }
        ended.lossActions.notLost();
        if (outcome == ReleaseOutcome.UNKNOWN) {
            SafeLog.log(
                    LOG,
                    Level.WARNING,
                    () -> "lock '" + LockNames.printable(home.name) + "' in " + engine.store()
                            + ": the store has not confirmed the release; it is asked again in the background");
        }
        engine.listeners().released(home.name, ended.token, outcome, ended.heldNanos());
    }

    // -- loss --

    /** The lease of the grant has passed. */
    void expired(Place p) {
        lose(p, p.lease.whyOver());
        // With a lease of its own the grant may still stand in the store; a session takes its grants along.
        if (engine.capabilities().scope() == LeaseScope.GRANT) {
            contention.giveBack(p, p.granted(), new CompletableFuture<>());
        }
    }

    /** The store does not have the grant any more. */
    void lose(Place p, String why) {
        leave(p);
        if (kept != null) {
            kept.cancel();
            kept = null;
        }
        Hold h = hold;
        if (h != null) {
            announce(h, why);
        }
    }

    /** A maximum hold has passed, or an owner is gone: the hold counts as lost, the grant goes on. */
    void endByForce(Hold h, String why) {
        if (hold == h) {
            announce(h, why);
            pass(h.place);
            home.proceed();
        }
    }

    /** Tells a hold's owner, once and for all, that it is over. */
    private void announce(Hold h, String why) {
        LockLoss loss = new LockLoss(home.name, h.token, why);
        int levels = h.seal();
        if (!h.owner.isHandle()) {
            // Before the hold goes: an owner that asks for its token takes
            // no lock, and one that finds neither never held (RE-5).
            shared.lostHolds().add(home.name, h.owner, levels, loss);
        }
        hold = null;
        List<Consumer<LockLoss>> actions = h.lost(loss);
        engine.counters().held.decrement();
        engine.counters().lost.increment();
        engine.listeners().lost(loss, h.heldNanos(), actions);
    }

    // -- renewal --

    void renewed(Place p) {
        Hold h = hold;
        if (h == null || granted != p) {
            return;
        }
        // The answer to a round that was sent before the doubt began ends no doubt.
        if (h.suspect && !p.session.isDoubtful(p)) {
            h.suspect = false;
            engine.listeners().safe(home.name, h.token);
        }
        engine.listeners().renewed(home.name, h.token);
    }

    void suspect(Place p) {
        Hold h = hold;
        if (h != null && granted == p && !h.suspect && p.lease.alive()) {
            h.suspect = true;
            engine.listeners().suspect(home.name, h.token);
        }
    }

    // -- closing --

    /** Ends a hold because the client closes; what a minimum hold keeps stays for the moment. */
    void close(boolean releaseInStore) {
        Hold h = hold;
        if (h != null) {
            announce(h, "the client was closed");
            keep(h);
        }
        Place p = granted;
        if (p != null && kept == null) {
            if (releaseInStore) {
                giveBack(p);
            } else {
                leave(p);
            }
        }
    }

    /** Ends a minimum hold before its time. @return whether there was one */
    boolean cutMinimumHold() {
        Scheduled k = kept;
        Place p = granted;
        if (k == null || p == null) {
            return false;
        }
        k.cancel();
        kept = null;
        giveBack(p);
        return true;
    }
}
