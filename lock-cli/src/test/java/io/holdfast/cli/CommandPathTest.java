// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandPathTest {
    @TempDir
    private Path first;

    @TempDir
    private Path second;

    private String searchPath = "";

    @BeforeEach
    void searchPath() {
        searchPath = first + ":" + second;
    }

    @Test
    void aCommandIsLookedForInEveryPart() throws IOException {
        file(second, "tool", "rwx------");

        assertThatCode(() -> CommandPath.check(List.of("tool"), searchPath)).doesNotThrowAnyException();
    }

    @Test
    void oneThatCannotBeExecutedHidesNoneThatCan() throws IOException {
        file(first, "tool", "rw-------");
        file(second, "tool", "rwx------");

        assertThatCode(() -> CommandPath.check(List.of("tool"), searchPath)).doesNotThrowAnyException();
    }

    @Test
    void aFileWithoutThePermissionIsNotExecutable() throws IOException {
        file(first, "tool", "rw-------");

        assertCode("tool", 126);
    }

    @Test
    void aFolderIsNotExecutable() {
        assertCode(first.toString(), 126);
    }

    @Test
    void aPathIsNotLookedForInTheSearchPath() throws IOException {
        Files.createDirectory(first.resolve("bin"));
        file(first.resolve("bin"), "tool", "rwx------");

        assertCode("bin/tool", 127);
        assertThatCode(() -> CommandPath.check(List.of(first + "/bin/tool"), ""))
                .doesNotThrowAnyException();
    }

    @Test
    void whatIsNotThereIsNotFound() {
        assertCode("tool", 127);
        assertCode("too\0l", 127);
        assertCode("", 127);
    }

    @Test
    void theMessageCannotDriveATerminal() {
        assertThatThrownBy(() -> CommandPath.check(List.of("to\u001b[31mol"), searchPath))
                .hasMessageContaining("'to\\u001b[31mol'");
    }

    private void assertCode(String command, int code) {
        assertThatThrownBy(() -> CommandPath.check(List.of(command), searchPath))
                .isInstanceOfSatisfying(
                        ToolException.class, e -> assertThat(e.exitCode()).isEqualTo(code));
    }

    private static void file(Path folder, String name, String mode) throws IOException {
        Files.setPosixFilePermissions(Files.createFile(folder.resolve(name)), PosixFilePermissions.fromString(mode));
    }
}
