// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Who lives in a session of processes, read from {@code /proc}. */
final class SessionMembers {
    private static final Path PROC = Path.of("/proc");

    private SessionMembers() {}

    /** The process ids in a session, without those that are dead and only wait for their parent. */
    static List<Long> of(long session) {
        List<Long> members = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                if (isIn(session, process)) {
                    members.add(Long.parseLong(process.getFileName().toString()));
                }
            }
        } catch (IOException e) {
            throw new ToolException(ExitCode.FAILED, "cannot read /proc: " + e.getMessage(), e);
        }
        return members;
    }

    private static boolean isIn(long session, Path process) {
        String stat;
        try {
            stat = Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1);
        } catch (IOException gone) {
            return false;
        }
        // After the name, which may hold anything: state, parent, group, session.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 5);
        return Long.parseLong(fields[3]) == session && !fields[0].equals("Z") && !fields[0].equals("X");
    }
}
