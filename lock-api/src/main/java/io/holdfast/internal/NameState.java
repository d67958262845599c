// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

import io.holdfast.LockLoss;
import io.holdfast.LockLostException;
import io.holdfast.LockOptions;
import io.holdfast.ReleaseOutcome;
import io.holdfast.internal.Waiter.Patience;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Contender.Answer;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockScheduler.Scheduled;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/*
 * Overview. One name in one client: its waiters in order, at most one contender in the store's line, at most one grant, at most
 * one hold. All fields are guarded by the mutex of Serial; events of the store come through its inbox.
 *
 *   waiters --head--> contention --granted--> granted --offer--> hold --release--> granted --hand-off--> hold ...
 *                                                                                    \--limit--> contention, in one step
 *                                                                                     \--nobody waits--> store.release
 *
 * pump() looks at what there is and takes the next step; every change ends with it. A failed contender is undone in the
 * background and replaced by another one with a new id: nothing here is ever sent twice.
 */
/** What one client knows and wants of one name. */
final class NameState extends Serial {
    /** First and longest pause between attempts while the store is out of reach. */
    private static final long RETRY_FIRST = 20_000_000L;

    private static final long RETRY_LONGEST = 1_000_000_000L;

    /** First and longest pause between looks at a store that does not queue. */
    private static final long POLL_FIRST = 5_000_000L;

    private static final long POLL_LONGEST = 250_000_000L;

    final String name;
    private final EngineClient client;

    private final ArrayDeque<Waiter> waiters = new ArrayDeque<>(2);
    private @Nullable Place contention;
    private @Nullable Place granted;
    private volatile @Nullable Hold hold;

    /** Nobody holds, but a minimum hold has not passed. */
    private @Nullable Scheduled kept;

    /**
     * Releases and withdrawals that the store has not confirmed. A try waits for them: refused by our own leaving contender it
     * would call a lock busy that nobody holds.
     */
    private int unsettled;

    private @Nullable Scheduled retry;
    private int attempts;
    private @Nullable RuntimeException lastFailure;
    private boolean dropped;
    private boolean mayBlock;

    NameState(String name, EngineClient client) {
        this.name = name;
        this.client = client;
    }

    // ---- what owners do
    // -------------------------------------------------------------------------------------------------

    /**
     * Adds a waiter or re-enters.
     *
     * @return false when this state has been dropped and the caller must look the name up again
     */
    boolean acquire(Waiter w, boolean inline) {
        return this.<Boolean>enter(() -> {
            if (dropped) {
                return false;
            }
            mayBlock = inline;
            try {
                admit(w);
            } finally {
                mayBlock = false;
                dropIfIdle();
            }
            return true;
        });
    }

    private void admit(Waiter w) {
        if (client.isClosed()) {
            w.fail(client.closedException(name));
            return;
        }
        Hold h = currentHold();
        if (h != null && h.owner.equals(w.owner)) {
            h.reenter(w.options);
            armMaximum(h, w.options);
            w.grant(h);
            return;
        }
        LockLoss lost = client.lostHolds().onEnter(name, w.owner);
        if (lost != null) {
            w.fail(client.failures().lost(lost));
            return;
        }
        if (w.isTry() && taken()) {
            refuseTry(w);
            return;
        }
        waiters.add(w);
        client.counters().waiting.increment();
        armLimit(w);
        pump();
    }

    /** Whether a try is hopeless without asking: somebody of this client holds, or is in line before it. */
    private boolean taken() {
        return hold != null
                || kept != null
                || (granted != null && !waiters.isEmpty())
                || waiters.stream().anyMatch(x -> !x.isTry());
    }

    private void refuseTry(Waiter w) {
        boolean storeOut = hold == null && kept == null && client.outage().isOn();
        if (storeOut) {
            w.fail(client.failures().unavailable(name, "the store is out of reach", lastFailure));
        } else {
            w.settle(Waiter.State.REFUSED);
        }
    }

    /** Takes a waiter back. @return true when it was still waiting; false when it was settled before */
    boolean withdraw(Waiter w) {
        return this.<Boolean>enter(() -> {
            boolean was = remove(w);
            if (was) {
                w.settle(Waiter.State.WITHDRAWN);
                pump();
                dropIfIdle();
            }
            return was;
        });
    }

