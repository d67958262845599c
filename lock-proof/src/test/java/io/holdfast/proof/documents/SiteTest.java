// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.documents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The site that is made of the pages. */
class SiteTest {
    @TempDir
    private Path directory;

    /** Those of the modules say where to read; whoever reads the site is there. */
    @Test
    void everyPageStandsInItsNavigation() throws IOException {
        String settings = Files.readString(Project.root().resolve("site/mkdocs.yml"));
        Set<String> listed = new TreeSet<>();
        settings.lines()
                .filter(line -> line.strip().startsWith("- ") && line.endsWith(".md"))
                .forEach(line -> listed.add(line.replaceFirst(".*: ", "")));
        Set<String> pages = Project.files(".md").stream()
                .map(Project::shown)
                .filter(page -> !page.matches("(lock-|\\.github/).*"))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(listed).isEqualTo(pages);
    }

    @Test
    void itIsMadeAndEveryLinkOfItLeadsSomewhere() throws Exception {
        assumeTrue(isThere("mkdocs"), "no mkdocs on the PATH (Debian: apt-get install mkdocs)");
        Run made = run("site/build", "--no-javadoc", "--out", directory.toString(), "--version", "1.2.3");
        assertThat(made.exit()).as(made.said()).isZero();
        assertThat(made.said()).containsPattern("site: [0-9]{4,} links of [0-9]{2} pages followed");
        assertThat(Files.readString(directory.resolve("index.html"))).contains("href=\"1.2.3/index.html\"");
        assertThat(directory.resolve("1.2.3/search/search_index.json")).isNotEmptyFile();

        Path page = directory.resolve("1.2.3/docs/choosing.html");
        Files.writeString(page, "<a href=\"fencing.html#no-such-anchor\">", StandardCharsets.UTF_8);
        Run broken = run(
                "python3", "site/links.py", "check", directory.resolve("1.2.3").toString());
        assertThat(broken.exit()).isEqualTo(1);
        assertThat(broken.said()).contains("docs/choosing.html: fencing.html#no-such-anchor has no such anchor");
    }

    private static boolean isThere(String program) {
        return Arrays.stream(System.getenv("PATH").split(":", -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    private record Run(int exit, String said) {}

    private static Run run(String... command) throws Exception {
        Process process = new ProcessBuilder(List.of(command))
                .directory(Project.root().toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(process.waitFor(), said);
    }
}
