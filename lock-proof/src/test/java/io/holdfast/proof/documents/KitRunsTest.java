// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** No backend is left without the kit. */
class KitRunsTest {
    private static final String PROVIDER = "META-INF/services/io.holdfast.spi.LockBackendProvider";

    /**
     * Memory, which no service file names, and files are judged in lock-proof, by a class for each: the kit's module is built after theirs.
     */
    private static final List<String> LOCAL = List.of(
            "lock-proof/src/test/java/io/holdfast/proof/MemoryTckTest.java",
            "lock-proof/src/test/java/io/holdfast/proof/FileTckTest.java");

    @Test
    void everyModuleWithABackendRunsTheWholeKit() {
        Set<String> judged = new TreeSet<>();
        for (Path source : Project.files(".java")) {
            String shown = Project.shown(source);
            if (shown.contains("/src/test/") && Project.text(source).contains(" extends LockTck {")) {
                judged.add(LOCAL.contains(shown) ? shown : module(shown));
            }
        }
        Set<String> expected = new TreeSet<>(LOCAL);
        for (Path services : Project.files("LockBackendProvider")) {
            String shown = Project.shown(services);
            if (shown.endsWith("src/main/resources/" + PROVIDER) && !shown.startsWith("lock-local/")) {
                expected.add(module(shown));
            }
        }
        assertThat(expected).as("modules with a backend").hasSizeGreaterThan(5);
        assertThat(judged).containsAll(expected);
    }

    private static String module(String shown) {
        return shown.substring(0, shown.indexOf("/src/"));
    }
}