    /**
     * Gives up one level of the owner's hold.
     *
     * @throws LockLostException when the hold was lost
     * @throws IllegalMonitorStateException when the owner has none
     */
    CompletionStage<ReleaseOutcome> release(Owner owner) {
        return enterRelease(owner, null, true);
    }

    /** Gives up a hold, whoever calls; NOT_HELD when it has ended. */
    CompletionStage<ReleaseOutcome> release(Hold h, boolean inline) {
        return enterRelease(h.owner, h, inline);
    }

    private CompletionStage<ReleaseOutcome> enterRelease(Owner owner, @Nullable Hold expected, boolean inline) {
        Object result = this.<Object>enter(() -> {
            mayBlock = inline;
            try {
                Hold h = currentHold();
                if (h == null || !h.owner.equals(owner) || (expected != null && h != expected)) {
                    return expected != null ? ReleaseOutcome.NOT_HELD : notHeld(owner);
                }
                return h.leave() ? endHold(h) : ReleaseOutcome.RELEASED;
            } finally {
                mayBlock = false;
                dropIfIdle();
            }
        });
        if (result instanceof RuntimeException e) {
            throw e;
        }
        if (result instanceof ReleaseOutcome o) {
            return CompletableFuture.completedFuture(o);
        }
        @SuppressWarnings("unchecked")
        CompletionStage<ReleaseOutcome> stage = (CompletionStage<ReleaseOutcome>) result;
        return stage;
    }

    private RuntimeException notHeld(Owner owner) {
        LockLoss lost = client.lostHolds().onRelease(name, owner);
        return lost != null ? client.failures().lost(lost) : client.failures().notOwner(name, owner);
    }

    /** The hold in force, whoever owns it; read without the mutex. */
    @Nullable
    Hold hold() {
        return hold;
    }

    /** Registers a loss action for a hold. @return the loss when the caller must run the action itself */
    @Nullable
    LockLoss onLost(Hold h, Consumer<LockLoss> action) {
        LockLoss[] already = new LockLoss[1];
        enter(() -> {
            already[0] = h.onLost(action);
            return true;
        });
        return already[0];
    }

    /** The owner's hold, valid or not yet known to be over; read without the mutex. */
    @Nullable
    Hold holdOf(Owner owner) {
        Hold h = hold;
        return h != null && h.owner.equals(owner) ? h : null;
    }

    // ---- what comes next
    // ------------------------------------------------------------------------------------------------

    private void pump() {
        if (hold != null || kept != null) {
            return;
        }
        if (granted != null) {
            if (waiters.isEmpty()) {
                giveBack(granted);
            } else {
                offer(granted);
            }
        } else if (waiters.isEmpty()) {
            abandonContention();
        } else if (contention == null && retry == null) {
            contend(null);
        }
    }

    /** Nobody wants the lock any more: leave the line. */
    private void abandonContention() {
        cancelRetry();
        attempts = 0;
        Place p = contention;
        if (p != null) {
            contention = null;
            p.session.untrack(p);
            undo(p);
        }
    }

    private void contend(@Nullable Place releasing) {
        StoreSession s = client.sessions().usable(this);
        if (s == null || (releasing != null && releasing.session != s)) {
            if (releasing != null) {
                giveBack(releasing);
            }
            if (s == null) {
                return; // sessions() delivers sessionReady or sessionFailed
            }
        }
        boolean wantsLine = waiters.stream().anyMatch(w -> !w.isTry());
        if (!wantsLine && unsettled > 0 && releasing == null) {
            return; // settled() comes back
        }
        boolean enqueue = client.capabilities().queues() && wantsLine;
        Grant givenUp = releasing != null && releasing.session == s ? releasing.grant : null;
        LockRequest request = LockRequest.exclusive(name, client.nextContenderId(), enqueue, givenUp);
        long before = client.clock().nanoTime();
        client.counters().contends.increment();
        Contender c;
        try {
            c = s.contend(request);
        } catch (RuntimeException e) {
            if (givenUp != null && releasing != null) {
                giveBack(releasing);
            }
            failed(e, s.isOver());
            return;
        }
        Place p = new Place(this, s, c, s.leaseOf(before));
        contention = p;
        s.track(p);
        boolean inline = mayBlock;
        after(() -> client.callStore(c::start, inline));
        c.answered().whenComplete((a, e) -> deliver(() -> answered(p, a, e)));
        c.granted().whenComplete((g, e) -> deliver(() -> granted(p, e == null ? g : null)));
    }

