// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;

/** Adds up what runs came to, by kind of store. */
final class Tally {
    private static final double HOUR = 3.6e12;

    private final Map<Personality, Long> simulated = new EnumMap<>(Personality.class);
    private final Map<Personality, Long> events = new EnumMap<>(Personality.class);
    private final Map<Personality, Long> answered = new EnumMap<>(Personality.class);
    private final Map<Personality, Integer> runs = new EnumMap<>(Personality.class);
    private final Map<Personality, Map<FaultKind, Integer>> faults = new EnumMap<>(Personality.class);

    void add(Personality personality, SimResult result) {
        simulated.merge(personality, result.simulated(), Long::sum);
        events.merge(personality, result.events(), Long::sum);
        answered.merge(personality, result.answered(), Long::sum);
        runs.merge(personality, 1, Integer::sum);
        Map<FaultKind, Integer> kinds = faults.computeIfAbsent(personality, p -> new TreeMap<>());
        result.injected().forEach((kind, times) -> kinds.merge(kind, times, Integer::sum));
    }

    double hours() {
        return simulated.values().stream().mapToLong(Long::longValue).sum() / HOUR;
    }

    @Override
    public String toString() {
        StringBuilder lines = new StringBuilder();
        for (Personality p : simulated.keySet()) {
            lines.append(String.format(
                    "simulation: %-9s %8.1f hours, %5d runs, %,13d events, %,11d acquisitions, faults %s%n",
                    p, simulated.get(p) / HOUR, runs.get(p), events.get(p), answered.get(p), faults.get(p)));
        }
        return lines.toString();
    }
}
