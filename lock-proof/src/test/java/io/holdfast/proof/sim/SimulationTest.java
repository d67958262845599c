// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The engine keeps its rules in simulated stores of every kind, whatever fails.
 *
 * <p>{@code -Dholdfast.sim.seed=N}, with {@code holdfast.sim.plot} and {@code holdfast.sim.personality}, repeats one run; {@code
 * -Dholdfast.sim.hours=N} asks for more hours, {@code -Dholdfast.sim.from=N} for other seeds.
 */
class SimulationTest {
    private static final String SEED = "holdfast.sim.seed";

    /** Cites ME-1 to ME-6, FT-1, FT-3, FT-4, LO-1 to LO-5, WA-1, WA-3, WA-5 to WA-7, OR-1 to OR-3, CR-1, UO-1 to UO-5, CL, KE, LK. */
    @Test
    void noRuleBreaksInThousandsOfHours() {
        if (System.getProperty(SEED) != null) {
            repeatOneRun();
            return;
        }
        double hours = Double.parseDouble(System.getProperty("holdfast.sim.hours", "2000"));
        long seed = Long.getLong("holdfast.sim.from", 1);
        Tally tally = new Tally();
        long begin = System.nanoTime();
        while (tally.hours() < hours) {
            for (Personality p : Personality.values()) {
                check(Trial.name(Plot.RANDOM, p, seed), p, tally);
            }
            seed++;
        }
        System.out.printf(
                "%ssimulation: %.1f hours in %.1f s, no rule broken%n",
                tally, tally.hours(), (System.nanoTime() - begin) / 1e9);
        assertThat(tally.hours()).isGreaterThanOrEqualTo(hours);
    }

    /** What each mutant fails in, the engine passes. */
    @Test
    void noRuleBreaksInTheCommittedSeeds() {
        Set<String> names = new LinkedHashSet<>();
        Mutants.all().forEach(m -> names.addAll(m.trials()));
        Tally tally = new Tally();
        for (String name : names) {
            check(name, Personality.valueOf(name.split(" ", -1)[1]), tally);
        }
        assertThat(names).hasSizeGreaterThan(100);
    }

    private static void repeatOneRun() {
        Plot plot = Plot.valueOf(System.getProperty("holdfast.sim.plot", Plot.RANDOM.name()));
        Personality personality = Personality.valueOf(System.getProperty("holdfast.sim.personality", "REDIS"));
        Tally tally = new Tally();
        check(Trial.name(plot, personality, Long.getLong(SEED)), personality, tally);
        System.out.print(tally);
    }

    private static void check(String name, Personality personality, Tally tally) {
        SimResult result = Trial.run(name, false);
        if (!result.isGood()) {
            throw new AssertionError(
                    Diagnosis.of(name, result), result.violation().cause());
        }
        tally.add(personality, result);
    }
}
