// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.release;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code ./release} looks for in a jar and in a bundle is found where it is missing. */
class BundleRulesTest {
    private static final byte[] CLASS_OF_JAVA_17 = {(byte) 0xCA, (byte) 0xFE, (byte) 0xBA, (byte) 0xBE, 0, 0, 0, 61};
    private static final byte[] CLASS_OF_JAVA_21 = {(byte) 0xCA, (byte) 0xFE, (byte) 0xBA, (byte) 0xBE, 0, 0, 0, 65};

    @TempDir
    Path folder;

    private final Map<String, byte[]> entries = new LinkedHashMap<>();

    @BeforeEach
    void aGoodJar() throws IOException {
        entries.put("META-INF/MANIFEST.MF", bytes("Manifest-Version: 1.0\nAutomatic-Module-Name: a.b\n\n"));
        for (String term : new String[] {"LICENSE", "NOTICE"}) {
            Files.writeString(folder.resolve(term), term);
            entries.put("META-INF/" + term, bytes(term));
        }
        entries.put("a/B.class", CLASS_OF_JAVA_17);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private Path jar(String name) throws IOException {
        Path jar = folder.resolve(name);
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                JarEntry header = new JarEntry(entry.getKey());
                header.setTime(1_700_000_000_000L);
                out.putNextEntry(header);
                out.write(entry.getValue());
            }
        }
        return jar;
    }

    @Test
    void aGoodJarHasNoFault() throws IOException {
        assertThat(JarRules.faults(jar("b.jar"), folder)).isEmpty();
    }

    @Test
    void aJarWithoutTheTermsIsFound() throws IOException {
        entries.remove("META-INF/NOTICE");
        entries.put("META-INF/LICENSE", bytes("another one"));
        assertThat(JarRules.faults(jar("b.jar"), folder))
                .containsExactly(
                        "has no META-INF/LICENSE like the project's", "has no META-INF/NOTICE like the project's");
    }

    @Test
    void aJarWithoutAModuleNameIsFound() throws IOException {
        entries.put("META-INF/MANIFEST.MF", bytes("Manifest-Version: 1.0\n\n"));
        assertThat(JarRules.faults(jar("b.jar"), folder))
                .singleElement()
                .asString()
                .contains("no module name");
    }

    @Test
    void aJarForANewerJavaIsFound() throws IOException {
        entries.put("a/C.class", CLASS_OF_JAVA_21);
        assertThat(JarRules.faults(jar("b.jar"), folder))
                .singleElement()
                .asString()
                .startsWith("a/C.class needs a newer Java");
    }

    @Test
    void aJarThatSpeaksOfASnapshotIsFound() throws IOException {
        entries.put("a/build.properties", bytes("version=0.1.0-SNAPSHOT"));
        assertThat(JarRules.faults(jar("b.jar"), folder)).containsExactly("speaks of a SNAPSHOT in a/build.properties");
    }

    @Test
    void emptyJarsOfSourcesAndJavadocAreFound() throws IOException {
        assertThat(JarRules.faults(jar("b-sources.jar"), folder)).containsExactly("has no .java");
        assertThat(JarRules.faults(jar("b-javadoc.jar"), folder)).containsExactly("has no index.html");
    }

    @Test
    void whatABundleLacksAndWhatItHasBesideIsFound() throws IOException {
        Path bom = folder.resolve("bundle/io/holdfast/lock-bom/1.2.3");
        Files.createDirectories(bom);
        Files.writeString(bom.resolve("lock-bom-1.2.3.pom"), "<project/>");
        Files.writeString(bom.resolve("lock-bom-1.2.3.pom.md5"), "0123");
        Files.writeString(bom.resolve("maven-metadata.xml"), "");
        String path = "io/holdfast/lock-bom/1.2.3/";
        assertThat(BundleRules.faults(folder.resolve("bundle"), "1.2.3", folder))
                .contains(
                        path + "lock-bom-1.2.3.pom.asc is missing",
                        path + "lock-bom-1.2.3.pom.sha1 is missing",
                        path + "lock-bom-1.2.3.pom.md5 is not the digest of its file",
                        path + "maven-metadata.xml has no place in a release",
                        path + "lock-bom-1.2.3.pom has no <scm><connection>");
        assertThat(BundleRules.faults(folder.resolve("bundle"), "1.2.3-SNAPSHOT", folder))
                .contains("the version 1.2.3-SNAPSHOT is none of a release");
    }
}
