// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.holdfast.spi.line.Ticket;
import org.jspecify.annotations.Nullable;

/**
 * What etcd has of a contender, as far as its requests have shown: a key under the session's lease, first in line when no key of the line
 * was created before it. Thread-safe; knows nobody but its session.
 */
final class EtcdContender {
    private final EtcdSession session;
    private final Ticket ticket;
    private final ContenderKey key;

    // Guarded by this.
    private long created;
    private boolean settled;
    private @Nullable Lane lane;
    private @Nullable Place place;
    private @Nullable Place watched;

    EtcdContender(EtcdSession session, Ticket ticket, ContenderKey key) {
        this.session = session;
        this.ticket = ticket;
        this.key = key;
    }

    Ticket ticket() {
        return ticket;
    }

    ContenderKey key() {
        return key;
    }

    /** The request is about to be sent, by a lane. */
    synchronized void sending(Lane taken) {
        lane = taken;
    }

    /** The key was put, and the lane written. */
    synchronized void entered(long revision) {
        created = revision;
        if (lane != null) {
            lane.advance(revision);
        }
    }

    /** The lane of a request that was sent, and of which it is not known what it has done to it. */
    synchronized Lane lane() {
        if (lane == null) {
            throw new IllegalStateException("nothing of it is on the way");
        }
        return lane;
    }

    /** Takes its lane from it. @return the lane, once; null afterwards, and when it has none */
    synchronized @Nullable Lane leaveLane() {
        Lane left = lane;
        lane = null;
        return left;
    }

    /** etcd has looked at its request for the last time: what is not there will not come. */
    synchronized void settle() {
        settled = true;
    }

    synchronized boolean isSettled() {
        return settled;
    }

    /** Where it stood when it was seen last; null for one that is first, or was never seen. */
    synchronized @Nullable Place place() {
        return place;
    }

    synchronized void standsAt(@Nullable Place seen) {
        place = seen;
    }

    /** It is to be watched there. @return whether it is not already */
    synchronized boolean watches(Place at) {
        boolean news = !at.equals(watched);
        watched = at;
        return news;
    }

    synchronized void watchesNothing() {
        watched = null;
    }

    /** The create revision of its key; 0 when it is not known that it has one. */
    synchronized long created() {
        return created;
    }

    /** Something happened before it in line, or may have. */
    void look() {
        session.woken(this);
    }

    @Override
    public String toString() {
        return ticket + " as " + key.text();
    }
}
