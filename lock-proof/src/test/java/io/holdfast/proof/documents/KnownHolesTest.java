// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The list of releases with published holes in the root pom, held against what docs/DEPENDENCIES.md says that users get. */
class KnownHolesTest {
    private static final Pattern LIST = Pattern.compile("(?s)<bannedDependencies>(.*?)</bannedDependencies>");
    private static final Pattern BELOW = Pattern.compile("<exclude>([^:<]+):([^:<]+):\\(,([^)<]+)\\)</exclude>");
    private static final Pattern LIBRARY = Pattern.compile("(?m)^\\| `([^:`]+):([^`]+)` \\| ([^ |]+) \\|");
    private static final Pattern DATE = Pattern.compile("as it was last written on (\\d{4}-\\d{2}-\\d{2})");

    private final String list = first(LIST, Project.text(Project.root().resolve("pom.xml")));
    private final String page = Project.text(Project.root().resolve("docs/DEPENDENCIES.md"));

    private static String first(Pattern pattern, String text) {
        Matcher found = pattern.matcher(text);
        assertThat(found.find()).as(pattern.pattern()).isTrue();
        return found.group(1);
    }

    /** Whether the list says that a release has a hole. */
    private boolean hasHole(String group, String artifact, String release) {
        return BELOW.matcher(list)
                .results()
                .filter(entry -> entry.group(1).equals(group))
                .filter(entry -> artifact.matches(entry.group(2).replace("*", ".*")))
                .anyMatch(entry -> isBelow(release, entry.group(3)));
    }

    private static boolean isBelow(String release, String bound) {
        List<Integer> one = numbers(release);
        List<Integer> other = numbers(bound);
        for (int i = 0; i < Math.max(one.size(), other.size()); i++) {
            int a = i < one.size() ? one.get(i) : 0;
            int b = i < other.size() ? other.get(i) : 0;
            if (a != b) {
                return a < b;
            }
        }
        return false;
    }

    private static List<Integer> numbers(String release) {
        List<Integer> numbers = new ArrayList<>();
        for (String part : release.split("[.-]", -1)) {
            if (!part.matches("\\d{1,9}")) {
                break;
            }
            numbers.add(Integer.parseInt(part));
        }
        return numbers;
    }

    @Test
    void thePageSaysAsOfWhenTheListIs() {
        assertThat(first(DATE, page)).isEqualTo(first(DATE, list));
    }

    @Test
    void noLibraryThatUsersGetIsInTheList() {
        List<MatchResult> libraries = LIBRARY.matcher(page).results().toList();
        assertThat(libraries).hasSizeGreaterThan(50);
        assertThat(libraries)
                .filteredOn(one -> hasHole(one.group(1), one.group(2), one.group(3)))
                .extracting(MatchResult::group)
                .isEmpty();
    }

    /** What was on our class path once, with its holes. */
    @Test
    void whatHadHolesIsInTheList() {
        assertThat(hasHole("io.netty", "netty-handler", "4.2.16.Final")).isTrue();
        assertThat(hasHole("io.netty", "netty-codec-http", "4.2.17.Final")).isTrue();
        assertThat(hasHole("io.netty", "netty-handler", "4.2.18.Final")).isFalse();
        assertThat(hasHole("com.fasterxml.jackson.core", "jackson-core", "2.21.4"))
                .isTrue();
        assertThat(hasHole("org.apache.zookeeper", "zookeeper", "3.9.3")).isTrue();
        assertThat(hasHole("com.google.protobuf", "protobuf-java", "3.25.4")).isTrue();
    }
}
