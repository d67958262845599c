// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * The store of a user who names none: files under the home that the password database gives the effective user.
 *
 * <p>Not under {@code $HOME}, which cron, service managers and {@code sudo} set differently: all programs of one user on one
 * host must meet.
 */
final class DefaultStore {
    private static final Path PASSWORDS = Path.of("/etc/passwd");
    private static final Set<PosixFilePermission> MODE = PosixFilePermissions.fromString("rwx------");

    private DefaultStore() {}

    /** Its address; makes nothing. */
    static String url() {
        return "file:" + encoded(directory().toString());
    }

    /** Whether it was made before. */
    static boolean isThere() {
        return !Files.notExists(directory());
    }

    /** Sees to it that the directory is there and nobody else's. */
    static void make() {
        Path directory = directory();
        try {
            create(directory);
            check(directory);
        } catch (IOException e) {
            throw new ToolException(
                    ExitCode.CONFIG,
                    "cannot make the default store " + directory + " (" + e.getMessage() + "); name another with --url",
                    e);
        }
    }

    private static Path directory() {
        return home(effectiveUser()).resolve(".local/state/holdfast");
    }

    private static void create(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Path parent = directory.getParent();
            if (parent != null) {
                Files.createDirectories(parent, PosixFilePermissions.asFileAttribute(MODE)); // whatever the umask is
            }
            try {
                Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(MODE));
            } catch (FileAlreadyExistsException race) {
                // Another first call was faster; what it made is looked at below.
            }
        }
    }

    private static void check(Path directory) throws IOException {
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(directory);
        if (mode.contains(PosixFilePermission.GROUP_WRITE) || mode.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new ToolException(
                    ExitCode.CONFIG,
                    "the default store " + directory + " can be written by others; run:" + " chmod 700 " + directory);
        }
    }

    /** The owner of a process's entry is its effective user. */
    private static long effectiveUser() {
        try {
            return ((Number) Files.getAttribute(Path.of("/proc/self/"), "unix:uid")).longValue();
        } catch (IOException e) {
            throw new ToolException(
                    ExitCode.CONFIG, "cannot tell who the user is without /proc; name a store with --url", e);
        }
    }

    private static Path home(long user) {
        // The file first, as nsswitch.conf has it nearly everywhere: getent, which knows all sources, takes a process.
        Optional<String> home = homeIn(read(PASSWORDS), user).or(() -> homeIn(getent(user), user));
        return home.filter(path -> path.startsWith("/"))
                .map(Path::of)
                .orElseThrow(
                        () -> new ToolException(
                                ExitCode.CONFIG,
                                "user " + user
                                        + " has no home in the password database, so there is no default store; name one with --url"));
    }

    /** The home of a user in lines of {@code /etc/passwd}. */
    static Optional<String> homeIn(String entries, long user) {
        return entries.lines()
                .map(line -> line.split(":", -1))
                .filter(fields -> fields.length >= 7 && fields[2].equals(Long.toString(user)))
                .map(fields -> fields[5])
                .findFirst();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            return "";
        }
    }

    private static String getent(long user) {
        try {
            Process getent = new ProcessBuilder(
                            SystemPrograms.of(System.getenv()).find("getent"), "passwd", Long.toString(user))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (InputStream out = getent.getInputStream()) {
                return new String(out.readAllBytes(), StandardCharsets.UTF_8);
            }
        } catch (IOException missing) {
            return "";
        }
    }

    /** A path as a URI has it. */
    static String encoded(String path) {
        StringBuilder out = new StringBuilder();
        for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || "/._-".indexOf(c) >= 0) {
                out.append(c);
            } else {
                out.append('%').append(Integer.toHexString(0x100 | c).substring(1));
            }
        }
        return out.toString();
    }
}