    private void answered(Place p, @Nullable Answer answer, @Nullable Throwable failure) {
        if (failure == null) {
            client.outage().over();
        }
        if (contention != p) {
            return; // abandoned meanwhile: the withdrawal under way sees to it
        }
        if (failure != null || answer == null) {
            leaveLine(p);
            undo(p);
            failed(client.failures().unwrap(failure), p.session.isOver());
            dropIfIdle();
            return;
        }
        lastFailure = null;
        switch (answer) {
            case GRANTED -> attempts = 0; // the grant comes by granted()
            case WAITING -> {
                attempts = 0;
                p.acknowledged = true;
                client.listeners().contended(name);
            }
            case BUSY -> busy(p);
        }
    }

    private void busy(Place p) {
        leaveLine(p);
        refuseTries();
        if (client.capabilities().queues() || waiters.isEmpty()) {
            pump();
        } else {
            retryAfter(POLL_FIRST, POLL_LONGEST);
        }
        dropIfIdle();
    }

    private void granted(Place p, @Nullable Grant grant) {
        if (grant == null) {
            // Refused, failed, or gone from the store: the first two are answered(); only the last one leaves us in
            // line.
            if (contention == p && p.acknowledged && p.grant == null) {
                gone(p, "the store no longer has the place in line");
            }
            return;
        }
        if (contention != p || p.grant != null) {
            return; // a second delivery, or withdrawn: whoever withdrew releases what raced in
        }
        contention = null;
        p.grant = grant;
        p.grantedAt = client.clock().nanoTime();
        p.acknowledged = true;
        if (!p.session.learned(p, grant)) {
            p.session.untrack(p);
            giveBackLate(p, grant);
            pump();
            return;
        }
        granted = p;
        attempts = 0;
        RuntimeException regression = client.refusalOf(name, grant);
        if (regression != null) {
            client.counters().regressions.increment();
            failAll(regression);
        }
        pump();
        dropIfIdle();
    }

    /** Gives a free grant to the first waiter, when the lease has enough left. */
    private void offer(Place p) {
        if (!p.lease.alive()) {
            expired(p);
            return;
        }
        if (p.session.isDoubtful(p) && !confirmed(p)) {
            return; // the next acknowledged renewal delivers renewed()
        }
        p.confirmAsked = false;
        Waiter w = waiters.removeFirst();
        refuseTries();
        Grant grant = p.granted();
        long token = client.tokenOf(grant, p.handoffs);
        if (p.handoffs == 0) {
            p.givenAt = client.clock().nanoTime();
        } else {
            client.raiseFloor(name, token);
            client.counters().handoffs.increment();
        }
        Hold h = new Hold(w, p, token, client.clock().nanoTime());
        hold = h;
        armMaximum(h, w.options);
        client.counters().acquired.increment();
        client.counters().held.increment();
        client.counters().waiting.decrement();
        client.listeners().acquired(name, token);
        w.grant(h);
    }

    private boolean confirmed(Place p) {
        if (!p.confirmAsked) {
            p.confirmAsked = true;
            p.confirmAskedAt = client.clock().nanoTime();
            p.session.renewNow(this);
            return false;
        }
        return p.session.acknowledgedSince(p.confirmAskedAt);
    }

    /** Tries share one request: when it is refused, or somebody of this client holds, they are busy. */
    private void refuseTries() {
        waiters.removeIf(w -> {
            if (w.isTry()) {
                settle(w, Waiter.State.REFUSED);
            }
            return w.isTry();
        });
    }

    // ---- the end of a hold
    // ----------------------------------------------------------------------------------------------

    /** The last level was given up. @return an outcome, or a stage of one */
    private Object endHold(Hold h) {
        h.released();
        hold = null;
        client.counters().held.decrement();
        long left = h.minimumNanos - (client.clock().nanoTime() - h.acquiredAt);
        if (h.minimumNanos > 0 && left > 0) {
            kept = client.schedule(() -> deliver(() -> keepNoLonger(h.place)), left);
            client.listeners().released(name, h.token, ReleaseOutcome.RELEASED);
            return ReleaseOutcome.RELEASED;
        }
        return pass(h.place, h);
    }

