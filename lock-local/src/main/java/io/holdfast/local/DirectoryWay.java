// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import io.holdfast.LockDeniedException;
import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Objects;

/**
 * The way from the root of the file system to a directory, through every directory and symbolic link (rule LK-3).
 *
 * <p>Whoever owns a directory on it, or may write to it, can move what is below away while locks are held there; the next client
 * would begin a new directory in its place, and hold beside a holder in the old one. Whoever owns a link can make it lead elsewhere.
 * So the way must be the superuser's and our own. A directory in which only owners may remove, such as {@code /tmp}, does no harm to
 * what is ours in it.
 */
final class DirectoryWay {
    private static final int MOST_LINKS = 40; // as many as Linux follows
    private static final int STICKY = 01000;
    private static final int GROUP_WRITE = 020;
    private static final int OTHERS_WRITE = 02;
    private static final int OTHERS_ENTER = 011;
    private static final int SUPERUSER = 0;

    private final Path directory;
    private final boolean shared;
    private final int user;
    private final int alsoTrusted;
    private final Deque<Path> ahead = new ArrayDeque<>();
    private Path here;

    /**
     * @param user whose locks these are, by number
     * @param alsoTrusted who owns the directory, where it may be another's; else the user once more
     */
    DirectoryWay(FileSettings settings, int user, int alsoTrusted) {
        directory = settings.directory().toAbsolutePath();
        shared = settings.shared();
        this.user = user;
        this.alsoTrusted = alsoTrusted;
        here = directory.getRoot();
    }

    /** As far as it is there. */
    void check() throws IOException {
        follow(directory);
        int links = 0;
        while (!ahead.isEmpty()) {
            Path name = ahead.pop();
            Path next = here.resolve(name).normalize(); // "here" has no link in it, so ".." is what is above
            if (next.equals(here) || here.startsWith(next)) {
                here = next;
                continue;
            }
            requireOwnDirectory(here);
            if (!Files.isSymbolicLink(next)) {
                if (Files.notExists(next, LinkOption.NOFOLLOW_LINKS)) {
                    return;
                }
                here = next;
            } else if (++links > MOST_LINKS) {
                throw new FileSystemLoopException(directory.toString());
            } else {
                requireOwnLink(next);
                follow(Files.readSymbolicLink(next));
            }
        }
    }

    private void follow(Path path) {
        Path root = path.getRoot();
        if (root != null) {
            here = root;
        }
        for (int i = path.getNameCount() - 1; i >= 0; i--) {
            ahead.push(path.getName(i));
        }
    }

    private void requireOwnDirectory(Path path) throws IOException {
        Map<String, Object> is = attributes(path);
        int owner = number(is, "uid");
        if (!isTrusted(owner) && path.getParent() != null) { // nothing is above the root, and all is below
            throw new LockDeniedException("directory " + path + " belongs to another user (" + owner(path)
                    + "), who could move " + directory
                    + " away while locks are held there, and so give them twice; name a"
                    + " directory that only you and root can reach, or give " + path + " to one of you (chown)");
        }
        int mode = number(is, "mode");
        boolean group = (mode & GROUP_WRITE) != 0 && !shared && !isPrivate(path, owner, number(is, "gid"));
        if ((mode & STICKY) == 0 && (group || (mode & OTHERS_WRITE) != 0)) {
            throw new LockDeniedException("directory " + path + " may be written by others, who could move " + directory
                    + " away while locks are held there, and so give them twice; take that away (chmod "
                    + (shared ? "o-w " : "go-w ") + path + "), or name a directory elsewhere");
        }
    }

    private void requireOwnLink(Path link) throws IOException {
        if (!isTrusted(number(attributes(link), "uid"))) {
            throw new LockDeniedException("symbolic link " + link + " belongs to another user (" + owner(link)
                    + "), who could have it lead elsewhere while locks are held in " + directory
                    + ", and so give them twice; name the directory that it leads to");
        }
    }

    private boolean isTrusted(int owner) {
        return owner == SUPERUSER || owner == user || owner == alsoTrusted;
    }

    /** Whether nobody but the owner is in the group, or nobody else of it comes so far. */
    private static boolean isPrivate(Path path, int owner, int group) throws IOException {
        for (Path above = path.getParent(); above != null; above = above.getParent()) {
            if ((number(attributes(above), "mode") & OTHERS_ENTER) == 0) {
                return true;
            }
        }
        return PrivateGroups.ofThisHost().isOf(owner, group);
    }

    private static Map<String, Object> attributes(Path path) throws IOException {
        return Files.readAttributes(path, "unix:uid,gid,mode", LinkOption.NOFOLLOW_LINKS);
    }

    private static int number(Map<String, Object> attributes, String name) {
        return (Integer) Objects.requireNonNull(attributes.get(name));
    }

    private static String owner(Path path) throws IOException {
        return Files.getOwner(path, LinkOption.NOFOLLOW_LINKS).getName();
    }
}
