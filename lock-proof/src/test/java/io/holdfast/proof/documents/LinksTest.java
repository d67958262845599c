// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Every relative link in a document leads somewhere, to the heading it names too. */
class LinksTest {
    private static final Pattern LINK = Pattern.compile("\\[[^]\\[]*]\\(([^)\\s]+)\\)");
    private static final Pattern TO_A_RULE = Pattern.compile("\\[([A-Z]{2}-[1-9][0-9]*)]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.+?) *$");
    private static final Pattern FENCED = Pattern.compile("(?ms)^```.*?^``` *$");
    private static final Pattern CODE = Pattern.compile("`[^`\n]*`");

    @Test
    void leadSomewhere() {
        List<Path> documents = Project.files(".md");
        List<String> broken = new ArrayList<>();
        int links = 0;
        for (Path document : documents) {
            Matcher link = LINK.matcher(prose(document));
            while (link.find()) {
                if (!link.group(1).matches("(https?|mailto):.*")) {
                    links++;
                    if (!leadsSomewhere(document, link.group(1))) {
                        broken.add(Project.shown(document) + ": " + link.group(1));
                    }
                }
            }
        }
        assertThat(broken).as("links that lead nowhere").isEmpty();
        assertThat(links).as("links found in %s", documents).isGreaterThan(documents.size());
    }

    /** A link that is called by a rule's number leads to the rule, not to the page or the group. */
    @Test
    void thoseToARuleLeadToIt() {
        List<String> wrong = new ArrayList<>();
        int rules = 0;
        for (Path document : Project.files(".md")) {
            Matcher link = TO_A_RULE.matcher(prose(document));
            while (link.find()) {
                rules++;
                if (!link.group(2).contains("#" + link.group(1).toLowerCase(Locale.ROOT) + "-")) {
                    wrong.add(Project.shown(document) + ": " + link.group());
                }
            }
        }
        assertThat(wrong).as("links to a rule that lead elsewhere").isEmpty();
        assertThat(rules).isGreaterThan(30);
    }

    @Test
    void aMissingFileAndAMissingHeadingAreFound() {
        Path spec = Project.root().resolve("docs/SPEC.md");
        assertThat(leadsSomewhere(spec, "fencing.md#files")).isTrue();
        assertThat(leadsSomewhere(spec, "#words")).isTrue();
        assertThat(leadsSomewhere(spec, "nowhere.md")).isFalse();
        assertThat(leadsSomewhere(spec, "fencing.md#nowhere")).isFalse();
    }

    private static boolean leadsSomewhere(Path document, String link) {
        int hash = link.indexOf('#');
        String path = hash < 0 ? link : link.substring(0, hash);
        Path target = path.isEmpty() ? document : document.resolveSibling(path).normalize();
        if (!target.startsWith(Project.root()) || !Files.exists(target)) {
            return false;
        }
        return hash < 0 || anchors(target).contains(link.substring(hash + 1));
    }

    /** The anchors that the usual Markdown sites make of headings: lower case, no punctuation, hyphens, numbered when repeated. */
    private static Set<String> anchors(Path document) {
        Set<String> anchors = new HashSet<>();
        Map<String, Integer> seen = new HashMap<>();
        Matcher heading = HEADING.matcher(FENCED.matcher(Project.text(document)).replaceAll(""));
        while (heading.find()) {
            String anchor = heading.group(1)
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{N} _-]", "")
                    .replace(' ', '-');
            int before = seen.merge(anchor, 1, Integer::sum) - 1;
            anchors.add(before == 0 ? anchor : anchor + "-" + before);
        }
        return anchors;
    }

    private static String prose(Path document) {
        String unfenced = FENCED.matcher(Project.text(document)).replaceAll("");
        return CODE.matcher(unfenced).replaceAll("code");
    }
}
