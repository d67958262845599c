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
 * follower hands the touches of its clients on with the leader's next ping, and may die before. So a write confirms what had been
 * acknowledged a tick or more before it was sent, and before the second write only the session's opening counts. When the earlier one
 * was <em>sent</em> says nothing: writes that were sent apart can arrive together, with no ping between them.
 */
final class Basis {
    private final long tickNanos;

    // Guarded by this.
    private final Deque<Touch> unconfirmed = new ArrayDeque<>();
    private @Nullable Long basis;

    /** The follower had the touch at some time between the two. */
    private record Touch(long sentAt, long acknowledgedAt) {}

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

    /** A write was acknowledged. Writes are acknowledged in the order of their sending. */
    synchronized void acknowledged(long sentAt, long acknowledgedAt) {
        while (!unconfirmed.isEmpty() && sentAt - unconfirmed.getFirst().acknowledgedAt() >= tickNanos) {
            long confirmed = unconfirmed.removeFirst().sentAt();
            if (basis == null || confirmed - basis > 0) {
                basis = confirmed;
            }
        }
        unconfirmed.addLast(new Touch(sentAt, acknowledgedAt));
    }

    synchronized @Nullable Long get() {
        return basis;
    }

    /** Whether nothing is known of it, or it lies further back than this. */
    synchronized boolean isOlderThan(Duration age, long now) {
        return basis == null || now - basis > age.toNanos();
    }
}
