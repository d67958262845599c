// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.StoreFaults;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A lock directory of its own for one run of the kit. */
final class FileFixture implements LockBackendFixture {
    private final Path directory;

    FileFixture(Path directory) {
        this.directory = directory;
    }

    @Override
    public String url() {
        return "file:" + directory;
    }

    /** What is left of names and sessions. The directory of a dead session goes when the next one is opened: so one is opened. */
    @Override
    public List<String> residue() throws IOException {
        LockClient.open(LockConfig.of(url())).close();
        List<String> found = new ArrayList<>();
        try (DirectoryStream<Path> prefixes = Files.newDirectoryStream(directory)) {
            for (Path prefix : prefixes) {
                for (String kind : List.of("names", "sessions")) {
                    try (Stream<Path> entries = Files.list(prefix.resolve(kind))) {
                        entries.forEach(
                                entry -> found.add(directory.relativize(entry).toString()));
                    }
                }
            }
        }
        return found;
    }

    @Override
    public StoreFaults faults() {
        return new StoreFaults() {
            @Override
            public void deleteHolder(String name) throws IOException {
                Path holder = directory.resolve("holdfast/names").resolve(name);
                try (DirectoryStream<Path> files = Files.newDirectoryStream(holder, "holder-*")) {
                    for (Path file : files) {
                        Files.delete(file);
                    }
                }
            }
        };
    }
}
