// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.session;

import io.holdfast.spi.LockClock;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * How long something is provably kept by the store: basis + lease - margin on the monotonic clock (rule ME-2).
 *
 * <p>Once anybody has seen the deadline pass it is over for good (rule ME-4): a late acknowledgement cannot bring it back, not
 * even one that was on its way when the deadline passed. The basis and that verdict are therefore one atomic value. Thread-safe.
 */
public final class LeaseDeadline {
    /** The share of a lease that is not relied on: clock rates of client and store may differ by so much. */
    static final int MARGIN_DIVISOR = 100;

    static final String PASSED = "its lease passed without an acknowledged renewal";

    private static final long OVER = Long.MIN_VALUE;

    private final LockClock clock;
    private final boolean endless;
    private final long leaseNanos;
    private final long validNanos;
    private final AtomicLong basis;

    /** Why it was ended before its time; null when it passed. Written before the basis. */
    private volatile @Nullable String ended;

    LeaseDeadline(LockClock clock, long leaseNanos, boolean endless, long basis) {
        this.clock = clock;
        this.endless = endless;
        this.leaseNanos = leaseNanos;
        this.validNanos = leaseNanos - leaseNanos / MARGIN_DIVISOR;
        this.basis = new AtomicLong(basis);
    }

    /** Whether it has not passed; whoever sees it pass ends it. */
    public boolean alive() {
        while (true) {
            long b = basis.get();
            if (b == OVER) {
                return false;
            }
            if (endless || clock.nanoTime() - b < validNanos) {
                return true;
            }
            // Fails when an acknowledgement moved the basis meanwhile: then look again.
            if (basis.compareAndSet(b, OVER)) {
                return false;
            }
        }
    }

    /** Moves the basis forward, unless the deadline has passed. */
    boolean extend(long newBasis) {
        while (alive()) {
            long b = basis.get();
            if (b == OVER || newBasis - b <= 0) {
                return b != OVER;
            }
            if (basis.compareAndSet(b, newBasis)) {
                return true;
            }
        }
        return false;
    }

    /** Ends it before its time, if it has not passed: whoever sees it over is told this reason (rule LO-8). */
    void end(String why) {
        if (alive()) {
            ended = why;
        }
        basis.set(OVER);
    }

    /** Why it is over. */
    public String whyOver() {
        String why = ended;
        return why == null ? PASSED : why;
    }

    /** Nanoseconds left; zero when over. */
    public long remaining() {
        long b = basis.get();
        if (b == OVER || !alive()) {
            return 0;
        }
        return endless ? Long.MAX_VALUE : Math.max(0, validNanos - (clock.nanoTime() - b));
    }

    /** Whether it does not end, or is counted from this time or a later one. */
    boolean isSince(long time) {
        long b = basis.get();
        return endless || (b != OVER && b - time >= 0);
    }

    /** Whether less than a third of the lease is left: overdue, and too little to give to an owner. */
    boolean scarce() {
        return !endless && remaining() < leaseNanos / 3;
    }

    /** How long a lease is, in nanoseconds. */
    long leaseNanos() {
        return leaseNanos;
    }

    boolean endless() {
        return endless;
    }
}
