// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import io.holdfast.LockConfigException;
import io.holdfast.LockDeniedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Looks a directory over before locks are kept in it: whose it is, who may write to it, and whether it is this host's own.
 *
 * <p>Whoever may write to it can take, free or forge every lock in it, so by default it must be ours alone. The superuser is no
 * exception: in a directory of somebody else he is the one with most to lose.
 */
final class DirectoryGuard {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final int STICKY = 01000;
    private static final int OTHERS_WRITE = 02;

    private final FileSettings settings;

    DirectoryGuard(FileSettings settings) {
        this.settings = settings;
    }

    /**
     * Makes the directory if it is not there, and checks it.
     *
     * @return its path without symbolic links: the directory itself may be behind one
     */
    Path open() throws IOException {
        Path directory = settings.directory();
        if (!Files.exists(directory)) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        return check();
    }

    /**
     * Checks the directory, which is there.
     *
     * @return its path without symbolic links
     */
    Path check() throws IOException {
        Path directory = settings.directory();
        if (!Files.isDirectory(directory)) {
            throw new LockConfigException(directory + " is no directory; name one, such as file:/var/lib/locks");
        }
        Path real = directory.toRealPath();
        checkOwner(real);
        checkNetwork(real);
        return real;
    }

    private void checkOwner(Path real) throws IOException {
        Map<String, Object> attributes = attributes(real);
        int owner = (Integer) Objects.requireNonNull(attributes.get("uid"));
        int mode = (Integer) Objects.requireNonNull(attributes.get("mode"));
        if (!settings.shared() && owner != effectiveUser()) {
            throw new LockDeniedException("directory " + real + " belongs to another user (" + Files.getOwner(real)
                    + "), who could free and forge every lock in it; name one of your own, or, when you trust all who may"
                    + " write to it, set file.shared=true");
        }
        if ((mode & OTHERS_WRITE) != 0 && (mode & STICKY) == 0) {
            throw new LockDeniedException(
                    "directory " + real + " may be written by everybody, who could free and forge every"
                            + " lock in it; take that away (chmod o-w " + real + "), or name another");
        }
    }

    private static Map<String, Object> attributes(Path real) throws IOException {
        try {
            return Files.readAttributes(real, "unix:uid,mode");
        } catch (UnsupportedOperationException | IllegalArgumentException e) {
            throw new LockConfigException(
                    "directory " + real + " has no owner and modes: file: needs a POSIX system", e);
        }
    }

    /** The user whose rights this process has; on Linux not always the one who started it. */
    private static int effectiveUser() throws IOException {
        if (Files.isReadable(STATUS)) {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith("Uid:")) { // real, effective, saved, of the file system
                    return Integer.parseUnsignedInt(line.split("\\s+", 4)[2]);
                }
            }
        }
        return (Integer) Files.getAttribute(Path.of(System.getProperty("user.home")), "unix:uid");
    }

    /** Also of the place where the directory will be. */
    void checkNetwork(Path real) throws IOException {
        if (settings.allowNetwork()) {
            return;
        }
        Optional<MountTable> mounts = MountTable.current();
        Optional<String> type = mounts.isPresent()
                ? mounts.get().networkType(real)
                : Optional.of(Files.getFileStore(real).type()).filter(MountTable::isNetwork);
        if (type.isPresent()) {
            throw new LockConfigException("directory " + real + " is on a network file system (" + type.get()
                    + "), where the locks of another host are not seen in time; name a local one, use a store for several"
                    + " hosts, or set allow-network-file-system=true when only this host uses it");
        }
    }
}
