// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.session;

import io.holdfast.internal.context.Engine;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.LockScheduler.Scheduled;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * When a session is renewed, and when its deadlines are looked at: one timer a session, on its own and not tied to any answer.
 *
 * <p>A round is sent every third of a lease (or as the backend asks), again after a tenth of a lease while one is unanswered, and
 * soon after a failure; several may be in flight. So a store that answers within half a lease keeps every hold even when one
 * round is lost (rules KE-1, KE-2). Nothing that goes wrong in a round ends the schedule, and no round that hangs slows it below
 * that (rule KE-3).
 */
final class RenewalSchedule {
    /** With so many rounds unanswered an urgent one has nothing new to ask: it waits for its tenth of a lease. */
    private static final int MANY = 8;

    private static final long SHORTEST_PAUSE = 1_000_000L;

    /** The wall clock is read in milliseconds; two readings differ by so much without meaning anything. */
    private static final long WALL_CLOCK_GRAIN = 2_000_000L;

    private final Engine engine;
    private final LeaseDeadline lease;
    private final Collection<Leased> places;
    private final Rounds rounds;
    private final Capabilities capabilities;
    private final long leaseNanos;

    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock.
    private @Nullable Scheduled timer;
    private long timerAt;
    private long lastSent;
    private long lastAcknowledged;
    /** When the rounds were sent that are not answered and had less than half a lease for it; the oldest first (rule KE-3). */
    private final ArrayDeque<Long> unanswered = new ArrayDeque<>(4);

    private boolean lastFailed;
    private boolean urgent;
    private boolean stopped;
    /** Nothing needs a renewal. Between two ticks only: a place that comes during one finds the schedule at work. */
    private boolean idle;

    private long wallOffset;

    /** What it finds out and asks for; called by its timer, at most one call at a time. */
    interface Rounds {
        /** A round is due. */
        void send(long now);

        /** The session's lease has passed. */
        void leasePassed();

        /** The machine may have been suspended. */
        void suspended(long now);
    }

    /**
     * The schedule of one session.
     *
     * @param engine the client's context
     * @param lease of the session
     * @param places as they are now, at each look
     * @param rounds told what is due
     */
    RenewalSchedule(Engine engine, LeaseDeadline lease, Collection<Leased> places, Rounds rounds) {
        this.engine = engine;
        this.lease = lease;
        this.places = places;
        this.rounds = rounds;
        this.capabilities = engine.capabilities();
        this.leaseNanos = lease.leaseNanos();
        long now = engine.clock().nanoTime();
        this.lastSent = now;
        this.lastAcknowledged = now;
        this.wallOffset = wallOffset();
    }

    void start() {
        plan();
    }

    void stop() {
        locked(() -> {
            stopped = true;
            if (timer != null) {
                timer.cancel();
            }
        });
    }

    /**
     * A place came: an idle schedule starts, a slow one may have to go faster. Called for every contender, so it looks at no
     * place but counts on the tick to do so.
     */
    void placeCame() {
        long now = engine.clock().nanoTime();
        lock.lock();
        try {
            if (idle) {
                idle = false;
                lastAcknowledged = now; // the place was asked for just now, nothing older needs a renewal
            }
            setTimer(now, leaseNanos / Math.max(capabilities.waitingRenewals(), capabilities.holdingRenewals()));
        } finally {
            lock.unlock();
        }
    }

    void renewNow() {
        locked(() -> urgent = true);
        plan();
    }

    void acknowledged(long sentAt) {
        locked(() -> {
            unanswered.remove(sentAt);
            lastFailed = false;
            if (sentAt - lastAcknowledged > 0) {
                lastAcknowledged = sentAt;
            }
        });
        plan();
    }

    void failed(long sentAt) {
        locked(() -> {
            unanswered.remove(sentAt);
            lastFailed = true;
        });
        plan();
    }

    boolean acknowledgedSince(long time) {
        lock.lock();
        try {
            return lastAcknowledged - time >= 0;
        } finally {
            lock.unlock();
        }
    }

    private void tick() {
        try {
            look();
        } finally {
            plan();
        }
    }

