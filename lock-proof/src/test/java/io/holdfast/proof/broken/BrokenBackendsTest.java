// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockSession;
import io.holdfast.tck.TckReport;
import io.holdfast.tck.TckRunner;
import io.holdfast.tck.TckTime;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The kit finds backends that are broken, by the rule they break, and says what to look at. */
class BrokenBackendsTest {
    private static String scaleBefore;

    /** Half the usual patience: what is waited for here never comes. */
    @BeforeAll
    static void hurry() {
        scaleBefore = System.setProperty(TckTime.SCALE_PROPERTY, "0.5");
    }

    @AfterAll
    static void asBefore() {
        if (scaleBefore == null) {
            System.clearProperty(TckTime.SCALE_PROPERTY);
        } else {
            System.setProperty(TckTime.SCALE_PROPERTY, scaleBefore);
        }
    }

    /**
     * What must be found.
     *
     * @param kit the kit that is to find it
     * @param fault what is broken
     * @param rules what must fail, no less and no more
     * @param says what one of the messages must contain
     */
    record Defect(String kit, BiFunction<LockBackend, LockSession, LockSession> fault, Set<String> rules, String says) {
        @Override
        public String toString() {
            return kit + " fails by " + rules;
        }
    }

    static List<Defect> defects() {
        return List.of(
                new Defect("MutualExclusion", Faults::doubleGrant, Set.of("ME-1"), "while the first held it"),
                // A token that says nothing fails whatever is built on tokens.
                new Defect(
                        "Fencing",
                        Faults::tokenReused,
                        Set.of("FT-1", "FT-3", "FT-4", "FT-5", "FT-6"),
                        "after a hold with token"),
                new Defect("Contract", Faults::releasesStrangers, Set.of("UO-3"), "was released twice"),
                new Defect("Waiting", Faults::losesWakeUps, Set.of("WA-7"), "wake-up was lost"),
                new Defect("Crash", Faults::neverExpires, Set.of("CR-1"), "had not come to an end"));
    }

    @ParameterizedTest
    @MethodSource("defects")
    void isFoundByItsRule(Defect defect) {
        TckReport report = TckRunner.of(new BrokenFixture(defect.fault()))
                .only(defect.kit())
                .run();
        Map<String, List<String>> failures = report.failures();
        assertThat(failures.keySet()).as(report.table()).isEqualTo(defect.rules());
        assertThat(failures.values().stream().flatMap(List::stream))
                .as("what it says")
                .allSatisfy(message -> assertThat(message).contains("what to check:"))
                .anySatisfy(message -> assertThat(message).contains(defect.says()));
    }
}
