// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import java.util.function.Function;

/**
 * One committed run, named as {@code PLOT PERSONALITY SEED}. It is a function of strings, so that a test can call the one in
 * another class loader, over a mutated engine.
 */
public final class Trial implements Function<String, String> {
    /** Made by reflection too. */
    public Trial() {}

    /**
     * Runs it.
     *
     * @param name plot, personality and seed
     * @return the broken rule and what was seen, or the empty string
     */
    @Override
    public String apply(String name) {
        SimResult result = run(name, false);
        return result.isGood() ? "" : result.violation().toString();
    }

    static SimResult run(String name, boolean tracing) {
        return SimRun.run(scenario(name), seed(name), tracing);
    }

    static Scenario scenario(String name) {
        String[] parts = name.split(" ", -1);
        return Plot.valueOf(parts[0]).scenario(Personality.valueOf(parts[1]), seed(name));
    }

    static long seed(String name) {
        return Long.parseLong(name.substring(name.lastIndexOf(' ') + 1));
    }

    static String name(Plot plot, Personality personality, long seed) {
        return plot + " " + personality + " " + seed;
    }
}
