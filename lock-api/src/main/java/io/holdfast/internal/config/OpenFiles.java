// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.config;

import io.holdfast.LockNames;
import io.holdfast.internal.SafeLog;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Warns of a file with a secret that other users of the host may read or write (rule ER-4). */
final class OpenFiles {
    private static final Logger LOG = System.getLogger("io.holdfast");

    private static final Set<PosixFilePermission> TOO_MUCH = EnumSet.of(
            PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE);

    /** Once a file and JVM: it is read again and again. As many as there are files in settings. */
    private static final Set<String> WARNED = ConcurrentHashMap.newKeySet();

    private OpenFiles() {}

    static void warnOf(Setting setting) {
        seen(setting)
                .filter(seen -> WARNED.add(setting.text()))
                .ifPresent(seen -> SafeLog.log(
                        LOG,
                        Level.WARNING,
                        () -> seen + "; run chmod 600 on it, or give the mounted secret the mode 0400"));
    }

    /** What others may do to a file that a setting names; empty when nothing, or when it cannot be told. */
    static Optional<String> seen(Setting setting) {
        try {
            Set<PosixFilePermission> mode = Files.getPosixFilePermissions(Path.of(setting.text()));
            return mode.stream().noneMatch(TOO_MUCH::contains)
                    ? Optional.empty()
                    : Optional.of("the file '" + LockNames.printable(setting.text()) + "' of setting '" + setting.key()
                            + "' holds a secret, and others may read or write it ("
                            + PosixFilePermissions.toString(mode) + ")");
        } catch (IOException | UnsupportedOperationException | InvalidPathException unknown) {
            return Optional.empty(); // A file system without such rights says nothing of them.
        }
    }
}