    /** Looks at deadlines first, so that nothing dead is renewed (rule ME-4); then sends what is due. */
    private void look() {
        long now = engine.clock().nanoTime();
        if (wallClockRanAhead()) {
            rounds.suspended(now);
        }
        if (!lease.alive()) {
            rounds.leasePassed();
            return;
        }
        for (Leased p : places) {
            if (!p.lease.alive()) {
                p.expired();
            } else if (p.isGranted() && p.lease.scarce()) {
                p.suspect();
            }
        }
        boolean send = false;
        lock.lock();
        try {
            forgetHanging(now);
            if (!stopped && now - due() >= 0 && needed()) {
                send = true;
                urgent = false;
                lastFailed = false;
                lastSent = now;
                unanswered.add(now);
            }
        } finally {
            lock.unlock();
        }
        if (send) {
            rounds.send(now);
        }
    }

    /**
     * nanoTime stands still while the machine is suspended, the store's clock does not: when the wall clock ran ahead of it by
     * more than the margin, what we believe of our leases is doubtful.
     */
    private boolean wallClockRanAhead() {
        long offset = wallOffset();
        lock.lock();
        try {
            long ahead = offset - wallOffset;
            wallOffset = offset;
            long tolerated = leaseNanos / LeaseDeadline.MARGIN_DIVISOR + WALL_CLOCK_GRAIN;
            return capabilities.scope() != LeaseScope.NONE && ahead > tolerated;
        } finally {
            lock.unlock();
        }
    }

    private long wallOffset() {
        return engine.clock().wallMillis() * 1_000_000L - engine.clock().nanoTime();
    }

    /** With a lease of its own the session is renewed even when idle; otherwise only what has a place needs it. */
    private boolean needed() {
        return capabilities.scope() == LeaseScope.SESSION || !places.isEmpty();
    }

    /**
     * A round that half a lease did not answer tells nothing any more, and is not waited for: a store whose requests hang for longer
     * would otherwise use up what may be in flight, and not be asked when it is back (rule KE-3). Guarded by lock.
     */
    private void forgetHanging(long now) {
        while (!unanswered.isEmpty() && now - unanswered.element() > leaseNanos / 2) {
            unanswered.remove();
        }
    }

    /** Guarded by lock. */
    private long due() {
        if (urgent && unanswered.size() < MANY) {
            return lastSent;
        }
        if (lastFailed) {
            return lastSent + Math.max(leaseNanos / 20, SHORTEST_PAUSE);
        }
        if (!unanswered.isEmpty()) {
            return lastSent + leaseNanos / 10;
        }
        return lastAcknowledged + interval();
    }

    private long interval() {
        int renewals = capabilities.holdingRenewals();
        for (Leased p : places) {
            if (!p.isGranted()) {
                renewals = Math.max(renewals, capabilities.waitingRenewals());
                break;
            }
        }
        return leaseNanos / renewals;
    }

    /** Sets the timer for what comes first: the next round, or the next deadline. */
    private void plan() {
        long now = engine.clock().nanoTime();
        long deadline = Long.MAX_VALUE;
        if (!lease.endless()) {
            deadline = lease.remaining();
        }
        for (Leased p : places) {
            if (!p.lease.endless() && capabilities.scope() == LeaseScope.GRANT) {
                deadline = Math.min(deadline, p.lease.remaining());
            }
        }
        lock.lock();
        try {
            idle = !needed();
            if (!idle) {
                setTimer(now, Math.min(Math.max(due() - now, 0), deadline));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Has the next tick come after a pause, or earlier when one is set already. Guarded by lock. */
    private void setTimer(long now, long pause) {
        long at = now + pause;
        if (stopped || (timer != null && timerAt - at <= 0)) {
            return;
        }
        if (timer != null) {
            timer.cancel();
            // A scheduler that throws must not leave the cancelled one to be taken for one that is set (rule SP-7).
            timer = null;
        }
        timer = engine.schedule(this::fire, pause);
        timerAt = at;
    }

    private void fire() {
        locked(() -> timer = null);
        tick();
    }

    private void locked(Runnable action) {
        lock.lock();
        try {
            action.run();
        } finally {
            lock.unlock();
        }
    }
}
