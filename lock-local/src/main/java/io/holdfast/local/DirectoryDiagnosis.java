// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import io.holdfast.StoreFinding;
import io.holdfast.StoreFinding.Verdict;
import io.holdfast.spi.DurationFormat;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a directory is fit to keep locks in, or the place where it would be made; makes nothing. What {@link DirectoryGuard}
 * refuses is refused here, too.
 */
final class DirectoryDiagnosis {
    /** Room for some thousand sessions and places; a full disk refuses new locks and keeps and releases those held. */
    private static final long LITTLE_ROOM = 16L << 20;

    private final FileSettings settings;
    private final Path directory;

    DirectoryDiagnosis(FileSettings settings) {
        this.settings = settings;
        directory = settings.directory();
    }

    List<StoreFinding> findings() throws IOException {
        DirectoryGuard guard = new DirectoryGuard(settings);
        guard.checkWay();
        if (Files.exists(directory)) {
            Path real = guard.check();
            guard.checkInside(real);
            FileStore disk = Files.getFileStore(real);
            return List.of(place(real, disk), stay(real, disk), room(disk), writers(real), grace());
        }
        Path above = above();
        guard.checkNetwork(above);
        FileStore disk = Files.getFileStore(above);
        return List.of(
                missing(above),
                place(above, disk),
                stay(above, disk),
                room(disk),
                StoreFinding.ok("who may write", "only the user who makes it"),
                grace());
    }

    /** The nearest place that is there. */
    private Path above() throws IOException {
        Path above = directory;
        while (!Files.exists(above)) {
            Path parent = above.getParent();
            above = parent == null ? above.toAbsolutePath().getRoot() : parent;
        }
        return above.toRealPath();
    }

    private StoreFinding missing(Path above) {
        return Files.isDirectory(above) && Files.isWritable(above)
                ? StoreFinding.ok("directory", "not there yet: the first lock makes it")
                : new StoreFinding(
                        Verdict.UNSAFE,
                        "directory",
                        "not there, and this user cannot make it in " + above,
                        "make " + directory + " as this user's own, or name another");
    }

    private StoreFinding place(Path real, FileStore disk) throws IOException {
        Optional<MountTable> mounts = MountTable.current();
        if (mounts.isEmpty()) {
            return new StoreFinding(
                    Verdict.UNKNOWN,
                    "file system",
                    disk.type() + ", and this host has no table of mounts to tell a network's from its own",
                    "make sure that no other host writes to " + real);
        }
        return mounts.get()
                .foreignType(real)
                .map(type -> new StoreFinding(
                        Verdict.UNSAFE,
                        "file system",
                        type
                                + ", a network's or unknown: allowed by allow-network-file-system, safe only while one host uses it",
                        "name a local directory, or use a store for several hosts"))
                .orElseGet(() -> StoreFinding.ok("file system", disk.type() + ", this host's own"));
    }

    private StoreFinding stay(Path real, FileStore disk) {
        return TemporaryPlaces.ofThisHost()
                .whatHappensTo(real, disk.type())
                .map(what -> new StoreFinding(
                        Verdict.WARNING,
                        "how long it stays",
                        what,
                        "name a directory of its own outside, such as /var/lib/NAME"))
                .orElseGet(() -> StoreFinding.ok("how long it stays", "in no place that is known to be cleaned"));
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

    private StoreFinding writers(Path real) throws IOException {
        Set<PosixFilePermission> modes = Files.getPosixFilePermissions(real);
        String owner = Files.getOwner(real).getName();
        if (!modes.contains(PosixFilePermission.GROUP_WRITE) && !modes.contains(PosixFilePermission.OTHERS_WRITE)) {
            return StoreFinding.ok("who may write", "only " + owner);
        }
        return new StoreFinding(
                Verdict.WARNING,
                "who may write",
                owner + " and others, each of whom can free or forge every lock",
                "let only those write to " + real + " whom you trust with all of its locks");
    }

    private StoreFinding grace() {
        Duration grace = settings.crashGrace();
        return grace.isZero()
                ? new StoreFinding(
                        Verdict.WARNING,
                        "crash-grace",
                        "none: the next may hold while children of a killed holder still run",
                        "run commands by 'holdfast run', whose guard ends them, or set crash-grace")
                : StoreFinding.ok(
                        "crash-grace", DurationFormat.show(grace) + " from the death of a holder to the next");
    }
}
