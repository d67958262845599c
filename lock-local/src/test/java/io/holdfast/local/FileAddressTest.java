// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockConfigException;
import io.holdfast.LockDeniedException;
import io.holdfast.spi.BackendConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of an address that leads to no directory. */
class FileAddressTest {
    @TempDir
    Path parent;

    private static LockConfig config(String url) {
        return LockConfig.of(url);
    }

    @Test
    @DisplayName("OP-1: a directory that the system will not make is told at once, with the system's reason")
    void whatCannotBeMade() throws IOException {
        Path file = Files.createFile(parent.resolve("file"));
        Path dangling = Files.createSymbolicLink(parent.resolve("dangling"), parent.resolve("nowhere"));
        String long300 = "x".repeat(300);

        for (String[] refused : new String[][] {
            {"/proc/x", "no such file or directory (/proc/x)"},
            {"/proc/x/y", "no such file or directory (/proc/x)"},
            {file + "/locks", "(" + file},
            {dangling.toString(), "something else is there (" + dangling},
            {parent + "/" + long300, "name too long"}
        }) {
            assertThatThrownBy(() -> LockClient.open("file:" + refused[0]))
                    .as(refused[0])
                    .isInstanceOf(LockConfigException.class)
                    .hasMessageContaining("directory " + refused[0] + " cannot be made: ")
                    .hasMessageContaining(refused[1])
                    .hasMessageEndingWith("; name another one");
        }
    }

    @ParameterizedTest
    @DisplayName("ER-1: two slashes name a host")
    @CsvSource({
        "file://host/x, file:/x or file:/host/x",
        "file://host, file:/host",
        "file://a:1/x/y, file:/x/y or file:/a/x/y"
    })
    void twoSlashes(String url, String right) {
        assertThatThrownBy(() -> LockClient.open(url))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("names a host")
                .hasMessageContaining("two slashes")
                .hasMessageEndingWith(": write " + right);
    }

    @Test
    @DisplayName("a look says whether locks were ever kept in a directory, and makes nothing")
    void unused() throws IOException {
        FileBackendProvider provider = new FileBackendProvider();
        Path missing = parent.resolve("missing");
        assertThatThrownBy(() -> provider.isUnused(BackendConfig.of(config("file:" + missing))))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("file:" + missing + ": there is no such directory");
        assertThat(parent).isEmptyDirectory();

        Path directory = Files.createDirectory(parent.resolve("locks"));
        LockConfig config = config("file:" + directory);
        assertThat(provider.isUnused(BackendConfig.of(config))).isTrue();
        assertThat(directory).isEmptyDirectory();
        LockClient.open(config).close();
        assertThat(provider.isUnused(BackendConfig.of(config))).isFalse();
        assertThat(provider.isUnused(BackendConfig.of(config.withPrefix("other"))))
                .isTrue();

        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatThrownBy(() -> provider.isUnused(BackendConfig.of(config)))
                .as("what every command refuses")
                .isInstanceOf(LockDeniedException.class);
    }
}