    private void keepNoLonger(Place p) {
        if (kept != null) {
            kept = null;
            if (granted == p) {
                pass(p, null);
            }
            dropIfIdle();
        }
    }

    /** Ends a minimum hold before its time, because the client closes. @return whether there was one */
    boolean cutMinimumHold() {
        return this.<Boolean>enter(() -> {
            Scheduled k = kept;
            if (k == null) {
                return false;
            }
            k.cancel();
            Place p = granted;
            kept = null;
            if (p != null) {
                giveBack(p);
            }
            dropIfIdle();
            return true;
        });
    }

    /** Passes a free grant on: to the next waiter here, or back to the store. @return an outcome, or a stage of one */
    private Object pass(Place p, @Nullable Hold ended) {
        if (waiters.isEmpty()) {
            return report(giveBack(p), ended);
        }
        if (mayHandOff(p)) {
            p.handoffs++;
            if (ended != null) {
                client.listeners().released(name, ended.token, ReleaseOutcome.RELEASED);
            }
            pump();
            return ReleaseOutcome.RELEASED;
        }
        granted = null;
        p.session.untrack(p);
        if (!client.capabilities().queues()) {
            // Contending at once would win against every client that polls: let one of them have a look first.
            CompletionStage<Boolean> released = giveBack(p);
            retryAfter(POLL_FIRST * 4, POLL_LONGEST);
            return report(released, ended);
        }
        contend(p);
        Place next = contention;
        if (next == null || next.contender.request().releasing() == null) {
            return report(p.releasing != null ? p.releasing : CompletableFuture.completedFuture(true), ended);
        }
        unsettled++;
        return report(p.session.background().releasedBy(p, next.contender, this::settled), ended);
    }

    private boolean mayHandOff(Place p) {
        return p.handoffs < client.settings().handoffLimit()
                && client.clock().nanoTime() - p.givenAt < p.session.leaseNanos() / 10
                && !p.session.isRetired()
                && p.lease.alive();
    }

    /** Gives a grant back to the store. @return what it answers to the first request, or nothing in time */
    private CompletionStage<Boolean> giveBack(Place p) {
        if (granted == p) {
            granted = null;
        }
        p.session.untrack(p);
        Grant grant = p.granted();
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        p.releasing = answer;
        boolean inline = mayBlock;
        unsettled++;
        after(() -> client.callStore(() -> p.session.background().release(grant, answer, this::settled), inline));
        return answer;
    }

    /** Gives a grant back that never became a hold, or whose lease has passed here. */
    private void giveBackLate(Place p, Grant grant) {
        unsettled++;
        after(() -> p.session.background().release(grant, this::settled));
    }

    /** Leaves the line, or undoes a request whose outcome is unknown. */
    private void undo(Place p) {
        unsettled++;
        after(() -> p.session.background().withdraw(p, this::settled));
    }

    /** The store has confirmed a release or a withdrawal, or its session has ended. */
    private void settled() {
        deliver(() -> {
            unsettled--;
            pump();
            dropIfIdle();
        });
    }

    private CompletionStage<ReleaseOutcome> report(CompletionStage<Boolean> answer, @Nullable Hold ended) {
        CompletableFuture<ReleaseOutcome> outcome = new CompletableFuture<>();
        answer.whenComplete((released, failure) -> {
            ReleaseOutcome o = failure != null || released == null
                    ? ReleaseOutcome.UNKNOWN
                    : released ? ReleaseOutcome.RELEASED : ReleaseOutcome.NOT_HELD;
            if (ended != null) {
                client.reportRelease(name, ended, o);
            }
            outcome.complete(o);
        });
        return outcome;
    }

    // ---- loss
    // -----------------------------------------------------------------------------------------------------------

    /** The hold in force; one whose lease has passed is lost here and now. */
    private @Nullable Hold currentHold() {
        Hold h = hold;
        if (h != null && !h.place.lease.alive()) {
            expired(h.place);
            return hold;
        }
        return h;
    }

    /** The lease of a place has passed. */
    void expired(Place p) {
        if (granted == p) {
            Grant grant = p.grant;
            lose(p, "its lease passed without an acknowledged renewal");
            if (!p.session.isOver() && grant != null) {
                giveBackLate(p, grant);
            }
        } else if (contention == p) {
            leaveLine(p);
            undo(p);
        }
        pump();
        dropIfIdle();
    }

