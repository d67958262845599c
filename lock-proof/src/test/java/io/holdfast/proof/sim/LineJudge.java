// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.proof.sim.StoreWitness.Cause;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** Judges the contenders in the store: rules UO-2 to UO-5 and OR-1. */
final class LineJudge {
    private final Judges judges;
    private final Map<String, Set<SimTicket>> inLine = new HashMap<>();
    private final Map<String, Long> freeSince = new HashMap<>();
    private final Map<String, Set<SimTicket>> gaveUp = new HashMap<>();
    private final Set<String> forced = new HashSet<>();
    private final Set<String> mayRegress = new HashSet<>();
    private final Map<String, Long> lastId = new HashMap<>();
    private final Map<String, Long> lastForced = new HashMap<>();

    LineJudge(Judges judges) {
        this.judges = judges;
    }

    /** Whether the store had nobody in line for a name all the time since then. */
    boolean wasFreeSince(String name, long time) {
        return freeSince.getOrDefault(name, 0L) < time
                && inLine.getOrDefault(name, Set.of()).isEmpty();
    }

    /** Whether the grant with this token was removed by force, or lost by the store. */
    boolean isForced(String name, long storeToken) {
        return forced.contains(name + " " + storeToken);
    }

    /** Whether somebody may not know yet that the store has taken a grant of this name away. */
    boolean wasForcedWithin(String name, long nanos) {
        Long last = lastForced.get(name);
        return last != null && judges.world().now() - last < nanos;
    }

    /** Whether the store has lost what it needs to keep the tokens of a name increasing. */
    boolean mayRegress(String name) {
        return mayRegress.contains(name);
    }

    void sent(SimTicket t, JudgedSession session) {
        if (t.contenderId <= lastId.getOrDefault(t.process, 0L)) {
            judges.fail("UO-2", "a contender id is used twice: " + t);
        }
        lastId.put(t.process, t.contenderId);
        if (judges.world().now() - session.link().client().lastResumed()
                < judges.settings().lease()) {
            return; // it was stopped, and may not have noticed yet
        }
        for (SimTicket undone : session.openUndos()) {
            long open = judges.world().now() - undone.withdrawnAt;
            if (open > judges.settings().lease() + 3 * judges.settings().operationTimeout()) {
                judges.fail(
                        "UO-5", "a new contender in a session with an undo open for " + open / 1_000_000 + " ms: " + t);
            }
        }
    }

    void placed(SimTicket t) {
        t.places++;
        t.removed = false;
        // Redis forgets a contender with its tombstone, after a lease or with data that
        // it loses: a copy that comes after that makes a place that dies by itself.
        boolean forgotten = t.tombstoneLost
                || (judges.settings().personality() == Personality.REDIS
                        && judges.world().now() - t.sentAt > judges.settings().lease() * 9 / 10);
        if (t.places > 1 && !forgotten) {
            judges.fail("UO-4", "a second place for one contender: " + t);
        }
        if (t.withdrawConfirmedAt >= 0 && !forgotten && judges.isExclusive()) {
            judges.fail("UO-2", "a place after its withdrawal was confirmed: " + t);
        }
        inLine.computeIfAbsent(t.name, n -> new LinkedHashSet<>()).add(t);
    }

    /** Whoever is first now must not have overtaken a place that was acknowledged before it was asked for. */
    void first(SimTicket t) {
        t.first = true;
        if (t.tokenMayRegress) {
            mayRegress.add(t.name);
        }
        for (SimTicket other : inLine.getOrDefault(t.name, Set.of())) {
            if (other != t && other.acknowledgedAt >= 0 && other.acknowledgedAt < t.sentAt && judges.isExclusive()) {
                judges.fail("OR-1", t + " was granted before " + other + ", whose place was older");
            }
        }
        for (SimTicket other : gaveUp.getOrDefault(t.name, Set.of())) {
            if (other.acknowledgedAt < t.sentAt && judges.waits().waitsSince(other)) {
                judges.fail("OR-1", t + " was granted before " + other + ", which was given up for no reason");
            }
        }
    }

    void removed(SimTicket t, Cause cause, SimTicket by) {
        if (by != null && by != t) {
            judges.fail("UO-3", "a request of " + by + " has removed " + t);
        }
        boolean wasInLine = t.acknowledgedAt >= 0 && !t.first && t.withdrawnAt >= 0;
        t.removed = true;
        Set<SimTicket> line = inLine.getOrDefault(t.name, Set.of());
        line.remove(t);
        if (line.isEmpty()) {
            freeSince.put(t.name, judges.world().now());
        }
        if (cause == Cause.FORCED || cause == Cause.FORGOTTEN) {
            forced.add(t.name + " " + t.token);
            lastForced.put(t.name, judges.world().now());
        } else if (wasInLine && cause != Cause.EXPIRED && cause != Cause.CLOSED) {
            gaveUp.computeIfAbsent(t.name, n -> new LinkedHashSet<>()).add(t);
        }
        forgetOld(t.name);
    }

    /** Places given up long ago were overtaken by everybody since. */
    private void forgetOld(String name) {
        Set<SimTicket> old = gaveUp.get(name);
        if (old != null && old.size() > 8) {
            old.remove(old.iterator().next());
        }
    }

    void returned(SimTicket t) {
        t.removed = false;
        inLine.computeIfAbsent(t.name, n -> new LinkedHashSet<>()).add(t);
    }
}
