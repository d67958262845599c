// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.LockException;
import io.holdfast.consul.Agent.Asker;
import io.holdfast.spi.line.Seat;
import io.holdfast.spi.line.Ticket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The second look of a renewal round: whether the session is there, with nothing older than what it has seen; whether the keys of its
 * contenders are still its own; and, of those in line, whether the one before is still there, for a wake-up that was lost (rules
 * LO-5, WA-7). Not thread-safe.
 */
final class Checks {
    private static final String WHAT = "check";

    private final ConsulSession session;
    private final ArrayDeque<ConsulContender> left;
    private final Map<Ticket, Seat> seats = new HashMap<>();
    private final List<ConsulContender> awake = new ArrayList<>();

    // Of one transaction.
    private final Map<Integer, ConsulContender> owns = new HashMap<>();
    private final Map<Integer, ConsulContender> before = new HashMap<>();

    Checks(ConsulSession session, List<ConsulContender> contenders) {
        this.session = session;
        this.left = new ArrayDeque<>(contenders);
    }

    /** Of the contenders that the first request asked for: those whose keys are gone. The others are as they were. */
    Map<Ticket, Seat> seats() {
        return Map.copyOf(seats);
    }

    /** Looks at the session, and at as many contenders as go into the same request. */
    void first(Asker asker) {
        List<OwnKey> keys = session.own().both();
        // Known before the request is sent: what another thread writes while it is on the way is newer, never older.
        List<Long> known = keys.stream().map(OwnKey::newest).toList();
        Txn txn = new Txn().checkSession(keys.get(0).key(), session.id());
        for (int i = 0; i < keys.size(); i++) {
            txn.checkIndex(keys.get(i).key(), known.get(i));
        }
        fill(txn);
        Txn.Outcome outcome = session.agent().transact(txn, WHAT, asker);
        if (outcome.refusedAt(0)) {
            session.lost("the session's key " + keys.get(0).key() + " is not its own any more");
            throw session.failures().unavailable(WHAT, "the session's key is not its own any more");
        }
        for (int i = 0; i < keys.size(); i++) {
            if (outcome.refusedAt(i + 1)) {
                session.own().reread(keys.get(i), WHAT, asker);
            }
        }
        for (ConsulContender gone : note(outcome)) {
            seats.put(gone.ticket(), Seat.GONE);
            session.forget(gone);
        }
    }

    /** Looks at the others, and at the line for those whose turn may have come: the renewal does not wait for it. */
    void goOn() {
        if (!left.isEmpty() || !awake.isEmpty()) {
            Tasks.run(session.options().runtime(), this::others, why -> {}); // the next round asks again
        }
    }

    private void others() {
        while (!left.isEmpty()) {
            Txn txn = new Txn();
            fill(txn);
            try {
                if (txn.size() > 0) {
                    note(session.agent().transact(txn, WHAT, session.asker())).forEach(session::gone);
                }
            } catch (LockException e) {
                // Nothing was learned of these, and the renewal stands: the next round asks again.
            }
        }
        awake.forEach(this::look);
    }

    private void fill(Txn txn) {
        owns.clear();
        before.clear();
        while (!left.isEmpty() && txn.size() + 2 <= Txn.LIMIT) {
            ConsulContender contender = left.remove();
            KeyEntry own = contender.lookedFor();
            if (own == null) {
                continue;
            }
            owns.put(txn.size(), contender);
            txn.checkSession(own.key(), session.id());
            KeyEntry predecessor = contender.isWaiting() ? contender.predecessor() : null;
            if (predecessor != null && predecessor.isDead()) {
                // Nothing happens to it by itself, so no check would ever fail: somebody must have its lease measured.
                awake.add(contender);
            } else if (predecessor != null) {
                before.put(txn.size(), contender);
                txn.checkIndex(predecessor.key(), predecessor.modified());
            }
        }
    }

    /** Takes an answer in. @return whose keys are gone */
    private List<ConsulContender> note(Txn.Outcome outcome) {
        List<ConsulContender> gone = new ArrayList<>();
        for (Txn.Refusal refusal : outcome.refusals()) {
            ConsulContender own = owns.remove(refusal.operation());
            if (own != null) {
                gone.add(own);
            }
            ConsulContender next = before.get(refusal.operation());
            if (next != null) {
                awake.add(next);
            }
        }
        for (ConsulContender contender : owns.values()) {
            if (contender.predecessor() != null) {
                session.waitFor(contender); // its watch may have found no thread
            }
        }
        return gone;
    }

    private void look(ConsulContender contender) {
        try {
            contender.look(session.asker());
        } catch (LockException e) {
            // The next round, or its own watch, looks again.
        }
    }
}
