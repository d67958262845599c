// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.tck.TckReport;
import io.holdfast.tck.TckRunner;
import io.holdfast.tck.TckTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The kit finds backends that are broken, by the rules they break and no others, and says what to look at.
 *
 * <p>{@code -Dholdfast.broken=TEXT} runs those only whose description contains a text, and prints the kit's table.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class BrokenBackends {
    private static final String ONLY = "holdfast.broken";
    static final int BESIDE_EACH_OTHER = 8;

    private static String scaleBefore;

    private final List<Defect> defects;

    BrokenBackends(List<Defect> defects) {
        this.defects = defects;
    }

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

    List<Defect> asked() {
        return defects.stream()
                .filter(defect -> defect.what().contains(System.getProperty(ONLY, "")))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("asked")
    void isFoundByItsRules(Defect defect) {
        TckReport report = run(defect, defect.kits(), defect.reachesOthers() ? 1 : BESIDE_EACH_OTHER);
        Set<String> failed = failed(report);
        if (defect.isSeldom()) {
            // Two holds at once, or their tokens out of order: whichever a run of some thousand turns shows.
            Set<String> either = new TreeSet<>(defect.rules());
            either.addAll(defect.perhaps());
            assertThat(failed).as(report.table()).isNotEmpty().isSubsetOf(either);
            return;
        }
        failed.removeAll(defect.perhaps());
        assertThat(failed).as(report.table()).isEqualTo(new TreeSet<>(defect.rules()));
        assertThat(messages(report))
                .as("what it says")
                .allSatisfy(message -> assertThat(message).contains("what to check:"))
                .anySatisfy(message -> assertThat(message).contains(defect.says()));
    }

    /** All kits, one test at a time: a defect breaks its rules, and what stands on them, and nothing else. */
    @Tag("long")
    @ParameterizedTest
    @MethodSource("asked")
    void breaksNothingElse(Defect defect) {
        TckReport report = run(defect, List.of(), 1);
        Set<String> expected = new TreeSet<>(defect.rules());
        expected.addAll(defect.elsewhere());
        Set<String> failed = failed(report);
        failed.removeAll(defect.perhaps());
        assertThat(failed).as(report.table()).isEqualTo(expected);
    }

    static TckReport run(Defect defect, List<String> kits, int atATime) {
        TckReport report = TckRunner.of(new BrokenFixture(defect.fault().get()))
                .only(kits.toArray(String[]::new))
                .atATime(atATime)
                .run();
        if (System.getProperty(ONLY) != null) {
            System.out.println(defect + "\n" + report.table());
        }
        return report;
    }

    static Set<String> failed(TckReport report) {
        return new TreeSet<>(report.failures().keySet());
    }

    private static List<String> messages(TckReport report) {
        List<String> messages = new ArrayList<>();
        report.failures().values().stream().flatMap(Collection::stream).forEach(messages::add);
        return messages;
    }
}
