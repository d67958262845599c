// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import io.holdfast.internal.Names;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Whether COMMAND can be started, asked before the lock is: who mistypes it need not wait for the lock to learn so. */
final class CommandPath {
    private CommandPath() {}

    /**
     * Looks a command up as {@code execvp} does.
     *
     * @param command a name, or a path when it has a slash
     * @param searchPath the value of {@code PATH}
     * @throws ToolException with 126 or 127 when it would not start
     */
    static void check(String command, String searchPath) {
        boolean there = false;
        for (String directory : command.contains("/") ? new String[] {""} : searchPath.split(":", -1)) {
            Path file = path(directory, command);
            if (!command.isEmpty() && Files.exists(file)) {
                if (Files.isRegularFile(file) && Files.isExecutable(file)) {
                    return;
                }
                there = true;
            }
        }
        String shown = "command '" + Names.printable(command) + "'";
        if (there) {
            throw new ToolException(
                    ExitCode.NOT_EXECUTABLE,
                    shown + " cannot be executed: it is a directory or lacks" + " the permission; check it with ls -l");
        }
        throw new ToolException(ExitCode.NOT_FOUND, shown + " was not found; give its path, or check PATH");
    }

    private static Path path(String directory, String command) {
        try {
            // An empty part of PATH is the working directory.
            return directory.isEmpty() ? Path.of(command) : Path.of(directory, command);
        } catch (InvalidPathException malformed) {
            throw new ToolException(
                    ExitCode.NOT_FOUND, "command '" + Names.printable(command) + "' is no file name", malformed);
        }
    }
}
