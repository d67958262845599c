// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is mounted where, as {@code /proc/self/mountinfo} tells it: is a directory on this host's own file system?
 *
 * <p>On a network file system the locks of another host are seen late, or not at all, and a host's death frees nothing.
 */
final class MountTable {
    private static final Path MOUNTINFO = Path.of("/proc/self/mountinfo");
    private static final int OVERLAYS = 8; // one over another; a table that goes round in a circle ends here

    /**
     * Types whose files only this host changes. Any other counts as a network's: new ones come, and one that is taken for local
     * by mistake gives two hosts one lock.
     */
    private static final Set<String> LOCAL = Set.of(
            "apfs",
            "bcachefs",
            "btrfs",
            "devtmpfs",
            "exfat",
            "ext2",
            "ext3",
            "ext4",
            "f2fs",
            "ffs",
            "fuseblk",
            "hfs",
            "hfsplus",
            "jffs2",
            "jfs",
            "minix",
            "msdos",
            "nilfs2",
            "ntfs",
            "ntfs3",
            "overlay",
            "ramfs",
            "reiser4",
            "reiserfs",
            "rootfs",
            "tmpfs",
            "ubifs",
            "udf",
            "ufs",
            "vfat",
            "xfs",
            "zfs");

    /** What runs over FUSE and stays on the host. */
    private static final Set<String> LOCAL_FUSE = Set.of(
            "fuse.bindfs",
            "fuse.encfs",
            "fuse.fuse-overlayfs",
            "fuse.gocryptfs",
            "fuse.lxcfs",
            "fuse.mergerfs",
            "fuse.ntfs-3g",
            "fuse.zfs-fuse");

    private record Mount(Path point, String type, String source, String options) {}

    private final List<Mount> mounts;

    private MountTable(List<Mount> mounts) {
        this.mounts = mounts;
    }

    /** The table of this process; empty where there is none. */
    static Optional<MountTable> current() throws IOException {
        return Files.isReadable(MOUNTINFO)
                ? Optional.of(parse(Files.readAllLines(MOUNTINFO, StandardCharsets.ISO_8859_1)))
                : Optional.empty();
    }

    /**
     * Reads lines such as {@code 36 35 98:0 /root /mount\040point rw,noatime master:1 - ext3 /dev/root rw}.
     *
     * @param lines bytes as ISO 8859-1, as the kernel writes paths; a line that is not of this form is left out
     */
    static MountTable parse(List<String> lines) {
        List<Mount> mounts = new ArrayList<>();
        for (String line : lines) {
            int separator = line.indexOf(" - "); // the fields before it vary in number
            String[] left = line.split(" ", -1);
            String[] right = separator < 0
                    ? new String[0]
                    : line.substring(separator + 3).split(" ", -1);
            Path point = left.length > 4 && right.length > 0 ? path(left[4]) : null;
            if (point != null) {
                mounts.add(
                        new Mount(point, right[0], right.length > 1 ? right[1] : "", right.length > 2 ? right[2] : ""));
            }
        }
        return new MountTable(mounts);
    }

    /**
     * The type of the file system that a directory is on, when it is a network's or not known to be this host's own.
     *
     * @param directory absolute, without symbolic links
     * @return empty when it is on this host's own
     */
    Optional<String> foreignType(Path directory) {
        Path at = directory;
        for (int depth = 0; depth < OVERLAYS; depth++) {
            Mount mount = mountOf(at);
            if (mount == null) {
                return Optional.of("in no table of mounts");
            }
            Optional<Path> below = below(mount);
            if (below.isEmpty()) {
                return isLocal(mount.type()) ? Optional.empty() : Optional.of(mount.type());
            }
            at = below.get();
        }
        return Optional.empty(); // in a container: what its root is laid over is not in its own table
    }

    /** Whether a type, in the words of mountinfo or of {@link java.nio.file.FileStore#type()}, is this host's own. */
    static boolean isLocal(String type) {
        return LOCAL.contains(type) || LOCAL_FUSE.contains(type);
    }

    /** The longest mount point above the path; of several at one point the last, which covers the others. */
    private @Nullable Mount mountOf(Path path) {
        Mount found = null;
        for (Mount mount : mounts) {
            if (path.startsWith(mount.point())
                    && (found == null
                            || mount.point().getNameCount() >= found.point().getNameCount())) {
                found = mount;
            }
        }
        return found;
    }

    /**
     * Where another file system keeps what is written to this one: an overlay in its upper directory, an encrypted one in the one it is
     * laid over. What that is on decides.
     */
    private static Optional<Path> below(Mount mount) {
        if (mount.type().equals("overlay")) {
            for (String option : mount.options().split(",", -1)) {
                if (option.startsWith("upperdir=/")) {
                    return Optional.ofNullable(path(option.substring("upperdir=".length())));
                }
            }
        }
        return mount.type().equals("ecryptfs") && mount.source().startsWith("/")
                ? Optional.ofNullable(path(mount.source()))
                : Optional.empty();
    }

    /** Null for a path that this JVM's locale cannot write: it cannot be asked for either. */
    private static @Nullable Path path(String field) {
        try {
            return Path.of(unescape(field));
        } catch (InvalidPathException e) {
            return null;
        }
    }

    /** The kernel writes space, tab, line feed and backslash as {@code \040} and so on, and other bytes as they are. */
    private static String unescape(String field) {
        byte[] in = field.getBytes(StandardCharsets.ISO_8859_1);
        byte[] out = new byte[in.length];
        int length = 0;
        for (int i = 0; i < in.length; i++) {
            if (in[i] == '\\' && i + 3 < in.length) {
                out[length++] = (byte) ((in[i + 1] - '0') << 6 | (in[i + 2] - '0') << 3 | (in[i + 3] - '0'));
                i += 3;
            } else {
                out[length++] = in[i];
            }
        }
        return new String(out, 0, length, StandardCharsets.UTF_8);
    }
}
