// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * A session of this JVM in a directory of locks, and the one channel on its lock file.
 *
 * <p>Closing any descriptor of that file anywhere in the process would free the lock on it, so nothing in the JVM opens it again.
 * Which files those are is written in the system properties, as texts: the one place that the class loaders of a JVM share.
 */
final class OpenSession {
    private static final String REGISTRY = "io.holdfast.local.session.";

    final String id;
    final Path directory;
    final String fileKey;
    private final FileChannel channel;

    /** When its files were last made to look used, on the host's clock; belongs to the store's thread. */
    long keptAt;

    private OpenSession(String id, Path directory, String fileKey, FileChannel channel) {
        this.id = id;
        this.directory = directory;
        this.fileKey = fileKey;
        this.channel = channel;
    }

    /** Opens a channel. */
    @FunctionalInterface
    interface Opening {
        FileChannel open() throws IOException;
    }

    /** Enters the file into the registry, then opens it: from now on nothing of ours in this JVM opens it. */
    static OpenSession of(String id, Path directory, String fileKey, Opening opening) throws IOException {
        System.setProperty(REGISTRY + fileKey, id);
        try {
            return new OpenSession(id, directory, fileKey, opening.open());
        } catch (Throwable e) {
            System.clearProperty(REGISTRY + fileKey);
            throw e;
        }
    }

    /** Whether a session is open in this JVM, in whatever class loader. */
    static boolean isOpenHere(String id, String fileKey) {
        return id.equals(System.getProperty(REGISTRY + fileKey));
    }

    /** Makes the lock file look used now. */
    void touch() {
        FileModes.touch(channel);
    }

    /** Frees the lock. The registry comes last: as long as the channel is open, a probe from this JVM could close it. */
    void free() throws IOException {
        try {
            channel.close();
        } finally {
            System.clearProperty(REGISTRY + fileKey);
        }
    }
}
