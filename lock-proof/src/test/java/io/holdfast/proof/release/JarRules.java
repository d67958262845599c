// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.release;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/** What a jar of a release has to have. */
final class JarRules {
    private static final int JAVA_17 = 61;

    private final JarFile jar;
    private final List<String> faults = new ArrayList<>();

    private JarRules(JarFile jar) {
        this.jar = jar;
    }

    /**
     * What is wrong with a jar.
     *
     * @param file the jar
     * @param root the source tree with LICENSE and NOTICE
     * @return in words, empty when nothing is
     */
    static List<String> faults(Path file, Path root) throws IOException {
        try (JarFile jar = new JarFile(file.toFile())) {
            JarRules rules = new JarRules(jar);
            rules.check(root);
            String name = file.getFileName().toString();
            if (name.endsWith("-sources.jar")) {
                rules.wantOne(".java");
            } else if (name.endsWith("-javadoc.jar")) {
                rules.wantOne("index.html");
            } else {
                rules.checkClasses();
            }
            return rules.faults;
        }
    }

    private void check(Path root) throws IOException {
        for (String term : List.of("LICENSE", "NOTICE")) {
            JarEntry entry = jar.getJarEntry("META-INF/" + term);
            if (entry == null || !Files.readString(root.resolve(term)).equals(text(entry))) {
                faults.add("has no META-INF/" + term + " like the project's");
            }
        }
        List<JarEntry> entries = jar.stream().toList();
        if (entries.stream().map(JarEntry::getTimeLocal).distinct().count() != 1) {
            faults.add("has entries of different times, so no second build is like it");
        }
        for (JarEntry entry : entries) {
            if (entry.getName().matches("META-INF/(MANIFEST.MF|maven/.*)|.*\\.properties")
                    && text(entry).contains("SNAPSHOT")) {
                faults.add("speaks of a SNAPSHOT in " + entry.getName());
            }
        }
    }

    private void checkClasses() throws IOException {
        wantOne(".class");
        boolean named = jar.getManifest() != null
                && jar.getManifest().getMainAttributes().getValue("Automatic-Module-Name") != null;
        if (jar.getJarEntry("module-info.class") == null && !named) {
            faults.add("has no module name: neither module-info nor Automatic-Module-Name");
        }
        for (JarEntry entry :
                jar.stream().filter(one -> one.getName().endsWith(".class")).toList()) {
            try (DataInputStream in = new DataInputStream(jar.getInputStream(entry))) {
                in.readInt(); // the magic number
                in.readUnsignedShort(); // the minor version
                int major = in.readUnsignedShort();
                if (major > JAVA_17) {
                    faults.add(entry.getName() + " needs a newer Java than 17: class file version " + major);
                }
            }
        }
    }

    private void wantOne(String ending) {
        if (jar.stream().noneMatch(entry -> entry.getName().endsWith(ending))) {
            faults.add("has no " + ending);
        }
    }

    private String text(JarEntry entry) throws IOException {
        try (InputStream in = jar.getInputStream(entry)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
