// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

import io.holdfast.LockLoss;
import io.holdfast.LockOptions;
import io.holdfast.ReleaseOutcome;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.LockScheduler.Scheduled;
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
    private static final String MAXIMUM_PASSED = "its maximum hold passed";

    private final NameState state;
    private final EngineClient client;
    private final WaitLine waiters;
    private final Contention contention;

    private @Nullable Place granted;
    private volatile @Nullable Hold hold;

    /** Nobody holds, but a minimum hold has not passed. */
    private @Nullable Scheduled kept;

    Possession(NameState state, EngineClient client, WaitLine waiters, Contention contention) {
        this.state = state;
        this.client = client;
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
            endByForce(h, MAXIMUM_PASSED);
        }
        return hold == h ? h : null;
    }

    // -- from grant to hold --

    /** Takes a fresh grant over, unless its token shows that the store has gone back in time (rule FT-4). */
    void take(Place p, Grant grant) {
        granted = p;
        RuntimeException regression = client.tokens().refusalOf(state.name, grant);
        if (regression != null) {
            client.counters().regressions.increment();
            waiters.failAll(regression);
        }
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
        } else if (!p.session.isDoubtful(p) || confirmed(p)) {
            give(p);
        }
    }

    /** Asks for the renewal that must precede the hand-over; every acknowledgement comes back to {@link #offer()}. */
    private boolean confirmed(Place p) {
        // Before the look: an acknowledgement that comes after it finds the name among those to be told.
        p.session.tellWhenRenewed(state);
        if (!p.confirmAsked) {
            p.confirmAsked = true;
            p.confirmAskedAt = client.clock().nanoTime();
            p.session.renewNow();
            return false;
        }
        if (!p.session.acknowledgedSince(p.confirmAskedAt)) {
            return false; // an older round, on its way already, proves too little
        }
        if (p.session.renewsEachGrant()) {
            // The acknowledged round did not extend this one's lease, or it would not be in doubt any more.
            p.confirmAskedAt = client.clock().nanoTime();
            p.session.renewNow();
            return false;
        }
        return true;
    }

    private void give(Place p) {
        p.confirmAsked = false;
        long now = client.clock().nanoTime();
        long token = client.tokens().of(p.granted(), p.handoffs);
        if (p.handoffs == 0) {
            p.givenAt = now;
        } else {
            client.tokens().seen(state.name, token);
            client.counters().handoffs.increment();
        }
        Waiter w = waiters.takeFirst();
        waiters.refuseTries();
        client.lostHolds().held(state.name, w.owner);
        Hold h = new Hold(w, p, token, client.clock());
        hold = h;
        limit(h, w.options);
        client.counters().acquired.increment();
        client.counters().held.increment();
        client.listeners().acquired(state.name, token);
        w.grant(h, state);
    }

    void reenter(Hold h, Waiter w) {
        h.reenter(w.options);
        limit(h, w.options);
        w.grant(h, state);
    }

    /** Arms the end of a maximum hold. An inner level may move it back; one under an unlimited level changes nothing. */
    private void limit(Hold h, LockOptions options) {
        if (options.maximumHold().isEmpty() || (h.count() > 1 && h.maximumTimer == null)) {
            return;
        }
        long held = client.clock().nanoTime() - h.acquiredAt;
        long asked = Durations.saturatedNanos(options.maximumHold().get());
        long end = asked > Long.MAX_VALUE - held ? Long.MAX_VALUE : held + asked;
        if (h.maximumTimer != null) {
            if (end <= h.maximumNanos) {
                return;
            }
            h.maximumTimer.cancel();
        }
        h.maximumNanos = end;
        h.maximumTimer = client.schedule(
                () -> state.deliver(() -> {
                    // An inner level may have moved the end while this event was under way.
                    if (h.untilMaximum() <= 0) {
                        endByForce(h, MAXIMUM_PASSED);
                    }
                }),
                asked);
    }

    // -- from hold to grant --

    /** The last level was given up. */
    CompletionStage<ReleaseOutcome> end(Hold h) {
        List<Consumer<LockLoss>> lossActions = h.released();
        hold = null;
        client.counters().held.decrement();
        long left = h.minimumNanos - (client.clock().nanoTime() - h.acquiredAt);
        if (h.minimumNanos > 0 && left > 0) {
            kept = client.schedule(() -> state.deliver(() -> keepNoLonger(h.place)), left);
            client.listeners().released(state.name, h.token, ReleaseOutcome.RELEASED);
            return CompletableFuture.completedFuture(ReleaseOutcome.RELEASED);
        }
        return reported(pass(h.place), h, lossActions);
    }

    private void keepNoLonger(Place p) {
        if (kept != null && granted == p) {
            kept = null;
            pass(p);
            state.proceed();
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
        StoreSession usable = client.sessions().usable(state);
        if (!client.capabilities().queues() || usable != p.session) {
            if (!client.capabilities().queues()) {
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
        return p.handoffs < client.settings().handoffLimit()
                && client.clock().nanoTime() - p.givenAt < p.session.leaseNanos() / 10
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

    private CompletionStage<ReleaseOutcome> reported(
            CompletionStage<Boolean> answer, Hold ended, List<Consumer<LockLoss>> lossActions) {
        CompletableFuture<ReleaseOutcome> outcome = new CompletableFuture<>();
        answer.whenComplete((released, failure) -> {
            ReleaseOutcome o = failure != null || released == null
                    ? ReleaseOutcome.UNKNOWN
                    : released ? ReleaseOutcome.RELEASED : ReleaseOutcome.NOT_HELD;
            client.reportRelease(state.name, ended, o, lossActions);
            outcome.complete(o);
        });
        return outcome;
    }

    // -- loss --

    /** The lease of the grant has passed. */
    void expired(Place p) {
        lose(p, EngineClient.LEASE_PASSED);
        // With a lease of its own the grant may still stand in the store; a session takes its grants along.
        if (client.capabilities().scope() == LeaseScope.GRANT) {
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
            state.proceed();
        }
    }

    /** Tells a hold's owner, once and for all, that it is over. */
    private void announce(Hold h, String why) {
        LockLoss loss = new LockLoss(state.name, h.token, why);
        if (!h.owner.isHandle()) {
            // Before the hold goes: an owner that asks for its token takes no lock, and one that finds neither never
            // held (RE-5).
            client.lostHolds().add(state.name, h.owner, h.count(), loss);
        }
        hold = null;
        List<Consumer<LockLoss>> actions = h.lost(loss);
        client.counters().held.decrement();
        client.counters().lost.increment();
        client.listeners().lost(loss, actions);
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
            client.listeners().safe(state.name, h.token);
        }
        client.listeners().renewed(state.name, h.token);
    }

    void suspect(Place p) {
        Hold h = hold;
        if (h != null && granted == p && !h.suspect && p.lease.alive()) {
            h.suspect = true;
            client.listeners().suspect(state.name, h.token);
        }
    }

    // -- closing --

    /** Ends a hold because the client closes; what a minimum hold keeps stays for the moment. */
    void close(boolean releaseInStore) {
        Hold h = hold;
        if (h != null) {
            announce(h, "the client was closed");
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
