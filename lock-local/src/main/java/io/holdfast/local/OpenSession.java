// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A session of this JVM in a directory of locks, and the one channel on its lock file.
 *
 * <p>Closing any descriptor of that file anywhere in the process would free the lock on it, so nothing in the JVM opens it again.
 * Which files those are is known in each class loader, and written in the system properties, as texts, for the others. Somebody may
 * replace those properties at any time, as test frameworks do; each renewal puts back what is missing.
 */
final class OpenSession {
    private static final String REGISTRY = "io.holdfast.local.session.";
    private static final Map<String, String> HERE = new ConcurrentHashMap<>(); // id by file key

    private static final byte OPEN = 'o';
    private static final byte ENDED = 'e';

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
        register(id, fileKey);
        try {
            return new OpenSession(id, directory, fileKey, opening.open());
        } catch (Throwable e) {
            unregister(fileKey);
            throw e;
        }
    }

    private static void register(String id, String fileKey) {
        HERE.put(fileKey, id);
        System.setProperty(REGISTRY + fileKey, id);
    }

    private static void unregister(String fileKey) {
        System.clearProperty(REGISTRY + fileKey);
        HERE.remove(fileKey);
    }

    /** Tells the other class loaders again; for a session that is open. */
    void register() {
        register(id, fileKey);
    }

    /** Whether a session is open in this JVM, in whatever class loader. */
    static boolean isOpenHere(String id, String fileKey) {
        return id.equals(HERE.get(fileKey)) || id.equals(System.getProperty(REGISTRY + fileKey));
    }

    /** Has room on the disk from now on for the mark of the end. */
    static void markOpen(FileChannel channel) throws IOException {
        mark(channel, OPEN);
    }

    static boolean hasEnded(FileChannel channel) throws IOException {
        ByteBuffer mark = ByteBuffer.allocate(1);
        return channel.read(mark, 0) == 1 && mark.get(0) == ENDED;
    }

    private static void mark(FileChannel channel, byte what) throws IOException {
        channel.write(ByteBuffer.wrap(new byte[] {what}), 0);
    }

    /** Makes the lock file look used now. */
    void touch() {
        FileModes.touch(channel);
    }

    /**
     * Frees the lock, and writes into the file that the session has ended: the file may be out of reach now and come back, and its process
     * lives on. The registry comes last: as long as the channel is open, a probe from this JVM could close it.
     */
    void free() throws IOException {
        try (channel) {
            if (channel.isOpen()) {
                mark(channel, ENDED);
            }
        } finally {
            unregister(fileKey);
        }
    }
}
