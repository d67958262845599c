// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Asks whether anybody has the lock file of a session locked, or has ended it, without freeing what this very process has locked.
 *
 * <p>Opening such a file is harmless, closing it is what frees the process' lock. So the channel is closed only when it is known that
 * nothing in this JVM has the file locked; the JVM keeps one table of its locks for all class loaders. Otherwise
 * it stays open, for the next who asks.
 */
final class LockProbe {
    private static final Map<String, FileChannel> KEPT = new HashMap<>();

    private LockProbe() {}

    /** What a lock file says. */
    enum Answer {
        /** By this process or another. */
        LOCKED,
        /** By nobody, which proves no end: the lock may have gone astray. */
        FREE,
        /** Its session has ended, as its process wrote at that time. */
        ENDED
    }

    static Answer of(Path lock, String fileKey) throws IOException {
        FileModes.requireFile(lock);
        synchronized (KEPT) {
            FileChannel channel = KEPT.get(fileKey);
            if (channel == null || !channel.isOpen()) {
                channel = FileChannel.open(lock, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
                KEPT.put(fileKey, channel);
            }
            try {
                FileLock free = channel.tryLock(0, Long.MAX_VALUE, true);
                boolean ended = free != null && OpenSession.hasEnded(channel);
                KEPT.remove(fileKey);
                channel.close();
                return free == null ? Answer.LOCKED : ended ? Answer.ENDED : Answer.FREE;
            } catch (OverlappingFileLockException e) {
                return Answer.LOCKED;
            }
        }
    }
}
