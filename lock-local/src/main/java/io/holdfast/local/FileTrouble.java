// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import io.holdfast.LockDeniedException;
import io.holdfast.LockException;
import io.holdfast.LockUnavailableException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
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
        String reason = e instanceof FileSystemException file && file.getReason() != null
                ? file.getReason() + " (" + file.getFile() + ")"
                : e instanceof IOException && e.getMessage() != null ? e.getMessage() : e.toString();
        String lower = reason.toLowerCase(Locale.ROOT);
        if (lower.contains("no space left") || lower.contains("quota exceeded")) {
            return new LockUnavailableException(start + "the disk is full; make room on it: " + reason, e);
        }
        if (lower.contains("symbolic link")) {
            return new LockDeniedException(start + reason + "; remove what somebody put there", e);
        }
        return new LockUnavailableException(start + reason, e);
    }
}
