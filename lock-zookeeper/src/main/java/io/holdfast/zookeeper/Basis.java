// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * From when the session's lease is counted (rule ME-2); thread-safe.
 *
 * <p>An acknowledged write proves that the session lived in the whole ensemble, but not that its own touch has reached the leader: a
 * follower hands the touches of its clients on with the leader's next ping, and may die before. So a write confirms what was sent a
 * tick or more before it, and before the second write only the session's opening counts.
 */
final class Basis {
    private final long tickNanos;

    // Guarded by this.
    private final Deque<Long> unconfirmed = new ArrayDeque<>();
    private @Nullable Long basis;

    /**
     * A session's basis.
     *
     * @param tick by when a touch has reached the leader
     * @param opened when the session was asked for, on the monotonic clock; null when somebody else opened it
     */
    Basis(Duration tick, @Nullable Long opened) {
        this.tickNanos = tick.toNanos();
        this.basis = opened;
    }

    /** A write that was sent at this time was acknowledged. Writes are acknowledged in the order of their sending. */
    synchronized void acknowledged(long sentAt) {
        while (!unconfirmed.isEmpty() && sentAt - unconfirmed.getFirst() >= tickNanos) {
            long confirmed = unconfirmed.removeFirst();
            if (basis == null || confirmed - basis > 0) {
                basis = confirmed;
            }
        }
        unconfirmed.addLast(sentAt);
    }

    synchronized @Nullable Long get() {
        return basis;
    }

    /** Whether nothing is known of it, or it lies further back than this. */
    synchronized boolean isOlderThan(Duration age, long now) {
        return basis == null || now - basis > age.toNanos();
    }
}
