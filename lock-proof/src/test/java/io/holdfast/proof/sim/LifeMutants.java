// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.proof.sim.Mutant.Edit;
import java.util.List;
import java.util.Set;

/** Faults seeded into the life that the contenders and sessions of all lines have: what seven backends used to write each for itself. */
final class LifeMutants {
    private static final List<Personality> ALL = List.of(Personality.values());
    private static final List<Personality> SESSION_STORES =
            List.of(Personality.ETCD, Personality.CONSUL, Personality.ZOOKEEPER);

    private LifeMutants() {}

    static List<Mutant> all() {
        return List.of(
                contender(
                        "an undo that overtakes its own request",
                        "        return answered.handle((answer, failure) -> null) // so that it never overtakes its own request\n",
                        "        return CompletableFuture.completedFuture(null)\n",
                        Set.of("LK-1", "LK-2", "UO-2", "UO-3", "CR-1"),
                        Plot.CANCELS,
                        ALL),
                where(
                        "a request whose outcome is unknown is left like one that was answered",
                        "return unknown ? session.line().undo(ticket) : session.line().leave(ticket, last);",
                        "return session.line().leave(ticket, last);",
                        Set.of("UO-2", "UO-4", "LK-1", "CR-1", "WA-7"),
                        Plot.COPIES,
                        ALL),
                where(
                        "a request that was not answered is taken for refused",
                        "nothingDone = stage == Stage.ASKED && grantedBefore == 0 && !undecided;",
                        "nothingDone = stage == Stage.ASKED;",
                        Set.of("UO-2", "UO-4", "LK-1", "CR-1", "WA-7"),
                        Plot.COPIES,
                        ALL),
                where(
                        "a wake-up that is taken for a grant",
                        "looks.woken();",
                        "if (isWaiting()) { holds(token(), basis()); }",
                        Set.of("ME-1", "OR-1", "WA-7", "FT-1"),
                        Plot.CROWD,
                        List.of(Personality.ETCD, Personality.CONSUL, Personality.ZOOKEEPER)),
                where(
                        "a grant whose lease counts from the reply",
                        "session.basisOf(basis), ticket)",
                        "session.basisOf(session.now()), ticket)",
                        Set.of("ME-1", "ME-2"),
                        Plot.SLOW_REPLIES,
                        List.of(Personality.REDIS)),
                where(
                        "an older answer that demotes a holder",
                        "            if (lost && sentAt - holdingSince <= 0) {\n                return null;\n            }\n",
                        "",
                        Set.of("KE-1", "ME-6", "LO-2"),
                        Plot.SLOW_REPLIES,
                        List.of(Personality.REDIS)),
                where(
                        "a withdrawn contender that holds by now is left where it is",
                        "return unknown ? session.line().undo(ticket) : session.line().leave(ticket, last);",
                        "return unknown\n                ? session.line().undo(ticket)\n                : grant != null"
                                + " ? CompletableFuture.completedFuture(null) : session.line().leave(ticket, last);",
                        Set.of("CR-1", "LK-1", "WA-7", "ME-6"),
                        Plot.CANCELS,
                        ALL),
                contender(
                        "a place whose withdrawal is confirmed before the store has",
                        "                .thenCompose(done -> session.asked(where::leave))\n",
                        "                .thenApply(done -> session.asked(where::leave))\n",
                        Set.of("UO-2", "UO-3", "UO-4", "LK-1", "WA-7", "CR-1"),
                        Plot.COPIES,
                        ALL),
                contender(
                        "a stage that stays open when the request fails",
                        "        answered.completeExceptionally(why);\n        released",
                        "        released",
                        Set.of("CR-1", "WA-7", "LK-2", "UO-5"),
                        Plot.COPIES,
                        ALL),
                where(
                        "a renewal that speaks for a request under way",
                        "return !givenUp && (stage == Stage.WAITING || stage == Stage.HOLDING);",
                        "return stage != Stage.PREPARED;",
                        Set.of("LK-1", "LK-2", "UO-2", "UO-3", "UO-4", "CR-1", "WA-7", "OR-1", "KE-1"),
                        Plot.COPIES,
                        ALL),
                where(
                        "a removal by force that is not told",
                        "        over();\n        tellGone(lost, why);\n",
                        "        over();\n",
                        Set.of("LO-5", "LO-2", "ME-1"),
                        Plot.FORCED,
                        SESSION_STORES),
                session(
                        "a session whose lease counts from the answer",
                        "        basis.accumulateAndGet(sentAt, ",
                        "        basis.accumulateAndGet(now(), ",
                        Set.of("ME-1", "ME-2"),
                        Plot.SLOW_REPLIES,
                        SESSION_STORES),
                session(
                        "a contender that is gone and is not said to be",
                        "        contenders.remove(contender.request().contenderId(), contender);\n",
                        "        contenders.keySet().removeIf(id -> id > contender.request().contenderId());\n",
                        Set.of("WA-7", "CR-1", "LK-1", "LK-2", "KE-1", "LO-2"),
                        Plot.CROWD,
                        ALL),
                session(
                        "a renewal that names one contender only",
                        "                named.add(one.ticket());\n",
                        "                if (named.isEmpty()) named.add(one.ticket());\n",
                        Set.of("KE-1", "LO-2"),
                        Plot.THROWS,
                        List.of(Personality.REDIS)),
                where(
                        "a message that grants before its request is answered",
                        "            if (stage != Stage.WAITING) {\n                return; // it may be",
                        "            if (stage != Stage.WAITING && stage != Stage.ASKED) {\n                return; // it may be",
                        Set.of("UO-2", "UO-4"),
                        Plot.COPIES,
                        List.of(Personality.REDIS)));
    }

    private static Mutant contender(
            String what,
            String text,
            String replacement,
            Set<String> rules,
            Plot plot,
            List<Personality> personalities) {
        return new Mutant(what, List.of(Edit.life("ContenderLife", text, replacement)), rules, plot, personalities);
    }

    private static Mutant where(
            String what,
            String text,
            String replacement,
            Set<String> rules,
            Plot plot,
            List<Personality> personalities) {
        return new Mutant(what, List.of(Edit.life("Whereabouts", text, replacement)), rules, plot, personalities);
    }

    private static Mutant session(
            String what,
            String text,
            String replacement,
            Set<String> rules,
            Plot plot,
            List<Personality> personalities) {
        return new Mutant(what, List.of(Edit.life("SessionLife", text, replacement)), rules, plot, personalities);
    }
}