    /** The store does not have a place any more. */
    void gone(Place p, String why) {
        if (granted == p) {
            lose(p, why);
        } else if (contention == p) {
            leaveLine(p);
        }
        pump();
        dropIfIdle();
    }

    private void leaveLine(Place p) {
        contention = null;
        p.session.untrack(p);
    }

    private void lose(Place p, String why) {
        granted = null;
        p.session.untrack(p);
        Scheduled k = kept;
        if (k != null) {
            k.cancel();
            kept = null;
        }
        Hold h = hold;
        hold = null;
        if (h != null) {
            announce(h, why);
        }
    }

    /** Tells a hold's owner, once and for all, that it is over. */
    private void announce(Hold h, String why) {
        LockLoss loss = new LockLoss(name, h.token, why);
        if (h.handle == null) {
            client.lostHolds().add(name, h.owner, h.count(), loss);
        }
        List<Consumer<LockLoss>> actions = h.lost(loss);
        client.counters().held.decrement();
        client.counters().lost.increment();
        client.listeners().lost(loss, actions);
    }

    /** A maximum hold has passed, or an owner is gone: the hold counts as lost, the grant goes on. */
    void endByForce(Hold h, String why) {
        if (hold == h) {
            hold = null;
            announce(h, why);
            pass(h.place, null);
            dropIfIdle();
        }
    }

    // ---- failure and retry
    // ----------------------------------------------------------------------------------------------

    private void failed(RuntimeException why, boolean sessionOver) {
        if (client.failures().isFinal(why)) {
            failAll(client.failures().named(name, why));
            return;
        }
        client.outage().noticed(why);
        lastFailure = why;
        for (Iterator<Waiter> i = waiters.iterator(); i.hasNext(); ) {
            Waiter w = i.next();
            // A try whose session had died unseen gets another chance with a new one, within its one operation timeout.
            if (w.isTry() && !(sessionOver && attempts == 0)) {
                i.remove();
                settleFailed(w, client.failures().unavailable(name, "the store did not take the request", why));
            }
        }
        failOverdue();
        if (!waiters.isEmpty()) {
            retryAfter(RETRY_FIRST, RETRY_LONGEST);
        }
    }

    /** Ends waits without limit that have ridden through an outage for long enough. */
    private void failOverdue() {
        long now = client.clock().nanoTime();
        for (Iterator<Waiter> i = waiters.iterator(); i.hasNext(); ) {
            Waiter w = i.next();
            if (w.patience == Patience.ENDLESS && client.outage().lasted(w.since, now)) {
                i.remove();
                settleFailed(
                        w,
                        client.failures()
                                .unavailable(name, "the store has been out of reach for outage-timeout", lastFailure));
            }
        }
    }

