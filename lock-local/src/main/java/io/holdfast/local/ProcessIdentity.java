// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A process told from all others of this boot: number, start in kernel ticks, and the namespace the number belongs to. A number
 * that is given to a new process later comes with another start.
 *
 * <p>It is the second proof of life, beside the lock on the session's file: POSIX frees that lock when anything in the process
 * closes any descriptor of the file, and then the process would look dead while it holds. It can prove life only: of a process
 * in another namespace, or without {@code /proc}, nothing is known.
 */
final class ProcessIdentity {
    /** What a process without {@code /proc} writes of itself. */
    static final String UNKNOWN = "unknown";

    private static final Path PROC = Path.of("/proc");
    private static final int STATE = 0;
    private static final int START = 19; // field 22 of the line; those after the command's name begin with field 3

    private ProcessIdentity() {}

    /** This process, as one word without spaces. */
    static String own() {
        long pid = ProcessHandle.current().pid();
        try {
            return pid + "/" + fields(pid)[START] + "/" + namespace();
        } catch (IOException e) {
            return UNKNOWN;
        }
    }

    /** Whether the process that wrote this of itself is proven to run still. */
    static boolean isRunning(String identity) {
        String[] parts = identity.split("/", 3);
        if (parts.length != 3 || !parts[0].matches("\\d{1,10}")) {
            return false;
        }
        try {
            String[] fields = fields(Long.parseLong(parts[0]));
            boolean ended = fields[STATE].equals("Z") || fields[STATE].equals("X"); // not yet reaped by its parent
            return !ended && fields[START].equals(parts[1]) && namespace().equals(parts[2]);
        } catch (IOException e) {
            return false;
        }
    }

    /** The fields of {@code /proc/PID/stat} after the command's name, which may itself hold spaces and parentheses. */
    private static String[] fields(long pid) throws IOException {
        String stat = Files.readString(PROC.resolve(Long.toString(pid)).resolve("stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
        if (fields.length <= START) {
            throw new IOException("cannot read the state of process " + pid + " from '" + stat.strip() + "'");
        }
        return fields;
    }

    private static String namespace() throws IOException {
        return Files.readSymbolicLink(PROC.resolve("self/ns/pid")).toString();
    }
}
