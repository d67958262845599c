// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.LockInfo;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of the user's own other programs among those of locks, of any name and size: they hide nothing and stop nobody (rule IN-2). */
class ForeignFilesTest {
    @TempDir
    private Path directory;

    @Test
    @DisplayName("IN-2: huge and foreign files make no other name fail")
    void foreignFiles() throws Exception {
        try (LockClient client = LockClient.open(LockConfig.of("file:" + directory))) {
            LockHandle hold = client.acquire("n", Duration.ofSeconds(10));
            Path names = theOneUnder(directory).resolve("names");
            Files.createDirectory(names.resolve("%zz"));
            Files.createDirectories(names.resolve("other").resolve("below"));
            Files.createSymbolicLink(names.resolve("link"), directory);
            Files.writeString(names.resolve("a file"), "of nobody");
            Files.writeString(theOneUnder(names).resolve("holder-x"), "");
            try (RandomAccessFile huge = new RandomAccessFile(
                    Files.createDirectory(names.resolve("line")).resolve("blob").toFile(), "rw")) {
                huge.setLength(10L << 30); // it takes no room
            }
            Files.createDirectory(names.resolveSibling("sessions").resolve("junk"));
            assertThat(client.list()).extracting(LockInfo::name).containsExactly("n");
            assertThat(client.lock("n").inspect().isHeld()).isTrue();
            assertThat(client.lock("line").inspect().isHeld()).isFalse();
            client.acquire("m", Duration.ofSeconds(10)).release();
            assertThat(client.diagnose()).isNotEmpty();
            hold.release();
        }
    }

    private static Path theOneUnder(Path at) throws Exception {
        try (Stream<Path> below = Files.list(at)) {
            return below.filter(path -> Files.isDirectory(path)
                            && !path.getFileName().toString().contains("%"))
                    .filter(path -> path.getFileName().toString().matches("holdfast|n"))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
