// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof;

import io.holdfast.LockConfig;
import io.holdfast.local.FileBackendProvider;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.StoreUri;
import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.StoreFaults;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A directory of its own for one run of the kit, with a grace short enough to wait for. */
final class FileFixture implements LockBackendFixture {
    /** What docs/backends/file.md says may stay below each prefix. */
    private static final Set<String> ALLOWED = Set.of("mutex", "names", "sessions");

    private final Path directory;
    private final LockBackend eye;

    FileFixture() throws IOException {
        directory = Files.createTempDirectory("holdfast-kit");
        eye = new FileBackendProvider().open(BackendConfig.of(config()));
    }

    @Override
    public String url() {
        return "file:" + StoreUri.encodePath(directory.toString()) + "?crash-grace=500ms";
    }

    @Override
    public LockConfig config() {
        return LockConfig.of(url());
    }

    @Override
    public List<String> residue() throws IOException {
        List<String> found = new ArrayList<>();
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
                return visitFile(path, attributes);
            }

            @Override
            public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) {
                found.add(directory.relativize(path).toString());
                return FileVisitResult.CONTINUE;
            }

            /** Tests that run beside this one take theirs away meanwhile. */
            @Override
            public FileVisitResult visitFileFailed(Path path, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw failure;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path path, @Nullable IOException failure) throws IOException {
                return failure == null ? FileVisitResult.CONTINUE : visitFileFailed(path, failure);
            }
        });
        return found.stream()
                .filter(path -> path.contains("/") && !isAllowed(path.substring(path.indexOf('/') + 1)))
                .toList();
    }

    private static boolean isAllowed(String path) {
        return ALLOWED.contains(path) || path.matches("token-\\d{16}");
    }

    @Override
    public boolean recognisesCopies() {
        return true;
    }

    @Override
    public StoreFaults faults() {
        return new StoreFaults() {
            @Override
            public void deleteHolder(String name) {
                eye.forceRelease(name, OptionalLong.empty())
                        .toCompletableFuture()
                        .join();
            }
        };
    }

    @Override
    public void close() {
        eye.close();
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
