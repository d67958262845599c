// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** Directories of locks for tests, and what is in them. */
final class FileFixture {
    static final Duration GRACE = Duration.ofMillis(600);
    static final Duration PATIENCE = Duration.ofSeconds(20);
    static final String PREFIX = "holdfast";

    private FileFixture() {}

    static FileSettings settings(Path directory) {
        return new FileSettings(directory, PREFIX, GRACE, PATIENCE, false, false);
    }

    static FileBackend backend(Path directory) {
        return FileStores.JVM.open(settings(directory));
    }

    static FileBackend backend(Path directory, LockDirectory.Surroundings surroundings) {
        return new FileBackend(new FileStore(settings(directory), surroundings), () -> {});
    }

    static Path root(Path directory) {
        return directory.resolve(PREFIX);
    }

    /** All files and directories below, as paths from there. */
    static List<String> tree(Path directory) throws IOException {
        List<String> found = new ArrayList<>();
        collect(directory, directory, found);
        return List.copyOf(new TreeSet<>(found));
    }

    private static void collect(Path top, Path directory, List<String> found) throws IOException {
        try (DirectoryStream<Path> below = Files.newDirectoryStream(directory)) {
            for (Path path : below) {
                found.add(top.relativize(path).toString());
                if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                    collect(top, path, found);
                }
            }
        }
    }

    /** LK-1: what may stay when nobody uses a directory any more is what the documentation lists, and nothing else. */
    static void assertNothingLeft(Path directory) throws IOException {
        assertThat(tree(root(directory)))
                .filteredOn(path -> !path.matches("token-\\d{16}"))
                .isSubsetOf("mutex", "sessions", "names");
        token(directory);
    }

    /** The one file that says the last token. */
    static Path token(Path directory) throws IOException {
        List<String> tokens = tree(root(directory)).stream()
                .filter(path -> path.startsWith("token"))
                .toList();
        assertThat(tokens).hasSize(1);
        return root(directory).resolve(tokens.get(0));
    }
}
