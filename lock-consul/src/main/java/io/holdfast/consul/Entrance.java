// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.consul.Agent.Asker;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A contender's way into its line, giving up another place in the same step: one transaction, sent again when something else had
 * changed what it compares. Not thread-safe.
 */
final class Entrance {
    /** How often undos of other names may refuse a contend before it counts as refused. */
    private static final int ATTEMPTS = 5;

    private final ConsulSession session;
    private final LockRequest request;
    private final String key;
    private final OwnKey lane;

    /** The place that is given up with it; null when there is none, or none any more. */
    private @Nullable Entry old;

    /**
     * One for a single contend.
     *
     * @param key the contender's
     * @param lane that no other contend on its way has
     */
    Entrance(ConsulSession session, LockRequest request, String key, OwnKey lane) {
        this.session = session;
        this.request = request;
        this.key = key;
        this.lane = lane;
        Grant given = request.releasing();
        this.old = given == null ? null : session.entryOf(given);
    }

    /**
     * What a contend has brought.
     *
     * @param own the contender's entry
     * @param line everybody's
     * @param released whether the grant given up with it was still there
     */
    record Entered(Entry own, Line line, boolean released) {}

    /** Takes the place, and shows the line. */
    Entered enter(Call call) {
        Asker asker = session.agent().asker(session.options().runtime(), call);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int deletion = old == null ? -1 : 2;
            Txn.Outcome outcome = session.agent().transact(transaction(attempt), "contend", asker);
            if (outcome.done()) {
                lane.told(outcome.entries());
                return entered(outcome);
            }
            if (session.isDead(outcome)) {
                throw session.failures().unavailable("contend", "the session has ended");
            }
            if (outcome.refusedAt(deletion) && old != null) {
                // Written by a stranger, who changed its index, or another one by now: then ours was gone before.
                Entry now = session.agent().entry(old.key(), "contend", asker);
                old = now != null && now.isSame(old) ? now : null;
            } else if (outcome.refusedAt(0)) {
                session.readGuard(asker); // an undo of another name came in between, nothing else
            } else {
                throw session.failures().malformed("contend, refused with " + outcome.why() + ",");
            }
        }
        throw session.failures().unavailable("contend", "refused by undos of other locks, again and again");
    }

    private Txn transaction(int attempt) {
        Txn txn = session.guarded();
        if (old != null) {
            session.noted(txn.show(old.key()).delete(old.key(), old.modified()));
        }
        // Another value each time: Consul leaves a key at its index when the same is written again.
        String once = Long.toString(request.contenderId()) + "-" + attempt;
        txn.checkMissing(key).lock(key, session.id(), session.mark());
        return txn.check(lane)
                .lock(lane.key(), session.id(), once)
                .show(session.keys().line(request.name()));
    }

    private Entered entered(Txn.Outcome outcome) {
        // A grant that is given up shows in what was read before it was deleted.
        Entry gone = old;
        boolean released = gone == null
                ? request.releasing() == null
                : outcome.entries().stream().anyMatch(gone::isSame);
        session.gaveUp(outcome, request.releasing()); // deleted now, or by somebody else before
        List<Entry> others = outcome.entries().stream()
                .filter(entry -> gone == null || !entry.isSame(gone))
                .toList();
        Line line = Line.of(others, session.keys().line(request.name()));
        int place = line.place(key, session.id());
        if (place < 0) {
            throw session.failures().malformed("contend");
        }
        return new Entered(line.entries().get(place), line, released);
    }
}
