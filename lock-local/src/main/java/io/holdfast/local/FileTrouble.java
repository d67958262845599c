// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import io.holdfast.LockDeniedException;
import io.holdfast.LockException;
import io.holdfast.LockUnavailableException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;

/** What a failed step in a directory means to the one who asked for it (rules ER-1, ER-2). */
final class FileTrouble {
    private FileTrouble() {}

    /**
     * The exception for a step that did not take effect.
     *
     * @param what was to be done, such as {@code lock 'x'}
     * @param store for people
     */
    static LockException of(Throwable e, String what, String store) {
        if (e instanceof LockException known) {
            return known;
        }
        String start = what + " in " + store + ": ";
        if (e instanceof AccessDeniedException denied) {
            return new LockDeniedException(
                    start + "no permission for " + denied.getFile() + "; use a directory of your own", e);
        }
        String reason = reason(e);
        String lower = reason.toLowerCase(Locale.ROOT);
        if (isFull(lower)) {
            return new LockUnavailableException(start + "the disk is full; make room on it: " + reason, e);
        }
        if (lower.contains("symbolic link")) {
            return new LockDeniedException(start + reason + "; remove what somebody put there", e);
        }
        return new LockUnavailableException(start + reason, e);
    }

    /** In the system's words, where it has some: Java leaves them out where it has an exception of its own. */
    static String reason(Throwable e) {
        if (!(e instanceof FileSystemException file)) {
            return e instanceof IOException && e.getMessage() != null ? e.getMessage() : e.toString();
        }
        String said = file.getReason();
        if (said == null && e instanceof NoSuchFileException) {
            said = "no such file or directory";
        } else if (said == null && e instanceof FileAlreadyExistsException) {
            said = "something else is there";
        } else if (said == null) {
            said = e.getClass().getSimpleName();
        }
        return said + " (" + file.getFile() + ")";
    }

    /** Whether making a directory may succeed in a moment: there is no room, or something else runs short, or another was quicker. */
    static boolean mayPass(IOException e) {
        String reason = reason(e).toLowerCase(Locale.ROOT);
        return isFull(reason)
                || reason.contains("too many open files")
                || reason.contains("cannot allocate memory")
                || reason.contains("interrupted")
                || (e instanceof NoSuchFileException missing && isGone(missing.getFile()));
    }

    /** Another removes the directories above while they are made. Where they are there, the system makes nothing in them. */
    private static boolean isGone(String file) {
        Path above = Path.of(file).getParent();
        return above != null && !Files.isDirectory(above);
    }

    private static boolean isFull(String reason) {
        return reason.contains("no space left") || reason.contains("quota exceeded");
    }
}
