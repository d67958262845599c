// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.proof.sim.Mutant.Edit;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The seeded faults. Their texts follow the sources: a change of the engine may have to change one here. */
final class Mutants {
    private static final List<Personality> SESSION_STORES =
            List.of(Personality.ETCD, Personality.CONSUL, Personality.ZOOKEEPER);

    private Mutants() {}

    static List<Mutant> all() {
        return Stream.concat(engine().stream(), LifeMutants.all().stream()).toList();
    }

    private static List<Mutant> engine() {
        return List.of(
                new Mutant(
                        "deadline counted from the reply",
                        List.of(Edit.engine(
                                "session/StoreSession",
                                "!lease.extend(session.basis())",
                                "!lease.extend(engine.clock().nanoTime())")),
                        Set.of("ME-1", "ME-2"),
                        Plot.SLOW_REPLIES,
                        SESSION_STORES),
                new Mutant(
                        "deadline counted from an acquire on a session store",
                        List.of(Edit.engine(
                                "session/StoreSession",
                                "        return session.contend(request);\n",
                                "        long before = engine.clock().nanoTime(); Contender c = session.contend(request);"
                                        + " c.answered().thenAccept(a -> lease.extend(before)); return c;\n")),
                        Set.of("ME-1", "ME-2"),
                        Plot.NO_RENEWALS,
                        SESSION_STORES),
                new Mutant(
                        "deadline counted from a waiter's wake-up",
                        List.of(
                                Edit.engine(
                                        "session/StoreSession",
                                        "p.lease.extend(grant.basis()) : p.lease.alive()",
                                        "p.lease.extend(engine.clock().nanoTime()) : p.lease.extend(engine.clock().nanoTime())")),
                        Set.of("ME-1", "ME-2"),
                        Plot.SLOW_REPLIES,
                        List.of(Personality.values())),
                new Mutant(
                        "no margin",
                        List.of(Edit.engine(
                                "session/LeaseDeadline", "leaseNanos - leaseNanos / MARGIN_DIVISOR", "leaseNanos")),
                        Set.of("ME-1", "ME-2"),
                        Plot.RATES,
                        List.of(Personality.REDIS, Personality.ETCD, Personality.CONSUL)),
                new Mutant(
                        "a dead session revived",
                        List.of(
                                Edit.engine("session/LeaseDeadline", "while (alive()) {", "while (validNanos > 0) {"),
                                Edit.engine(
                                        "session/LeaseDeadline",
                                        "if (basis.compareAndSet(b, OVER)) {",
                                        "if (basis.get() == b) {")),
                        Set.of("ME-1", "ME-2", "ME-4"),
                        Plot.PAUSES,
                        List.of(Personality.values())),
                new Mutant(
                        "an undo that hits the next contender",
                        List.of(Edit.backend(
                                "KeyedStore",
                                "if (s.epoch != epoch) {\n            return new Reply(Status.STALE_EPOCH, 0, s.epoch, false);"
                                        + "\n        }\n        s.epoch = nextRevision();",
                                "s.epoch = nextRevision();")),
                        Set.of("UO-3"),
                        Plot.COPIES,
                        List.of(Personality.ETCD, Personality.CONSUL)),
                new Mutant(
                        "a contend that is not bound to the undo's key",
                        List.of(Edit.backend("KeyedStore", "if (s.epoch != keys.epoch()) {", "if (false) {")),
                        Set.of("UO-2", "UO-4"),
                        Plot.COPIES,
                        List.of(Personality.ETCD, Personality.CONSUL)),
                new Mutant(
                        "a late reply accepted after cancel",
                        List.of(Edit.engine(
                                "client/Deliverable",
                                "            super.cancel(false);\n            withdraw();\n",
                                "            super.cancel(false);\n")),
                        Set.of("CR-1", "WA-7", "LK-1", "LK-2"),
                        Plot.CANCELS,
                        List.of(Personality.values())),
                new Mutant(
                        "a lost wake-up in the backend: the watch comes after the look",
                        List.of(Edit.backend(
                                "KeyedSession",
                                "            if (failure == null) {\n                events().woken(ticket);\n            } else {",
                                "            if (failure != null) {")),
                        Set.of("WA-7"),
                        Plot.STEADY,
                        List.of(Personality.ETCD, Personality.CONSUL)),
                new Mutant(
                        "a lost wake-up in the engine: an older renewal answers for the one that confirms",
                        List.of(
                                Edit.engine("name/Possession", "        p.session.tellWhenRenewed(home);\n", ""),
                                Edit.engine(
                                        "name/Possession",
                                        "            p.session.renewNow();\n",
                                        "            p.session.tellWhenRenewed(home);\n            p.session.renewNow();\n")),
                        Set.of("CR-1", "WA-7"),
                        Plot.SCARCE,
                        List.of(Personality.ZOOKEEPER)),
                new Mutant(
                        "a lost wake-up in the engine: a place deleted before its answer came is waited in for ever",
                        List.of(Edit.engine("name/Contention", "} else if (p.vanished) {", "} else if (false) {")),
                        Set.of("CR-1", "WA-7"),
                        Plot.FORCED,
                        List.of(Personality.ETCD, Personality.CONSUL)),
                new Mutant(
                        "a try that stands in the line of the client's waits",
                        List.of(Edit.engine(
                                "name/Contention",
                                "            refuseTries(p); // a place in line is for those that wait (rule WA-4)\n",
                                "")),
                        Set.of("WA-4", "WA-12"),
                        Plot.TRIES,
                        List.of(Personality.values())),
                new Mutant(
                        "renewal that stops after an exception",
                        List.of(
                                Edit.engine(
                                        "session/RenewalSchedule",
                                        "        try {\n            look();\n        } finally {\n            plan();\n        }",
                                        "        try {\n            look();\n        } catch (RuntimeException e) {\n            return;\n        }\n        plan();"),
                                Edit.engine(
                                        "session/StoreSession",
                                        "            answer = CompletableFuture.failedFuture(e);",
                                        "            throw engine.failures().unwrap(e);")),
                        Set.of("KE-1", "LO-2"),
                        Plot.THROWS,
                        List.of(Personality.values())),
                new Mutant(
                        "a hand-off without a new token",
                        List.of(Edit.engine(
                                "name/Possession",
                                "shared.tokens().of(p.granted(), p.handoffs)",
                                "shared.tokens().of(p.granted(), 0)")),
                        Set.of("FT-1", "FT-4"),
                        Plot.STEADY,
                        List.of(Personality.values())),
                new Mutant(
                        "a hold that its owner releases stays valid until the store has answered",
                        List.of(Edit.engine("name/Hold", "        status = Status.RELEASED;\n", "")),
                        Set.of("ME-1", "ME-6"),
                        Plot.STEADY,
                        List.of(Personality.values())),
                new Mutant(
                        "a run of hand-offs without an end",
                        List.of(Edit.engine(
                                "name/Possession",
                                "p.handoffs < engine.settings().handoffLimit()",
                                "p.handoffs < 250")),
                        Set.of("OR-3"),
                        Plot.CROWD,
                        List.of(Personality.values())),
                new Mutant(
                        "a re-entry that stands in line",
                        List.of(Edit.engine(
                                "name/NameState", "            possession.reenter(h, w);\n            return;\n", "")),
                        Set.of("RE-1"),
                        Plot.OWNERS,
                        List.of(Personality.values())),
                new Mutant(
                        "threads that share an owner are let in one after another",
                        List.of(Edit.engine(
                                "name/Possession",
                                "        waiters.takeAllOf(w.owner).forEach(same -> reenter(h, same));\n",
                                "")),
                        Set.of("RE-8"),
                        Plot.OWNERS,
                        List.of(Personality.values())),
                new Mutant(
                        "the maximum of an inner level moves the end of the hold",
                        List.of(Edit.engine(
                                "name/Possession",
                                "        h.reenter(w.options.minimumHold());\n",
                                "        h.reenter(w.options.minimumHold());\n        limit(h, w.options);\n")),
                        Set.of("RE-9"),
                        Plot.OWNERS,
                        List.of(Personality.values())),
                new Mutant(
                        "the minimum of an inner level is forgotten",
                        List.of(Edit.engine(
                                "name/Hold",
                                "        if (!minimum.isZero()) {",
                                "        if (minimum.isNegative()) {")),
                        Set.of("WA-9"),
                        Plot.OWNERS,
                        List.of(Personality.values())),
                new Mutant(
                        "a minimum hold is not kept",
                        List.of(Edit.engine(
                                "name/Possession",
                                "boolean keeps = h.minimumNanos > 0",
                                "boolean keeps = h.minimumNanos < 0")),
                        Set.of("WA-9"),
                        Plot.OWNERS,
                        List.of(Personality.values())),
                new Mutant(
                        "an inner release that frees the lock",
                        List.of(
                                Edit.engine("name/Hold", "return isValid() && levels.removeInner();", "return false;"),
                                Edit.engine("name/Hold", "return levels.remove();", "return levels.remove() || true;")),
                        Set.of("RE-4"),
                        Plot.OWNERS,
                        List.of(Personality.values())),
                new Mutant(
                        "a loss that one of several levels is told",
                        List.of(Edit.engine(
                                "name/LostHolds", "return e.releases >= e.levels ? null : e;", "return null;")),
                        Set.of("RE-5"),
                        Plot.OWNERS,
                        List.of(Personality.values())),
                new Mutant(
                        "an interrupted wait that is granted the lock all the same",
                        List.of(Edit.engine(
                                "name/NameState", "boolean was = waiters.remove(w);", "boolean was = !w.settled();")),
                        Set.of("CR-1", "WA-7", "LK-1", "LK-2"),
                        Plot.OWNERS,
                        List.of(Personality.values())),
                new Mutant(
                        "a maximum hold that passes untold",
                        List.of(Edit.engine("name/Possession", "        limit(h, w.options);\n", "")),
                        Set.of("LO-2"),
                        Plot.OWNERS,
                        List.of(Personality.values())));
    }
}
