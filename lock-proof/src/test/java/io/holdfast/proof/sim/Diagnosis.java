// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import java.util.List;

/** What a reader needs of a failed run: the seed, the fewest faults that still break the rule, the last events, how to repeat. */
final class Diagnosis {
    private static final int LAST_EVENTS = 120;

    private Diagnosis() {}

    static String of(String name, SimResult failed) {
        return of(name, Trial.scenario(name), failed);
    }

    static String of(String name, Scenario scenario, SimResult failed) {
        long seed = Trial.seed(name);
        String rule = failed.violation().rule();
        List<Fault> fewest = Shrinker.shrink(scenario.faults(), faults -> {
            SimResult again = SimRun.run(scenario.withFaults(faults), seed, false);
            return !again.isGood() && again.violation().rule().equals(rule);
        });
        SimResult traced = SimRun.run(scenario.withFaults(fewest), seed, true);
        StringBuilder out = new StringBuilder();
        out.append(name).append(" breaks ").append(failed.violation()).append('\n');
        out.append("with these of its ").append(scenario.faults().size()).append(" faults:\n");
        fewest.forEach(f -> out.append("  ").append(f).append('\n'));
        out.append("where it breaks ").append(traced.violation()).append("\nafter\n");
        List<String> trace = traced.trace();
        trace.subList(Math.max(0, trace.size() - LAST_EVENTS), trace.size())
                .forEach(line -> out.append("  ").append(line).append('\n'));
        String[] parts = name.split(" ", -1);
        out.append("repeat it with -Dtest=SimulationTest#noRuleBreaksInThousandsOfHours -Dholdfast.sim.plot=")
                .append(parts[0])
                .append(" -Dholdfast.sim.personality=")
                .append(parts[1])
                .append(" -Dholdfast.sim.seed=")
                .append(parts[2]);
        return out.toString();
    }
}
