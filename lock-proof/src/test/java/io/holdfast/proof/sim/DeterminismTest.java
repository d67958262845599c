// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A seed is a run: twice the same events, which is what makes a failure repeatable (rule SP-5). */
class DeterminismTest {
    static Stream<String> twentySeeds() {
        List<String> names = new ArrayList<>();
        for (Personality p : Personality.values()) {
            for (long seed = 101; seed <= 105; seed++) {
                names.add(Trial.name(Plot.RANDOM, p, seed));
            }
        }
        return names.stream();
    }

    @ParameterizedTest
    @MethodSource("twentySeeds")
    void aSeedRunTwiceGivesTheSameEvents(String name) {
        SimResult first = Trial.run(name, false);
        SimResult second = Trial.run(name, true);

        assertThat(second.hash()).isEqualTo(first.hash());
        assertThat(second.events()).isEqualTo(first.events()).isGreaterThan(1_000);
        assertThat(second.answered()).isEqualTo(first.answered()).isPositive();
    }

    @ParameterizedTest
    @MethodSource("twentySeeds")
    void anotherSeedGivesOtherEvents(String name) {
        long seed = Trial.seed(name);
        SimResult other = SimRun.run(Trial.scenario(name), seed + 1_000_000, false);

        assertThat(other.hash()).isNotEqualTo(Trial.run(name, false).hash());
    }
}
