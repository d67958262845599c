// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Who lives in a session of processes, read from {@code /proc}. */
final class SessionMembers {
    private static final Path PROC = Path.of("/proc");
    private static final int STATE = 0;
    private static final int GROUP = 2;
    private static final int SESSION = 3;

    private SessionMembers() {}

    /** The process ids in a session, without those that are dead and only wait for their parent. */
    static List<Long> of(long session) {
        return those(fields -> number(fields[SESSION]) == session);
    }

    /** Those of them that a signal to the session's own group does not reach. */
    static List<Long> outsideTheGroup(long session) {
        return those(fields -> number(fields[SESSION]) == session && number(fields[GROUP]) != session);
    }

    private static List<Long> those(Predicate<String[]> wanted) {
        List<Long> members = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                if (isAlive(process, wanted)) {
                    members.add(Long.parseLong(process.getFileName().toString()));
                }
            }
        } catch (IOException e) {
            throw new ToolException(ExitCode.FAILED, "cannot read /proc: " + e.getMessage(), e);
        }
        return members;
    }

    private static boolean isAlive(Path process, Predicate<String[]> wanted) {
        String stat;
        try {
            stat = Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1);
        } catch (IOException gone) {
            return false;
        }
        // After the name, which may hold anything.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", SESSION + 2);
        return !fields[STATE].equals("Z") && !fields[STATE].equals("X") && wanted.test(fields);
    }

    private static long number(String field) {
        return Long.parseLong(field);
    }
}
