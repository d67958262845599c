// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.release;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The POMs that the build makes for users say what a repository asks for, and name what was tested. */
class PublishedPomTest {
    private static final Path ROOT = Path.of("..");

    @TempDir
    Path folder;

    private static Path published(String module) {
        return ROOT.resolve(module).resolve("target/published-pom.xml");
    }

    private static String version() throws IOException {
        return property("lock-bom/pom.xml", "version");
    }

    /** The first element of this name in a POM. */
    private static String property(String pom, String name) throws IOException {
        Matcher found = Pattern.compile("<" + name + ">([^<]*)</").matcher(Files.readString(ROOT.resolve(pom)));
        assertThat(found.find()).as("%s in %s", name, pom).isTrue();
        return found.group(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lock-api",
                "lock-local",
                "lock-redis",
                "lock-zookeeper",
                "lock-etcd",
                "lock-consul",
                "lock-jdbc",
                "lock-tck",
                "lock-lab"
            })
    void saysWhatARepositoryAsksFor(String module) throws IOException {
        assertThat(PomRules.faults(published(module), module, version())).isEmpty();
    }

    /** All that a POM names is on the class path of these tests, in the version that it names. */
    @ParameterizedTest
    @ValueSource(strings = {"lock-redis", "lock-zookeeper", "lock-etcd", "lock-consul", "lock-jdbc"})
    void namesWhatWasTested(String module) throws IOException {
        List<String> tested = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(path -> path.replace('\\', '/'))
                .toList();
        List<String> libraries = PomRules.libraries(published(module)).stream()
                .filter(library -> !library.contains("io.holdfast"))
                .toList();
        assertThat(libraries).isNotEmpty().allSatisfy(library -> {
            String[] parts = library.substring("pkg:maven/".length()).split("[/@]", -1);
            assertThat(tested)
                    .as(library)
                    .anyMatch(path -> path.contains("/" + parts[0].replace('.', '/') + "/" + parts[1] + "/" + parts[2]
                            + "/" + parts[1] + "-" + parts[2]));
        });
    }

    /** lock-bom has no parent, so it says again what the parent says. */
    @ParameterizedTest
    @CsvSource({"holdfast.home,holdfast.home", "version,version"})
    void theBomSaysWhatTheParentSays(String ours, String theirs) throws IOException {
        assertThat(property("lock-bom/pom.xml", ours)).isEqualTo(property("pom.xml", theirs));
    }

    @Test
    void theBomHasTheParentsNettyAndEveryPublishedModule() throws IOException {
        String bom = Files.readString(ROOT.resolve("lock-bom/pom.xml"));
        assertThat(bom).contains("<version>" + property("pom.xml", "netty.version") + "</version>");
        List<String> modules = Pattern.compile("<module>(lock-[a-z-]+)</module>")
                .matcher(Files.readString(ROOT.resolve("pom.xml")))
                .results()
                .map(found -> found.group(1))
                .filter(module ->
                        !List.of("lock-bom", "lock-proof", "lock-bench").contains(module))
                .toList();
        assertThat(PomRules.managed(ROOT.resolve("lock-bom/pom.xml"))).containsExactlyInAnyOrderElementsOf(modules);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "<url>[^<]*</url>||has no <url>",
                "<developers>[\\s\\S]*</developers>||has no <developers><developer><name>",
                "<scm[\\s\\S]*</scm>||has no <scm><connection>",
                "<licenses>[\\s\\S]*</licenses>||has no <licenses><license><name>",
                "<modelVersion>|<parent/><modelVersion>|has a <parent>",
                "<version>4[.0-9]*Final|<version>4.2.0-SNAPSHOT|depends on io.netty:netty-buffer in no fixed version",
                "<version>4[.0-9]*Final|<version>[4,5)|depends on io.netty:netty-buffer in no fixed version",
                "<artifactId>lock-redis|<artifactId>lock-other|the artifactId is 'lock-other', not 'lock-redis'",
                "<name>[^<]*|<name>${title}|has a variable",
            })
    void aFaultIsFound(String what, String instead, String fault) throws IOException {
        String good = Files.readString(published("lock-redis"));
        String bad = good.replaceFirst(what, Matcher.quoteReplacement(instead == null ? "" : instead));
        assertThat(bad).isNotEqualTo(good);
        Path pom = Files.writeString(folder.resolve("pom.xml"), bad);
        assertThat(PomRules.faults(pom, "lock-redis", version()))
                .anySatisfy(found -> assertThat(found).startsWith(fault));
    }
}
