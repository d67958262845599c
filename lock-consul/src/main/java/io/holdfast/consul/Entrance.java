// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.LockException;
import io.holdfast.consul.Agent.Asker;
import io.holdfast.spi.line.Entry;
import io.holdfast.spi.line.Seat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A contender's way into its line, giving up another place in the same step: one transaction, sent again when something else had
 * changed what it compares. Sent once, on one thread, which waits for the answer.
 */
final class Entrance implements Admission.Contend {
    /** How often undos of other names may refuse a contend before it counts as refused. */
    private static final int ATTEMPTS = 5;

    private final ConsulSession session;
    private final ConsulContender contender;
    private final boolean enqueue;
    private final @Nullable ConsulContender releasing;
    private final CompletableFuture<Entry> answer = new CompletableFuture<>();

    /** The place that is given up with it; null when there is none, or none any more. */
    private @Nullable KeyEntry old;

    /**
     * One for a single contend.
     *
     * @param enqueue whether it stays when somebody else holds
     * @param releasing whose grant is given up with it; null for none
     */
    Entrance(ConsulSession session, ConsulContender contender, boolean enqueue, @Nullable ConsulContender releasing) {
        this.session = session;
        this.contender = contender;
        this.enqueue = enqueue;
        this.releasing = releasing;
        this.old = releasing == null ? null : releasing.own();
    }

    CompletableFuture<Entry> answer() {
        return answer;
    }

    @Override
    public boolean send() {
        try {
            answer.complete(enter());
            return true;
        } catch (RuntimeException | Error e) {
            failed(session.failures().known(e));
            return contender.isUnwanted(); // which says nothing of Consul
        }
    }

    @Override
    public void refused() {
        failed(session.failures().unavailable("contend", "the client's executor takes no task"));
    }

    private void failed(LockException why) {
        if (contender.isSurelyNothing(why)) {
            session.forget(contender);
            answer.complete(Entry.refused(why));
        } else {
            answer.complete(Entry.undecided(why));
        }
    }

    /** Takes the place, and sees the line. */
    private Entry enter() {
        OwnKey lane = contender.begin();
        String key = contender.key().orElseThrow();
        Asker asker = session.agent().asker(session.options().runtime(), contender.call());
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int deletion = old == null ? -1 : 2;
            Txn.Outcome outcome = session.agent().transact(transaction(key, lane, attempt), "contend", asker);
            if (outcome.done()) {
                lane.told(outcome.entries());
                return entered(key, outcome);
            }
            if (session.isDead(outcome)) {
                throw session.failures().unavailable("contend", "the session has ended");
            }
            if (outcome.refusedAt(deletion) && old != null) {
                // Written by a stranger, who changed its index, or another one by now: then ours was gone before.
                KeyEntry now = session.agent().entry(old.key(), "contend", asker);
                old = now != null && now.isSame(old) ? now : null;
            } else if (outcome.refusedAt(0)) {
                session.own().readGuard(asker); // an undo of another name came in between, nothing else
            } else {
                throw session.failures().malformed("contend, refused with " + outcome.why() + ",");
            }
        }
        throw session.failures().unavailable("contend", "refused by undos of other locks, again and again");
    }

    private Txn transaction(String key, OwnKey lane, int attempt) {
        Txn txn = session.own().guarded();
        if (old != null) {
            session.own().noted(txn.show(old.key()).delete(old.key(), old.modified()));
        }
        // Another value each time: Consul leaves a key at its index when the same is written again.
        String once = contender.ticket().contenderId() + "-" + attempt;
        txn.checkMissing(key).lock(key, session.id(), session.mark());
        return txn.check(lane)
                .lock(lane.key(), session.id(), once)
                .show(session.keys().line(contender.ticket().name()));
    }

    private Entry entered(String key, Txn.Outcome outcome) {
        // A grant that is given up shows in what was read before it was deleted.
        KeyEntry gone = old;
        boolean released = gone != null && outcome.entries().stream().anyMatch(gone::isSame);
        session.gaveUp(outcome, releasing); // deleted now, or by somebody else before
        List<KeyEntry> others = gone == null
                ? outcome.entries()
                : outcome.entries().stream()
                        .filter(entry -> !entry.isSame(gone))
                        .toList();
        Line line = Line.of(others, session.keys().line(contender.ticket().name()));
        int place = line.place(key, session.id());
        if (place < 0) {
            throw session.failures().malformed("contend");
        }
        KeyEntry made = line.entries().get(place);
        // Known from here on: giving it up deletes this entry, and needs no undo.
        contender.entered(made);
        return Entry.at(seat(line, place, made), released);
    }

    private Seat seat(Line shown, int at, KeyEntry made) {
        // Who waits is in line at once, and looks after the dead in the background; a try has only this moment.
        // By its own call: giving it up, or closing, lets the thread go that looks after the dead, too.
        Line line = enqueue
                ? shown
                : session.cleared(
                        shown,
                        at,
                        contender.ticket().name(),
                        session.agent().asker(session.options().runtime(), contender.call()));
        int place = enqueue ? at : line.place(made.key(), session.id());
        if (place == 0) {
            contender.isFirstNow();
            return Seat.holding(made.created());
        }
        if (enqueue) {
            contender.stands(line, place, made.modified());
            return Seat.waiting(made.created(), 0);
        }
        session.own().remove(made, session.asker());
        session.forget(contender);
        return Seat.GONE;
    }
}
