// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** docs/SUPPORT.md says of every package that others can reach whether it is stable; one that is not says so itself. */
class SupportPageTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (`io\\.holdfast[^|]*) \\| (stable|experimental) \\|$");
    private static final Pattern PACKAGE = Pattern.compile("`([^`]+)`");
    private static final Pattern TYPE =
            Pattern.compile("(?m)^public .*?(?:class|interface) (io\\.holdfast[a-z.]*)\\.[A-Z]");

    private static Map<String, String> states() {
        Map<String, String> states = new TreeMap<>();
        ROW.matcher(Project.text(Project.root().resolve("docs/SUPPORT.md")))
                .results()
                .forEach(row -> PACKAGE.matcher(row.group(1))
                        .results()
                        .forEach(name -> states.put(name.group(1), row.group(2))));
        return states;
    }

    @Test
    void everyPackageThatOthersReachHasAState() {
        Set<String> shown = Project.files("api.txt").stream()
                .flatMap(api -> TYPE.matcher(Project.text(api)).results())
                .map(type -> type.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(states().keySet()).containsExactlyElementsOf(shown);
    }

    @Test
    void whatIsExperimentalSaysSo() {
        Map<String, String> said = new TreeMap<>();
        for (Path file : Project.files("package-info.java")) {
            String text = Project.text(file);
            String name = text.replaceAll("(?s).*\npackage ([a-z.]+);.*", "$1");
            if (states().containsKey(name)) {
                said.put(name, text.contains("<p>Experimental: it may change") ? "experimental" : "stable");
            }
        }
        assertThat(said).isEqualTo(states());
    }
}
