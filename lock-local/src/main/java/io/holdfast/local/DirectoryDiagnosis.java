// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import io.holdfast.StoreFinding;
import io.holdfast.StoreFinding.Verdict;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether a directory is fit to keep locks in: what {@link DirectoryGuard} refuses does not come here. */
final class DirectoryDiagnosis {
    /** Room for some thousand sessions and places; a full disk refuses new locks and keeps and releases those held. */
    private static final long LITTLE_ROOM = 16L << 20;

    private final FileSettings settings;
    private final Path directory;

    DirectoryDiagnosis(FileSettings settings) throws IOException {
        this.settings = settings;
        directory = settings.directory().toRealPath();
    }

    List<StoreFinding> findings() throws IOException {
        FileStore disk = Files.getFileStore(directory);
        return List.of(place(disk), room(disk), writers(), grace());
    }

    private StoreFinding place(FileStore disk) throws IOException {
        Optional<MountTable> mounts = MountTable.current();
        if (mounts.isEmpty()) {
            return new StoreFinding(
                    Verdict.UNKNOWN,
                    "file system",
                    disk.type() + ", and this host has no table of mounts to tell a network's from its own",
                    "make sure that no other host writes to " + directory);
        }
        return mounts.get()
                .networkType(directory)
                .map(type -> new StoreFinding(
                        Verdict.UNSAFE,
                        "file system",
                        type + ", a network's: allowed by allow-network-file-system, safe only while one host uses it",
                        "name a local directory, or use a store for several hosts"))
                .orElseGet(() -> StoreFinding.ok("file system", disk.type() + ", this host's own"));
    }

    private StoreFinding room(FileStore disk) throws IOException {
        long bytes = disk.getUsableSpace();
        String seen = (bytes >> 20) + " MiB free";
        return bytes >= LITTLE_ROOM
                ? StoreFinding.ok("room", seen)
                : new StoreFinding(
                        bytes == 0 ? Verdict.UNSAFE : Verdict.WARNING,
                        "room",
                        seen,
                        "make room: on a full disk no new lock is taken");
    }

    private StoreFinding writers() throws IOException {
        Set<PosixFilePermission> modes = Files.getPosixFilePermissions(directory);
        String owner = Files.getOwner(directory).getName();
        if (!modes.contains(PosixFilePermission.GROUP_WRITE) && !modes.contains(PosixFilePermission.OTHERS_WRITE)) {
            return StoreFinding.ok("who may write", "only " + owner);
        }
        return new StoreFinding(
                Verdict.WARNING,
                "who may write",
                owner + " and others, each of whom can free or forge every lock",
                "let only those write to " + directory + " whom you trust with all of its locks");
    }

    private StoreFinding grace() {
        Duration grace = settings.crashGrace();
        return grace.isZero()
                ? new StoreFinding(
                        Verdict.WARNING,
                        "crash-grace",
                        "none: the next may hold while children of a killed holder still run",
                        "run commands by 'holdfast run', whose guard ends them, or set crash-grace")
                : StoreFinding.ok("crash-grace", grace + " from the death of a holder to the next");
    }
}
