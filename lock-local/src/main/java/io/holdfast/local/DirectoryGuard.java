// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import io.holdfast.LockConfigException;
import io.holdfast.LockDeniedException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Looks a directory over before locks are kept in it: what leads there, whose it is, who may write to it, and whether it is this
 * host's own.
 *
 * <p>Whoever may write to it can take, free or forge every lock in it, so by default it must be ours alone. The superuser is no
 * exception: in a directory of somebody else he is the one with most to lose.
 */
final class DirectoryGuard {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final int STICKY = 01000;
    private static final int GROUP_WRITE = 020;
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
        try {
            return opened();
        } catch (UnsupportedOperationException | IllegalArgumentException e) {
            throw new LockConfigException(
                    "directory " + settings.directory()
                            + " is in a file system without owners and modes, or this system has none: file: needs a"
                            + " POSIX one, where they say who may free and forge locks; name another directory, or"
                            + " another store",
                    e);
        }
    }

    private Path opened() throws IOException {
        Path directory = settings.directory();
        checkWay();
        if (!Files.exists(directory)) {
            make(directory);
        }
        return check();
    }

    /** What keeps it from being made is nearly always for somebody to mend; a full disk may have room in a moment. */
    private static void make(Path directory) throws IOException {
        try {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (AccessDeniedException e) {
            throw e; // told as such
        } catch (IOException e) {
            if (FileTrouble.mayPass(e)) {
                throw e;
            }
            throw new LockConfigException(
                    "directory " + directory + " cannot be made: " + FileTrouble.reason(e) + "; name another one", e);
        }
    }

    /** Checks what leads to the directory, which may not be there yet: nothing is made in a place that is not safe. */
    void checkWay() throws IOException {
        Path directory = settings.directory();
        int user = effectiveUser();
        boolean anothers = settings.shared() && Files.exists(directory);
        int owner = anothers ? (Integer) Files.getAttribute(directory, "unix:uid") : user;
        new DirectoryWay(settings, user, owner).check();
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
        // Whoever may write here can move the prefix directory away, whatever the
        // modes inside: see DirectoryWay. Where only owners may remove, what is ours
        // stays ours: see FileModes.requireOwnDirectory. A group's is never only ours.
        boolean shared = settings.shared();
        int unwanted = shared ? OTHERS_WRITE : OTHERS_WRITE | GROUP_WRITE;
        if ((mode & unwanted) != 0 && ((mode & STICKY) == 0 || shared)) {
            throw new LockDeniedException(
                    "directory " + real + " may be written by " + (shared ? "everybody" : "others")
                            + ", who could free and forge every lock in it; take that away (chmod "
                            + (shared ? "o-w " : "go-w ")
                            + real + "), or name another"
                            + (shared ? "" : ", or, when its group shares the locks, set file.shared=true"));
        }
    }

    /**
     * Checks what is inside as far as it is there.
     *
     * @param real the directory, as {@link #check} returns it
     */
    void checkInside(Path real) throws IOException {
        FileModes modes = new FileModes(settings.shared(), effectiveUser());
        Path root = real.resolve(new NameCodec(true).encode(settings.prefix()));
        for (Path inside : List.of(root, root.resolve("names"), root.resolve("sessions"))) {
            if (!Files.notExists(inside, LinkOption.NOFOLLOW_LINKS)) {
                modes.requireOwnDirectory(inside);
            }
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
    static int effectiveUser() throws IOException {
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
                ? mounts.get().foreignType(real)
                : Optional.of(Files.getFileStore(real).type()).filter(known -> !MountTable.isLocal(known));
        if (type.isPresent()) {
            throw new LockConfigException("directory " + real + " is on a network file system, or on one not known to"
                    + " be this host's own (" + type.get()
                    + "): there the locks of another host are not seen in time; name a local one, use a store for several"
                    + " hosts, or set allow-network-file-system=true when only this host uses it");
        }
    }
}
