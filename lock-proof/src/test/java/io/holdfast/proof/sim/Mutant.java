// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A fault seeded into the sources of the engine, or of the simulated backend where the fault is one of backends.
 *
 * @param what what is wrong with it
 * @param edits what is changed
 * @param rules the rules that a run with it may break; breaking another one counts as found by luck
 * @param plot the plot that goes for it
 * @param personalities the kinds of store it shows on
 */
record Mutant(String what, List<Edit> edits, Set<String> rules, Plot plot, List<Personality> personalities) {
    /** Seeds of a plot and personality that are committed. */
    static final int SEEDS = 8;

    /**
     * One change of a source file.
     *
     * @param file below a source folder, such as {@code io/holdfast/internal/name/Hold.java}
     * @param text what must be there exactly once
     * @param replacement what comes in its place
     */
    record Edit(String file, String text, String replacement) {
        /** A change of a type of the engine, such as {@code name/Hold}. */
        static Edit engine(String type, String text, String replacement) {
            return new Edit("io/holdfast/internal/" + type + ".java", text, replacement);
        }

        /** A change of a life that all lines share, such as {@code ContenderLife}. */
        static Edit life(String type, String text, String replacement) {
            return new Edit("io/holdfast/spi/line/" + type + ".java", text, replacement);
        }

        static Edit backend(String type, String text, String replacement) {
            return new Edit("io/holdfast/proof/sim/" + type + ".java", text, replacement);
        }

        /** Applies the change; a text that is missing or ambiguous means that the mutant has not been kept up with the code. */
        String applyTo(String source) {
            int at = source.indexOf(text);
            if (at < 0 || source.indexOf(text, at + 1) >= 0) {
                throw new IllegalStateException("to be found exactly once in " + file + ": " + text);
            }
            return source.substring(0, at) + replacement + source.substring(at + text.length());
        }
    }

    /** The committed runs that are made with it. */
    List<String> trials() {
        List<String> trials = new ArrayList<>();
        for (Personality p : personalities) {
            for (long seed = 1; seed <= SEEDS; seed++) {
                trials.add(Trial.name(plot, p, seed));
            }
        }
        return trials;
    }

    @Override
    public String toString() {
        return what;
    }
}
