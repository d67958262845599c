// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The simulation finds what it is there to find: each seeded fault breaks its rule in at least three of the committed seeds.
 *
 * <p>{@code -Dholdfast.sim.mutant=TEXT} runs those mutants only whose description contains a text, and prints what each seed broke.
 */
class MutantTest {
    private static final int ENOUGH = 3;
    private static final String ONLY = "holdfast.sim.mutant";

    static Stream<Mutant> mutants() {
        return Mutants.all().stream().filter(m -> m.what().contains(System.getProperty(ONLY, "")));
    }

    @ParameterizedTest
    @MethodSource("mutants")
    void aSeededFaultIsFound(Mutant mutant, @TempDir Path folder) throws IOException {
        List<String> killers = new ArrayList<>();
        List<String> others = new ArrayList<>();
        int runs = 0;
        try (MutantLab lab = new MutantLab(mutant, folder)) {
            Function<String, String> trial = lab.trial();
            for (String name : mutant.trials()) {
                runs++;
                String broken = trial.apply(name);
                if (!broken.isEmpty()) {
                    boolean expected = mutant.rules().contains(broken.substring(0, broken.indexOf(' ')));
                    (expected ? killers : others).add(name + ": " + broken);
                }
            }
        }
        System.out.printf("simulation: %-75s %d of %d seeds%n", mutant, killers.size(), runs);
        if (System.getProperty(ONLY) != null) {
            killers.forEach(killer -> System.out.println("  " + killer));
        }
        assertThat(killers)
                .as("committed seeds that break one of %s with %s; others broke: %s", mutant.rules(), mutant, others)
                .hasSizeGreaterThanOrEqualTo(ENOUGH);
    }
}