    /** The outage clock has moved on. */
    void outageGoesOn() {
        failOverdue();
        pump();
        dropIfIdle();
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
                () -> deliver(() -> {
                    retry = null;
                    pump();
                    dropIfIdle();
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

    void sessionReady() {
        pump();
        dropIfIdle();
    }

    void sessionFailed(RuntimeException why) {
        if (contention == null && granted == null && !waiters.isEmpty()) {
            failed(why, false);
        }
        dropIfIdle();
    }

    /** A renewal was acknowledged that a hand-over waits for. */
    void renewed() {
        pump();
        dropIfIdle();
    }

    /** An acknowledged renewal named a place. */
    void renewal(Place p, @Nullable ContenderStatus status, long sentAt) {
        if (status != null) {
            status(p, status, sentAt);
        }
        Hold h = hold;
        if (h == null || granted != p) {
            return;
        }
        if (h.suspect) {
            h.suspect = false;
            client.listeners().safe(name, h.token);
        }
        client.listeners().renewed(name, h.token);
    }

    /** The renewal of a place is overdue. */
    void suspect(Place p) {
        Hold h = hold;
        if (h != null && granted == p && !h.suspect && p.lease.alive()) {
            h.suspect = true;
            client.listeners().suspect(name, h.token);
        }
    }

    private void status(Place p, ContenderStatus status, long sentAt) {
        if (contention != p && granted != p) {
            return;
        }
        if (status instanceof ContenderStatus.Holding h) {
            granted(p, h.grant());
        } else if (status instanceof ContenderStatus.Gone) {
            gone(p, "the store no longer has it");
        } else if (status instanceof ContenderStatus.Waiting && granted == p && p.grantedAt - sentAt < 0) {
            // In line, says a renewal sent after the grant was learned: the store has forgotten the grant.
            gone(p, "the store has put it back in line");
            undo(p);
        }
    }

    // ---- limits
    // ---------------------------------------------------------------------------------------------------------

    private void armLimit(Waiter w) {
        if (w.patience != Patience.ENDLESS) {
            long limit = w.isTry()
                    ? client.settings().operationTimeout().toNanos()
                    : w.options.waitLimit().map(Durations::saturatedNanos).orElse(Long.MAX_VALUE);
            if (limit != Long.MAX_VALUE) {
                long spent = client.clock().nanoTime() - w.since;
                w.timer = client.schedule(() -> deliver(() -> limitPassed(w)), Math.max(0, limit - spent));
            }
        }
    }

    private void limitPassed(Waiter w) {
        if (!remove(w)) {
            return;
        }
        Place p = contention;
        boolean storeDecides = hold == null && kept == null;
        boolean unanswered = granted == null && (p == null ? attemptFailed() : !p.acknowledged);
        if (storeDecides && (unanswered || client.outage().isOn())) {
            w.fail(client.failures().unavailable(name, "the store gave no answer within the wait limit", lastFailure));
        } else {
            w.settle(Waiter.State.REFUSED);
        }
        pump();
        dropIfIdle();
    }

    /** Without a contender: a store that does not queue has answered busy, any other has not answered at all. */
    private boolean attemptFailed() {
        return client.capabilities().queues() || lastFailure != null;
    }

    private void armMaximum(Hold h, LockOptions options) {
        if (options.maximumHold().isEmpty()) {
            return;
        }
        long asked = Durations.saturatedNanos(options.maximumHold().get());
        long left = asked - (h.count() > 1 ? 0 : client.clock().nanoTime() - h.acquiredAt);
        if (h.count() > 1) {
            if (h.maximumTimer == null) {
                return; // the outer level has no limit, and an inner one shortens nothing
            }
            long end = client.clock().nanoTime() - h.acquiredAt + asked;
            if (end <= h.maximumNanos) {
                return;
            }
            h.maximumNanos = end;
            h.maximumTimer.cancel();
        }
        String why = "its maximum hold passed";
        h.maximumTimer = client.schedule(() -> deliver(() -> maximumPassed(h, why)), Math.max(0, left));
    }

    private void maximumPassed(Hold h, String why) {
        // An inner level may have moved the end while this event was under way.
        if (client.clock().nanoTime() - h.acquiredAt >= h.maximumNanos) {
            endByForce(h, why);
        }
    }

    // ---- closing
    // --------------------------------------------------------------------------------------------------------

    /** Ends every wait and hold because the client closes; what a minimum hold keeps stays for the moment. */
    void close(boolean releaseInStore) {
        enter(() -> {
            failAll(client.closedException(name));
            abandonContention();
            Hold h = hold;
            Place p = granted;
            if (h != null) {
                hold = null;
                announce(h, "the client was closed");
            }
            if (p != null && kept == null) {
                if (releaseInStore) {
                    giveBack(p);
                } else {
                    granted = null;
                    p.session.untrack(p);
                }
            }
            dropIfIdle();
            return true;
        });
    }

    // ---- small parts
    // ----------------------------------------------------------------------------------------------------

    private boolean remove(Waiter w) {
        boolean was = !w.settled() && waiters.remove(w);
        if (was) {
            client.counters().waiting.decrement();
        }
        return was;
    }

    private void settle(Waiter w, Waiter.State end) {
        client.counters().waiting.decrement();
        w.settle(end);
    }

    private void settleFailed(Waiter w, RuntimeException why) {
        client.counters().waiting.decrement();
        w.fail(why);
    }

    private void failAll(RuntimeException why) {
        for (Waiter w = waiters.poll(); w != null; w = waiters.poll()) {
            settleFailed(w, why);
        }
    }

    /** Leaves nothing behind of a name that is not in use. */
    private void dropIfIdle() {
        if (!dropped && waiters.isEmpty() && hold == null && granted == null && contention == null && kept == null) {
            cancelRetry();
            dropped = true;
            client.drop(this);
            after(client::backgroundMoved);
        }
    }
}
