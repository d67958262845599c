// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Makes a failing list of faults smaller by leaving out halves, quarters and so on, as long as the same rule breaks. */
final class Shrinker {
    private Shrinker() {}

    static List<Fault> shrink(List<Fault> faults, Predicate<List<Fault>> stillFails) {
        List<Fault> kept = faults;
        int parts = 2;
        while (kept.size() > 1 && parts <= 2 * kept.size()) {
            int size = Math.max(1, kept.size() / parts);
            List<Fault> smaller = firstFailing(kept, size, stillFails);
            if (smaller != null) {
                kept = smaller;
            } else if (size == 1) {
                break;
            } else {
                parts *= 2;
            }
        }
        return kept;
    }

    private static List<Fault> firstFailing(List<Fault> faults, int size, Predicate<List<Fault>> stillFails) {
        for (int from = 0; from < faults.size(); from += size) {
            List<Fault> without = new ArrayList<>(faults.subList(0, from));
            without.addAll(faults.subList(Math.min(faults.size(), from + size), faults.size()));
            if (stillFails.test(without)) {
                return without;
            }
        }
        return null;
    }
}
