// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * A broken backend, and how the kit must find it.
 *
 * @param what what is wrong with it
 * @param fault the fault, one for each run
 * @param kits the kits that find it, for the quick test; all others must find nothing beside {@code rules} either
 * @param rules what must fail in these kits, no less and no more
 * @param elsewhere what else must fail in the whole kit, because it stands on what is broken
 * @param perhaps what else fails or not, as it happens in time
 * @param says what one of the messages must contain
 * @param reachesOthers whether it also breaks rules in tests that run beside the one that is about it
 */
record Defect(
        String what,
        Supplier<Fault> fault,
        List<String> kits,
        Set<String> rules,
        Set<String> elsewhere,
        Set<String> perhaps,
        String says,
        boolean reachesOthers) {
    static Defect of(String what, Supplier<Fault> fault, String kit, String says, String... rules) {
        return new Defect(what, fault, List.of(kit), Set.of(rules), Set.of(), Set.of(), says, false);
    }

    /** A copy that also fails by these rules, of other kits. */
    Defect alsoBreaks(String... others) {
        return new Defect(what, fault, kits, rules, Set.of(others), perhaps, says, reachesOthers);
    }

    /** A copy that fails by these rules, too, when time has it so. */
    Defect perhapsBreaks(String... others) {
        return new Defect(what, fault, kits, rules, elsewhere, Set.of(others), says, reachesOthers);
    }

    /** A copy that harms whoever is there: its rule alone is seen with one test at a time. */
    Defect thatReachesOthers() {
        return new Defect(what, fault, kits, rules, elsewhere, perhaps, says, true);
    }

    /** Whether it does its harm so seldom that a run shows it by one of its rules, not by each. */
    boolean isSeldom() {
        return what.startsWith("one hand-over in a thousand");
    }

    /** Its row in docs/tck.md. */
    String row() {
        return "| " + what + " | " + String.join(", ", new TreeSet<>(rules)) + " | "
                + (elsewhere.isEmpty() ? "" : String.join(", ", new TreeSet<>(elsewhere)) + " ")
                + (perhaps.isEmpty() ? "" : "perhaps " + String.join(", ", new TreeSet<>(perhaps)) + " ") + "|";
    }

    @Override
    public String toString() {
        return what + ": " + rules;
    }
}
