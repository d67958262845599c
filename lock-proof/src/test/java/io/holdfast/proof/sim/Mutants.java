// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.proof.sim.Mutant.Edit;
import java.util.List;
import java.util.Set;

/** The seeded faults. Their texts follow the sources: a change of the engine may have to change one here. */
final class Mutants {
    private static final List<Personality> SESSION_STORES =
            List.of(Personality.ETCD, Personality.CONSUL, Personality.ZOOKEEPER);

    private Mutants() {}

    static List<Mutant> all() {
        return List.of(
                new Mutant(
                        "deadline counted from the reply",
                        List.of(Edit.engine(
                                "StoreSession",
                                "!lease.extend(session.basis())",
                                "!lease.extend(client.clock().nanoTime())")),
                        Set.of("ME-1", "ME-2"),
                        Plot.SLOW_REPLIES,
                        SESSION_STORES),
                new Mutant(
                        "deadline counted from an acquire on a session store",
                        List.of(
                                Edit.engine(
                                        "Contention",
                                        "        s.track(p);\n",
                                        "        s.track(p);\n        contender.answered().thenAccept(a -> s.lease().extend(before));\n")),
                        Set.of("ME-1", "ME-2"),
                        Plot.NO_RENEWALS,
                        SESSION_STORES),
                new Mutant(
                        "deadline counted from a waiter's wake-up",
                        List.of(
                                Edit.engine(
                                        "StoreSession",
                                        "p.lease.extend(grant.basis()) : p.lease.alive()",
                                        "p.lease.extend(client.clock().nanoTime()) : p.lease.extend(client.clock().nanoTime())")),
                        Set.of("ME-1", "ME-2"),
                        Plot.SLOW_REPLIES,
                        List.of(Personality.values())),
                new Mutant(
                        "no margin",
                        List.of(Edit.engine("LeaseDeadline", "leaseNanos - leaseNanos / MARGIN_DIVISOR", "leaseNanos")),
                        Set.of("ME-1", "ME-2"),
                        Plot.RATES,
                        List.of(Personality.REDIS, Personality.ETCD, Personality.CONSUL)),
                new Mutant(
                        "a dead session revived",
                        List.of(
                                Edit.engine("LeaseDeadline", "while (alive()) {", "while (validNanos > 0) {"),
                                Edit.engine(
                                        "LeaseDeadline",
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
                                "Acquisition",
                                "if (!future.complete(client.handle(hold))) {",
                                "if (!future.complete(client.handle(hold)) && !future.isCancelled()) {")),
                        Set.of("CR-1", "WA-7", "LK-1", "LK-2"),
                        Plot.CANCELS,
                        List.of(Personality.values())),
                new Mutant(
                        "a lost wake-up in the backend: the watch comes after the look",
                        List.of(Edit.backend(
                                "KeyedSession",
                                "                (watched, failure) -> {\n                    if (failure == null) {\n"
                                        + "                        look(c);\n                    }\n                });",
                                "                (watched, failure) -> {});")),
                        Set.of("WA-7"),
                        Plot.STEADY,
                        List.of(Personality.ETCD, Personality.CONSUL)),
                new Mutant(
                        "a lost wake-up in the engine: an older renewal answers for the one that confirms",
                        List.of(
                                Edit.engine("Possession", "        p.session.tellWhenRenewed(state);\n", ""),
                                Edit.engine(
                                        "Possession",
                                        "            p.session.renewNow();\n            return false;\n        }\n        if (!",
                                        "            p.session.tellWhenRenewed(state);\n            p.session.renewNow();\n"
                                                + "            return false;\n        }\n        if (!")),
                        Set.of("CR-1", "WA-7"),
                        Plot.SCARCE,
                        List.of(Personality.ZOOKEEPER)),
                new Mutant(
                        "a lost wake-up in the engine: a place deleted before its answer came is waited in for ever",
                        List.of(Edit.engine("Contention", "} else if (p.vanished) {", "} else if (false) {")),
                        Set.of("CR-1", "WA-7"),
                        Plot.FORCED,
                        List.of(Personality.ETCD, Personality.CONSUL)),
                new Mutant(
                        "renewal that stops after an exception",
                        List.of(
                                Edit.engine(
                                        "RenewalSchedule",
                                        "        try {\n            look();\n        } finally {\n            plan();\n        }",
                                        "        try {\n            look();\n        } catch (RuntimeException e) {\n            return;\n        }\n        plan();"),
                                Edit.engine(
                                        "StoreSession",
                                        "            answer = CompletableFuture.failedFuture(e);",
                                        "            throw e;")),
                        Set.of("KE-1", "LO-2"),
                        Plot.THROWS,
                        List.of(Personality.values())),
                new Mutant(
                        "a hand-off without a new token",
                        List.of(Edit.engine(
                                "Possession",
                                "client.tokens().of(p.granted(), p.handoffs)",
                                "client.tokens().of(p.granted(), 0)")),
                        Set.of("FT-1", "FT-4"),
                        Plot.STEADY,
                        List.of(Personality.values())),
                new Mutant(
                        "a hold that its owner releases stays valid until the store has answered",
                        List.of(Edit.engine("Hold", "        status = Status.RELEASED;\n", "")),
                        Set.of("ME-1", "ME-6"),
                        Plot.STEADY,
                        List.of(Personality.values())),
                new Mutant(
                        "a run of hand-offs without an end",
                        List.of(Edit.engine(
                                "Possession", "p.handoffs < client.settings().handoffLimit()", "p.handoffs < 250")),
                        Set.of("OR-3"),
                        Plot.CROWD,
                        List.of(Personality.values())));
    }
}
