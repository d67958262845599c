// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** docs/FAULTS.md names tests: each is there. */
class FaultsPageTest {
    private static final Pattern NAMED = Pattern.compile("`([A-Z][A-Za-z0-9]*(?:Test|Kit))(?:#([a-zA-Z0-9]+))?`");

    @Test
    void everyTestItNamesIsThere() {
        Map<String, String> sources = Project.files(".java").stream()
                .collect(Collectors.toMap(
                        file -> file.getFileName().toString().replace(".java", ""), Project::text, String::concat));
        Set<String> missing = new TreeSet<>();
        Matcher named = NAMED.matcher(Project.text(Path.of("..", "docs", "FAULTS.md")));
        int count = 0;
        while (named.find()) {
            count++;
            String source = sources.getOrDefault(named.group(1), "");
            String method = named.group(2) == null ? "class " + named.group(1) : "void " + named.group(2) + "(";
            if (!source.contains(method)) {
                missing.add(named.group());
            }
        }
        assertThat(count).isGreaterThan(20);
        assertThat(missing).isEmpty();
    }
}
