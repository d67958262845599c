// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.Response;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How far a session has seen etcd's data go, so that data that went back is noticed: a backup that was restored (rule ME-9). Thread-safe.
 *
 * <p>Only transactions are compared. Every one of ours goes through etcd's log or is a linearizable read, so one that was sent after a
 * revision was seen is answered with that revision or a later one, by whichever member. A keep-alive's header is not compared: it tells
 * how far the member is that answered, and a follower may lag behind. Nor is the raft term: a member that got its data as a snapshot may
 * tell an older one.
 */
final class SeenData {
    private final long cluster;
    private final AtomicLong revision;

    SeenData(Response.Header atOpening) {
        this.cluster = atOpening.getClusterId();
        this.revision = new AtomicLong(atOpening.getRevision());
    }

    /** To be read before a transaction leaves. */
    long revision() {
        return revision.get();
    }

    /**
     * Compares an answer.
     *
     * @param answer of a transaction
     * @param known what {@link #revision()} was before it left
     * @return whether it comes from the data that was seen before, or from what that has become
     */
    boolean goesOn(Response.Header answer, long known) {
        revision.accumulateAndGet(answer.getRevision(), Math::max);
        return answer.getClusterId() == cluster && answer.getRevision() >= known;
    }
}
