// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** docs/SPEC.md and the sources cite the same rules. */
class RulesTest {
    private static final Pattern RULE = Pattern.compile("(?m)^### ([A-Z]{2})-(\\d+) (?=\\S)(.*(?:\\R(?!#).*)*)");
    /** Numbers given to rules that are not written yet. */
    private static final Set<String> KEPT_FREE = Set.of();

    private static final String SPEC = Project.text(Project.root().resolve("docs/SPEC.md"));

    /** Rule ids, each with its text, in the order of their groups and numbers. */
    private static Map<String, String> rules() {
        TreeMap<String, String> rules = new TreeMap<>();
        Matcher rule = RULE.matcher(SPEC);
        while (rule.find()) {
            String id = rule.group(1) + "-" + rule.group(2);
            assertThat(rules.put(id, rule.group(3))).as("%s is there twice", id).isNull();
        }
        return rules;
    }

    /** Where the sources cite something of the form of a rule id, by the id. */
    private static Map<String, List<String>> citations() {
        String groups = rules().keySet().stream()
                .map(id -> id.substring(0, 2))
                .distinct()
                .collect(Collectors.joining("|"));
        Pattern id = Pattern.compile("\\b(?:" + groups + ")-[1-9]\\d?\\b");
        TreeMap<String, List<String>> citations = new TreeMap<>();
        for (Path source : Project.files(".java")) {
            Matcher citation = id.matcher(Project.text(source));
            while (citation.find()) {
                citations
                        .computeIfAbsent(citation.group(), any -> new ArrayList<>())
                        .add(Project.shown(source));
            }
        }
        return citations;
    }

    @Test
    void everyRuleIsNumberedAndComplete() {
        Map<String, String> rules = rules();
        assertThat(rules).hasSizeGreaterThan(60);
        rules.forEach((id, text) -> {
            assertThat(text).as(id).contains("MUST", "- *Intent.* ", "- *Tested.* ", "- *If it fails.* ");
            int number = Integer.parseInt(id.substring(3));
            String before = id.substring(0, 3) + (number - 1);
            assertThat(number == 1 || rules.containsKey(before) || KEPT_FREE.contains(before))
                    .as("the number before %s", id)
                    .isTrue();
        });
    }

    @Test
    void everyCitedRuleExists() {
        Map<String, List<String>> citations = citations();
        assertThat(citations).as("citations in the sources").isNotEmpty();
        citations.keySet().removeAll(rules().keySet());
        assertThat(citations)
                .as("ids that docs/SPEC.md does not have, and where")
                .isEmpty();
    }

    /** A promise without a test is a fault; where none can be, the page says so and why. */
    @Test
    void everyRuleIsCitedByATestOrListedWithTheReason() {
        Map<String, List<String>> citations = citations();
        citations.values().forEach(sources -> sources.removeIf(source -> !isTest(source)));
        citations.values().removeIf(List::isEmpty);
        Set<String> uncited = new TreeSet<>(rules().keySet());
        uncited.removeAll(citations.keySet());
        assertThat(listed())
                .as("the rules that no test cites, and those under that heading in docs/SPEC.md")
                .isEqualTo(uncited);
    }

    /** The ids in the last table of the page, each with a reason. */
    private static Set<String> listed() {
        int heading = SPEC.indexOf("## Rules that no test cites");
        assertThat(heading).isPositive();
        Set<String> listed = new TreeSet<>();
        Matcher row =
                Pattern.compile("(?m)^\\| ([A-Z]{2}-\\d+) \\| (?=\\S)(.+) \\|$").matcher(SPEC.substring(heading));
        while (row.find()) {
            listed.add(row.group(1));
        }
        return listed;
    }

    private static boolean isTest(String source) {
        return source.contains("/src/test/") || source.matches("lock-tck/src/main/java/io/holdfast/tck/\\w*Kit\\.java");
    }

    /** The groups of the contents list and the headings are the same. */
    @Test
    void everyGroupHasAHeading() {
        Set<String> headings = new TreeSet<>();
        Matcher heading = Pattern.compile("(?m)^## ([A-Z]{2}) ").matcher(SPEC);
        while (heading.find()) {
            headings.add(heading.group(1));
        }
        Set<String> groups =
                rules().keySet().stream().map(id -> id.substring(0, 2)).collect(Collectors.toSet());
        assertThat(headings).isEqualTo(groups);
    }
}
