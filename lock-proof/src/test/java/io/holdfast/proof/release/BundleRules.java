// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.release;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Looks at a folder laid out as a repository and tells what a central repository would refuse, and what we would: {@code
 * BundleRules FOLDER VERSION ROOT}. {@code ./release} compiles this and its neighbours with nothing but a JDK. That signatures are
 * right it leaves to GnuPG.
 */
final class BundleRules {
    private static final Map<String, String> DIGESTS =
            Map.of("md5", "MD5", "sha1", "SHA-1", "sha256", "SHA-256", "sha512", "SHA-512");

    private final Path folder;
    private final String version;
    private final Path root;
    private final List<String> faults = new ArrayList<>();

    private BundleRules(Path folder, String version, Path root) {
        this.folder = folder;
        this.version = version;
        this.root = root;
    }

    /** Prints each fault; the exit code is 1 when there is one. */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        List<String> faults = faults(folder, args[1], Path.of(args[2]));
        faults.forEach(fault -> System.out.println("FAULT " + fault));
        if (!faults.isEmpty()) {
            System.exit(1);
        }
    }

    static List<String> faults(Path folder, String version, Path root) throws IOException {
        return new BundleRules(folder, version, root).check();
    }

    private List<String> check() throws IOException {
        if (version.contains("SNAPSHOT")) {
            faults.add("the version " + version + " is none of a release");
        }
        Path bom = folder.resolve("io/holdfast/lock-bom/" + version + "/lock-bom-" + version + ".pom");
        if (!Files.exists(bom)) {
            faults.add("there is no " + bom);
            return faults;
        }
        Set<String> wanted = new TreeSet<>();
        checkArtifact("lock-bom", true, wanted);
        for (String artifact : PomRules.managed(bom)) {
            checkArtifact(artifact, false, wanted);
        }
        Set<String> found = files();
        difference(wanted, found).forEach(file -> faults.add(file + " is missing"));
        difference(found, wanted).forEach(file -> faults.add(file + " has no place in a release"));
        for (String file : found) {
            checkDigest(file);
        }
        return faults;
    }

    private void checkArtifact(String artifact, boolean bomOnly, Set<String> wanted) throws IOException {
        String stem = "io/holdfast/" + artifact + "/" + version + "/" + artifact + "-" + version;
        Path pom = folder.resolve(stem + ".pom");
        List<String> files = new ArrayList<>(List.of(stem + ".pom"));
        if (!bomOnly) {
            Stream.of(".jar", "-sources.jar", "-javadoc.jar", "-cyclonedx.json")
                    .forEach(ending -> files.add(stem + ending));
        }
        for (String file : files) {
            wanted.add(file);
            wanted.add(file + ".asc");
            DIGESTS.keySet().forEach(digest -> wanted.add(file + "." + digest));
            if (file.endsWith(".jar") && Files.exists(folder.resolve(file))) {
                tell(file, JarRules.faults(folder.resolve(file), root));
            }
        }
        if (Files.exists(pom)) {
            tell(stem + ".pom", PomRules.faults(pom, artifact, version));
            checkBill(folder.resolve(stem + "-cyclonedx.json"), pom);
        }
    }

    /** The bill names what the POM names; what those need in turn, the plugin that writes it has looked up. */
    private void checkBill(Path bill, Path pom) throws IOException {
        if (Files.exists(bill)) {
            String text = Files.readString(bill);
            PomRules.libraries(pom).stream()
                    .filter(library -> !text.contains("\"" + library))
                    .forEach(library -> faults.add(folder.relativize(bill) + " does not list " + library));
            if (text.contains("SNAPSHOT") || text.contains("serialNumber")) {
                faults.add(folder.relativize(bill) + " has a SNAPSHOT, or a number that differs in every build");
            }
        }
    }

    private void checkDigest(String file) throws IOException {
        String ending = file.substring(file.lastIndexOf('.') + 1);
        if (DIGESTS.containsKey(ending)) {
            Path of = folder.resolve(file.substring(0, file.lastIndexOf('.')));
            if (Files.exists(of)
                    && !Files.readString(folder.resolve(file)).strip().equals(digest(of, DIGESTS.get(ending)))) {
                faults.add(file + " is not the digest of its file");
            }
        }
    }

    private static String digest(Path file, String algorithm) throws IOException {
        try {
            byte[] digest = MessageDigest.getInstance(algorithm).digest(Files.readAllBytes(file));
            return String.format("%0" + 2 * digest.length + "x", new BigInteger(1, digest));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private Set<String> files() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString().replace('\\', '/'))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static Set<String> difference(Set<String> all, Set<String> without) {
        Set<String> left = new TreeSet<>(all);
        left.removeAll(without);
        return left;
    }

    private void tell(String file, List<String> wrong) {
        wrong.forEach(fault -> faults.add(file + " " + fault));
    }
}
