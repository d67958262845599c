// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import io.holdfast.LockDeniedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Makes directories and files with the modes of a store: for the owner alone, or for the owner and the group. */
final class FileModes {
    private static final int TYPES = 0170000;
    private static final int DIRECTORY = 0040000;
    private static final int FILE = 0100000;
    private static final int GROUP_WRITE = 020;
    private static final int OTHERS_WRITE = 02;

    private final Set<PosixFilePermission> directory;
    private final Set<PosixFilePermission> file;
    private final boolean shared;
    private final int user;

    /** @param user whose directories and files these are, by number */
    FileModes(boolean shared, int user) {
        this.shared = shared;
        this.user = user;
        directory = PosixFilePermissions.fromString(shared ? "rwxrwx---" : "rwx------");
        file = PosixFilePermissions.fromString(shared ? "rw-rw----" : "rw-------");
    }

    /** Makes a directory unless it is there; what is there and is no directory, or leads elsewhere, is refused. */
    void makeDirectory(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            try {
                Files.createDirectory(path, PosixFilePermissions.asFileAttribute(directory));
                widen(path, directory);
            } catch (FileAlreadyExistsException e) {
                // made by another process in between: as good
            }
        }
        requireOwnDirectory(path);
    }

    /**
     * Whoever owns a directory, or may write to it, can put there what he likes and take away what is there: only our own user may,
     * and with {@code file.shared} the group (rule LK-3). Where everybody may make a directory, such as {@code /run/lock}, the
     * first to come is not always us.
     */
    void requireOwnDirectory(Path path) throws IOException {
        requireOwn(path, DIRECTORY, "directory");
    }

    /** The same for a file. */
    void requireOwnFile(Path path) throws IOException {
        requireOwn(path, FILE, "file");
    }

    private void requireOwn(Path path, int type, String wanted) throws IOException {
        Map<String, Object> is;
        try {
            is = Files.readAttributes(path, "unix:uid,mode", LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            throw refused(path, wanted);
        }
        int mode = (Integer) Objects.requireNonNull(is.get("mode"));
        if ((mode & TYPES) != type) {
            throw refused(path, wanted);
        }
        if (!shared && (Integer) Objects.requireNonNull(is.get("uid")) != user) {
            throw new LockDeniedException(
                    path + " belongs to another user (" + Files.getOwner(path, LinkOption.NOFOLLOW_LINKS)
                            + "), who could free and forge the locks that are kept there; have it removed, name a directory that only you"
                            + " may write to, or, when you trust all who may, set file.shared=true");
        }
        if ((mode & (shared ? OTHERS_WRITE : OTHERS_WRITE | GROUP_WRITE)) != 0) {
            throw new LockDeniedException(path + " may be written by " + (shared ? "everybody" : "others")
                    + ", who could free and forge the locks that are kept there; take that away (chmod "
                    + (shared ? "o-w " : "go-w ") + path + ")" + (shared ? "" : ", or set file.shared=true"));
        }
    }

    /** Makes an empty file that must not be there yet. */
    void makeFile(Path path) throws IOException {
        Files.createFile(path, PosixFilePermissions.asFileAttribute(file));
        try {
            widen(path, file);
        } catch (IOException e) { // all or nothing: the file may say that somebody holds
            Files.deleteIfExists(path);
            throw e;
        }
    }

    /**
     * Makes a file look used now: what cleans temporary directories goes by that. Opens and closes it, so it is for no file that
     * this process has locked. What is not ours, or gone, is left.
     */
    static void touch(Path path) {
        try {
            FileTime now = FileTime.fromMillis(System.currentTimeMillis());
            Files.getFileAttributeView(path, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .setTimes(now, now, null);
        } catch (IOException e) {
            // of another user in a shared directory, who keeps it; or
            // on a disk that fails: whoever uses the file will say so
        }
    }

    /** The same for a file that is locked by this very channel: nothing is closed. */
    static void touch(FileChannel locked) {
        try {
            ByteBuffer one = ByteBuffer.allocate(1);
            locked.write(one, 0);
            locked.read(one.clear(), 0);
        } catch (IOException e) {
            // a full disk, perhaps: there is time until it matters
        }
    }

    /** The umask takes from the modes asked for; a group's files get theirs all the same. */
    private void widen(Path path, Set<PosixFilePermission> modes) throws IOException {
        if (shared) {
            Files.setPosixFilePermissions(path, modes);
        }
    }

    /** Symbolic links inside the store are refused: they lead out of it. */
    static void requireDirectory(Path path) throws IOException {
        if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            throw refused(path, "directory");
        }
    }

    static void requireFile(Path path) throws IOException {
        if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            throw refused(path, "file");
        }
    }

    private static FileSystemException refused(Path path, String wanted) {
        if (Files.notExists(path, LinkOption.NOFOLLOW_LINKS)) {
            return new NoSuchFileException(path.toString(), null, "should be a " + wanted + " and is not there");
        }
        String found = Files.isSymbolicLink(path) ? "a symbolic link, which is refused here" : "something else";
        return new FileSystemException(path.toString(), null, "should be a " + wanted + " and is " + found);
    }
}
