// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

import io.holdfast.spi.Capabilities;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.LockScheduler.Scheduled;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * When a session is renewed, and when its deadlines are looked at: one timer a session, on its own and not tied to any answer.
 *
 * <p>A round is sent every third of a lease (or as the backend asks), again after a tenth of a lease while one is unanswered, and
 * soon after a failure; several may be in flight. So a store that answers within half a lease keeps every hold even when one
 * round is lost (rules KE-1, KE-2). Nothing that goes wrong in a round ends the schedule.
 */
final class RenewalSchedule {
    private static final int MOST_IN_FLIGHT = 8;
    private static final long SHORTEST_PAUSE = 1_000_000L;

    /** The wall clock is read in milliseconds; two readings differ by so much without meaning anything. */
    private static final long WALL_CLOCK_GRAIN = 2_000_000L;

    private final EngineClient client;
    private final StoreSession session;
    private final Capabilities capabilities;
    private final long leaseNanos;

    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock.
    private @Nullable Scheduled timer;
    private long timerAt;
    private long lastSent;
    private long lastAcknowledged;
    private int inFlight;
    private boolean lastFailed;
    private boolean urgent;
    private boolean stopped;
    /** Nothing needs a renewal. Between two ticks only: a place that comes during one finds the schedule at work. */
    private boolean idle;

    private long wallOffset;

    RenewalSchedule(EngineClient client, StoreSession session) {
        this.client = client;
        this.session = session;
        this.capabilities = client.capabilities();
        this.leaseNanos = session.leaseNanos();
        long now = client.clock().nanoTime();
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
        long now = client.clock().nanoTime();
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
            inFlight--;
            lastFailed = false;
            if (sentAt - lastAcknowledged > 0) {
                lastAcknowledged = sentAt;
            }
        });
        plan();
    }

    void failed() {
        locked(() -> {
            inFlight--;
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
        long now = client.clock().nanoTime();
        if (wallClockRanAhead()) {
            session.suspended(now);
        }
        if (!session.lease().alive()) {
            session.end(EngineClient.LEASE_PASSED, true);
            return;
        }
        for (Place p : session.places()) {
            if (!p.lease.alive()) {
                p.state.deliver(() -> p.state.expired(p));
            } else if (p.grant != null && p.lease.scarce()) {
                p.state.deliver(() -> p.state.suspect(p));
            }
        }
        boolean send = false;
        lock.lock();
        try {
            if (!stopped && now - due() >= 0 && inFlight < MOST_IN_FLIGHT && needed()) {
                send = true;
                urgent = false;
                lastFailed = false;
                lastSent = now;
                inFlight++;
            }
        } finally {
            lock.unlock();
        }
        if (send) {
            client.forgottenHolds().end();
            client.callStore(() -> session.renew(now), false);
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
        return client.clock().wallMillis() * 1_000_000L - client.clock().nanoTime();
    }

    /** With a lease of its own the session is renewed even when idle; otherwise only what has a place needs it. */
    private boolean needed() {
        return capabilities.scope() == LeaseScope.SESSION || session.hasPlaces();
    }

    /** Guarded by lock. */
    private long due() {
        if (urgent) {
            return lastSent;
        }
        if (lastFailed) {
            return lastSent + Math.max(leaseNanos / 20, SHORTEST_PAUSE);
        }
        if (inFlight > 0) {
            return lastSent + leaseNanos / 10;
        }
        return lastAcknowledged + interval();
    }

    private long interval() {
        int renewals = capabilities.holdingRenewals();
        for (Place p : session.places()) {
            if (p.grant == null) {
                renewals = Math.max(renewals, capabilities.waitingRenewals());
                break;
            }
        }
        return leaseNanos / renewals;
    }

    /** Sets the timer for what comes first: the next round, or the next deadline. */
    private void plan() {
        long now = client.clock().nanoTime();
        long deadline = Long.MAX_VALUE;
        if (!session.lease().endless()) {
            deadline = session.lease().remaining();
        }
        for (Place p : session.places()) {
            if (!p.lease.endless() && capabilities.scope() == LeaseScope.GRANT) {
                deadline = Math.min(deadline, p.lease.remaining());
            }
        }
        lock.lock();
        try {
            idle = !needed();
            if (!idle) {
                long wait = inFlight >= MOST_IN_FLIGHT ? leaseNanos / 10 : Math.max(due() - now, 0);
                setTimer(now, Math.min(wait, deadline));
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
        }
        timerAt = at;
        timer = client.schedule(this::fire, pause);
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
