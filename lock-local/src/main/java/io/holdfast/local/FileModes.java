// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Makes directories and files with the modes of a store: for the owner alone, or for the owner and the group. */
final class FileModes {
    private final Set<PosixFilePermission> directory;
    private final Set<PosixFilePermission> file;
    private final boolean shared;

    FileModes(boolean shared) {
        this.shared = shared;
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
        requireDirectory(path);
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
        String found = Files.isSymbolicLink(path)
                ? "a symbolic link, which is refused here"
                : Files.exists(path, LinkOption.NOFOLLOW_LINKS) ? "something else" : "not there";
        return new FileSystemException(path.toString(), null, "should be a " + wanted + " and is " + found);
    }
}
