// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.documents;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.LockMetrics;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** docs/production.md has every count and every logger that there is. */
class ProductionPageTest {
    private static final String PAGE = Project.text(Project.root().resolve("docs/production.md"));
    private static final Pattern COUNT =
            Pattern.compile("(?m)^\\| ((?:`[a-z]+`(?:, )?)+) \\| (?:now|since it was opened) \\|");
    private static final Pattern NAME = Pattern.compile("`([a-zA-Z.]+)`");
    private static final Pattern LOGGER = Pattern.compile("System\\.getLogger\\((\"[a-z.]+\"|[A-Za-z]+\\.class)");
    private static final Pattern LOGGERS = Pattern.compile("(?m)^\\| `(io\\.holdfast[a-z.]*)` \\| ");

    @Test
    void itHasEveryCountOfAClient() {
        Set<String> said = COUNT.matcher(PAGE)
                .results()
                .flatMap(row -> NAME.matcher(row.group(1)).results())
                .map(name -> name.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> counts = Arrays.stream(LockMetrics.class.getMethods())
                .map(Method::getName)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(said).isEqualTo(counts);
    }

    /** Those of classes have the class's name behind that of its package, under which they are found. */
    @Test
    void itHasEveryLogger() {
        Set<String> used = new TreeSet<>();
        Project.files(".java").stream()
                .filter(file ->
                        Project.shown(file).matches("lock-(api|local|redis|zookeeper|etcd|consul|jdbc)/src/main/.*"))
                .map(Project::text)
                .forEach(source ->
                        LOGGER.matcher(source).results().forEach(found -> used.add(name(found.group(1), source))));
        Set<String> said =
                LOGGERS.matcher(PAGE).results().map(row -> row.group(1)).collect(Collectors.toCollection(TreeSet::new));
        assertThat(said).isEqualTo(used);
    }

    private static String name(String argument, String source) {
        return argument.startsWith("\"")
                ? argument.replace("\"", "")
                : source.replaceAll("(?s).*\npackage ([a-z.]+);.*", "$1");
    }
}
