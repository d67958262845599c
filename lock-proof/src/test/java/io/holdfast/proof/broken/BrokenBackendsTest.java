// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.tck.LockTck;
import io.holdfast.tck.TckReport;
import io.holdfast.tck.TckRunner;
import io.holdfast.tck.TckTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The kit finds backends that are broken, by the rules they break and no others, and says what to look at.
 *
 * <p>{@code -Dholdfast.broken=TEXT} runs those only whose description contains a text, and prints the kit's table.
 */
class BrokenBackendsTest {
    private static final String ONLY = "holdfast.broken";
    private static final int BESIDE_EACH_OTHER = 8;

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

    static List<Defect> defects() {
        return Defects.all().stream()
                .filter(defect -> defect.what().contains(System.getProperty(ONLY, "")))
                .toList();
    }

    @Test
    void thereAreTwentyOfThem() {
        assertThat(Defects.all()).hasSizeGreaterThanOrEqualTo(20);
        assertThat(Defects.all().stream().map(Defect::what)).doesNotHaveDuplicates();
    }

    @Test
    void thePageListsThem() throws IOException {
        List<String> rows = Files.readAllLines(Path.of("..", "docs", "tck.md")).stream()
                .filter(line -> line.matches("\\| [a-z][^|]* \\| [A-Z]{2}-[^|]* \\|.*"))
                .toList();
        assertThat(rows)
                .containsExactlyElementsOf(
                        Defects.all().stream().map(Defect::row).toList());
    }

    /** A kit by which no broken backend is found may be blind: the page says why there is none. */
    @Test
    void everyKitFindsABrokenBackendOrIsListedWithTheReason() throws IOException {
        Set<String> blind = new TreeSet<>(kits());
        Defects.all().forEach(defect -> {
            assertThat(kits()).as("the kits of %s", defect.what()).containsAll(defect.kits());
            blind.removeAll(defect.kits());
        });
        List<String> listed = Files.readAllLines(Path.of("..", "docs", "tck.md")).stream()
                .filter(line -> line.matches("\\| `[A-Z][A-Za-z]+` \\| \\S.* \\|"))
                .map(line -> line.substring(3, line.indexOf('`', 3)))
                .toList();
        assertThat(listed)
                .as("the table of kits without a broken backend in docs/tck.md, and the kits that have none")
                .containsExactlyElementsOf(blind);
    }

    private static Set<String> kits() {
        return Arrays.stream(LockTck.class.getDeclaredClasses())
                .filter(type -> type.isAnnotationPresent(Nested.class))
                .map(Class::getSimpleName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** docs/writing-a-backend.md says of each trap by which rule and in which part of the kit its broken backend is found. */
    @Test
    void theTrapsOfTheTutorialAreAmongThem() throws IOException {
        Path page = Path.of("..", "docs", "writing-a-backend.md");
        Pattern row = Pattern.compile("\\| [^|]* \\| ([A-Z]{2}-[0-9]+) \\| `([A-Za-z]+)` \\| ([^|]*) \\|");
        List<Matcher> traps = Files.readAllLines(page).stream()
                .map(row::matcher)
                .filter(Matcher::matches)
                .toList();
        assertThat(traps).hasSizeGreaterThan(10);
        for (Matcher trap : traps) {
            assertThat(Defects.all()).as(trap.group()).anySatisfy(defect -> {
                assertThat(defect.what()).isEqualTo(trap.group(3));
                assertThat(defect.rules()).contains(trap.group(1));
                assertThat(defect.kits()).contains(trap.group(2));
            });
        }
    }

    @ParameterizedTest
    @MethodSource("defects")
    void isFoundByItsRules(Defect defect) {
        TckReport report = run(defect, defect.kits(), defect.reachesOthers() ? 1 : BESIDE_EACH_OTHER);
        Set<String> failed = failed(report);
        if (defect.isSeldom()) { // two holds at once, or their tokens out of order: whichever a run of some thousand
            // turns shows
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

    /** What harms others than the test that is about it is found beside others as well, if not as clearly. */
    @Test
    void whatReachesOthersIsFoundBesideThem() {
        for (Defect defect : defects()) {
            if (defect.reachesOthers()) {
                TckReport report = run(defect, defect.kits(), BESIDE_EACH_OTHER);
                assertThat(failed(report)).as(report.table()).containsAll(defect.rules());
            }
        }
    }

    /** All kits, one test at a time: a defect breaks its rules, and what stands on them, and nothing else. */
    @Tag("long")
    @ParameterizedTest
    @MethodSource("defects")
    void breaksNothingElse(Defect defect) {
        TckReport report = run(defect, List.of(), 1);
        Set<String> expected = new TreeSet<>(defect.rules());
        expected.addAll(defect.elsewhere());
        Set<String> failed = failed(report);
        failed.removeAll(defect.perhaps());
        assertThat(failed).as(report.table()).isEqualTo(expected);
    }

    /** A fault that changes nothing is found by nobody: what is found otherwise is not the fixture's. */
    @Tag("long")
    @Test
    void aBackendWithoutAFaultPasses() {
        TckReport report = TckRunner.of(new BrokenFixture(BrokenBackend::new)).run();
        assertThat(failed(report)).as(report.table()).isEmpty();
        assertThat(report.isPassed()).isTrue();
    }

    private static TckReport run(Defect defect, List<String> kits, int atATime) {
        TckReport report = TckRunner.of(new BrokenFixture(defect.fault().get()))
                .only(kits.toArray(String[]::new))
                .atATime(atATime)
                .run();
        if (System.getProperty(ONLY) != null) {
            System.out.println(defect + "\n" + report.table());
        }
        return report;
    }

    private static Set<String> failed(TckReport report) {
        return new TreeSet<>(report.failures().keySet());
    }

    private static List<String> messages(TckReport report) {
        List<String> messages = new ArrayList<>();
        report.failures().values().stream().flatMap(Collection::stream).forEach(messages::add);
        return messages;
    }
}
