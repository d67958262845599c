// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import io.holdfast.LockNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/** Whether COMMAND can be started, asked before the lock is: who mistypes it need not wait for the lock to learn so. */
final class CommandPath {
    private static final int SET_USER_ID = 04000;
    private static final Integer ROOT = 0;

    private CommandPath() {}

    /**
     * Looks a command up as {@code execvp} does.
     *
     * @param line a name, or a path when it has a slash, and its arguments
     * @param searchPath the value of {@code PATH}
     * @return the file
     * @throws ToolException with 126 or 127 when it would not start
     */
    static Path check(List<String> line, String searchPath) {
        String command = line.get(0);
        boolean there = false;
        for (String directory : command.contains("/") ? new String[] {""} : searchPath.split(":", -1)) {
            Path file = path(directory, command);
            if (!command.isEmpty() && Files.exists(file)) {
                if (Files.isRegularFile(file) && Files.isExecutable(file)) {
                    return file;
                }
                there = true;
            }
        }
        String shown = "command '" + LockNames.printable(command) + "'";
        if (there) {
            throw new ToolException(
                    ExitCode.NOT_EXECUTABLE,
                    shown + " cannot be executed: it is a directory or lacks" + " the permission; check it with ls -l");
        }
        throw new ToolException(
                ExitCode.NOT_FOUND,
                shown + " was not found; "
                        + (line.size() == 1 && command.chars().anyMatch(Character::isWhitespace)
                                ? "a line of shell, as consul lock takes it, is given by -c: holdfast run NAME -c LINE"
                                        + " has to be written holdfast run -c LINE NAME"
                                : "give its path, or check PATH"));
    }

    /** Whether its file says that it runs as somebody else, such as sudo(8), and this user is not root. */
    static boolean becomesAnotherUser(Path file) {
        try {
            int mode = ((Number) Files.getAttribute(file, "unix:mode")).intValue();
            Object owner = Files.getAttribute(file, "unix:uid");
            Object self = Files.getAttribute(Path.of("/proc/self/"), "unix:uid");
            return (mode & SET_USER_ID) != 0 && !self.equals(ROOT) && !self.equals(owner);
        } catch (IOException | RuntimeException unknown) {
            return false;
        }
    }

    private static Path path(String directory, String command) {
        try {
            // An empty part of PATH is the working directory.
            return directory.isEmpty() ? Path.of(command) : Path.of(directory, command);
        } catch (InvalidPathException malformed) {
            throw new ToolException(
                    ExitCode.NOT_FOUND, "command '" + LockNames.printable(command) + "' is no file name", malformed);
        }
    }
}
