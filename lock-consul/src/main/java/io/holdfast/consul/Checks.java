// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.LockException;
import io.holdfast.spi.Contender;
import io.holdfast.spi.ContenderStatus;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The second look at contenders in a renewal round: whether their keys are still the session's, and, of those in line, whether the
 * one before is still there, for a wake-up that was lost (rules LO-5, WA-7). Not thread-safe.
 */
final class Checks {
    private final ConsulSession session;
    private final Map<Long, ContenderStatus> statuses = new HashMap<>();
    private final List<ConsulContender> awake = new ArrayList<>();

    // Of one transaction.
    private Txn txn = new Txn();
    private final Map<Integer, ConsulContender> owns = new HashMap<>();
    private final Map<Integer, ConsulContender> before = new HashMap<>();

    Checks(ConsulSession session) {
        this.session = session;
    }

    /** Asks for all of them: one request for every few dozen. What could not be asked is not in the answer. */
    Map<Long, ContenderStatus> of(Collection<Contender> contenders) {
        for (Contender one : contenders) {
            if (one instanceof ConsulContender contender) {
                add(contender);
            }
        }
        flush();
        if (!awake.isEmpty()) {
            session.execute(() -> awake.forEach(this::look));
        }
        return statuses;
    }

    private void add(ConsulContender contender) {
        Entry own = contender.lookedFor();
        if (own == null) {
            return;
        }
        if (txn.size() + 2 > Txn.LIMIT) {
            flush();
        }
        owns.put(txn.size(), contender);
        txn.checkSession(own.key(), session.id());
        Entry predecessor = contender.isWaiting() ? contender.predecessor() : null;
        if (predecessor != null) {
            before.put(txn.size(), contender);
            txn.checkIndex(predecessor.key(), predecessor.modified());
        }
    }

    private void flush() {
        if (txn.size() > 0) {
            try {
                note(session.agent().transact(txn, "check", session.asker()));
            } catch (LockException e) {
                // Nothing was learned of these, and the renewal stands: the next round asks again.
            }
        }
        txn = new Txn();
        owns.clear();
        before.clear();
    }

    private void note(Txn.Outcome outcome) {
        for (Txn.Refusal refusal : outcome.refusals()) {
            ConsulContender gone = owns.remove(refusal.operation());
            if (gone != null) {
                statuses.put(gone.request().contenderId(), ContenderStatus.GONE);
                gone.gone();
            }
            ConsulContender next = before.get(refusal.operation());
            if (next != null) {
                awake.add(next);
            }
        }
        owns.values().forEach(contender -> statuses.put(contender.request().contenderId(), contender.status()));
    }

    private void look(ConsulContender contender) {
        try {
            contender.look(session.asker());
        } catch (LockException e) {
            // The next round, or its own watch, looks again.
        }
    }
}
