// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.tck.LockTck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Which broken backends there are, and that the pages and the kits know them. */
class DefectListTest {
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
}
