// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** No kit is left out of the whole, and no rule that the kit is to test is left without a test. */
class CompletenessTest {
    private static List<Class<?>> kits() {
        return Arrays.stream(LockTck.class.getDeclaredClasses())
                .filter(type -> type.isAnnotationPresent(Nested.class))
                .collect(Collectors.toList());
    }

    @Test
    void everyKitIsPartOfTheWhole() throws Exception {
        Path classes = Path.of(LockTck.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Set<String> written = new TreeSet<>();
        try (Stream<Path> files = Files.list(classes.resolve("io/holdfast/tck"))) {
            files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith("Kit.class") && !name.contains("$") && !name.equals("Kit.class"))
                    .forEach(name -> written.add(name.replace(".class", "")));
        }
        Set<String> nested = kits().stream()
                .map(kit -> kit.getSuperclass().getSimpleName())
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(nested).isEqualTo(written).hasSizeGreaterThan(15);
    }

    @Test
    void everyTestNamesItsRules() {
        List<String> without = new ArrayList<>();
        for (Class<?> kit : kits()) {
            for (Method method : kit.getSuperclass().getDeclaredMethods()) {
                if (method.isAnnotationPresent(Test.class) && !method.isAnnotationPresent(Proves.class)) {
                    without.add(kit.getSimpleName() + "." + method.getName());
                }
            }
        }
        assertThat(without).isEmpty();
    }

    @Test
    void everyRuleThatThePageGivesToTheKitHasATest() {
        List<String> untested = RuleBook.spec().rules().stream()
                .filter(rule -> rule.tested().contains("Kit"))
                .map(Rule::id)
                .filter(id -> !TestedRules.all().contains(id))
                .toList();
        assertThat(untested).isEmpty();
    }
}
