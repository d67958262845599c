// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;

/**
 * A process told from all others of this boot: number, start in kernel ticks, the
 * namespace the number belongs to, and the boot. A number
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
    private static final Path BOOT = PROC.resolve("sys/kernel/random/boot_id");
    private static final int STATE = 0;
    private static final int START = 19; // field 22 of the line; those after the command's name begin with field 3

    private ProcessIdentity() {}

    /** This process, as one word without spaces. */
    static String own() throws IOException {
        long pid = ProcessHandle.current().pid();
        try {
            return pid + "/" + fields(pid)[START] + "/" + namespace() + "/" + boot();
        } catch (NoSuchFileException | AccessDeniedException | NotLinkException e) {
            // This system does not say it. Any other failure may be gone in a moment, and would cost the proof.
            return UNKNOWN;
        }
    }

    /**
     * Whether the process that wrote this of itself is proven to run still.
     *
     * @throws IOException when that cannot be told now, for want of file descriptors, say: that proves no death
     */
    static boolean isRunning(String identity) throws IOException {
        String[] parts = identity.split("/", 4);
        if (parts.length != 4 || !parts[0].matches("\\d{1,10}")) {
            return false;
        }
        long pid = Long.parseLong(parts[0]);
        try {
            String[] fields = fields(pid);
            boolean ended = fields[STATE].equals("Z") || fields[STATE].equals("X"); // not yet reaped by its parent
            return !ended && fields[START].equals(parts[1]) && namespace().equals(parts[2]) && boot().equals(parts[3]);
        } catch (NoSuchFileException | AccessDeniedException e) {
            return false; // there is none, or this host hides it
        } catch (IOException e) {
            if (Files.notExists(PROC.resolve(Long.toString(pid)))) {
                return false; // it ended while its file was read
            }
            throw e;
        }
    }

    /** Which start of the host this is: after the next one its numbers and ticks come again, in containers the very same. */
    private static String boot() throws IOException {
        return Files.exists(BOOT) ? Files.readString(BOOT).strip() : UNKNOWN;
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
