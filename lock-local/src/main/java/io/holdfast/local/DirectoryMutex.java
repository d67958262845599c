// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import io.holdfast.spi.DurationFormat;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets one at a time change a directory of locks: one process by an OS lock on a file without content, which a dying process frees, and
 * inside a JVM one thread, whichever class loader its code comes from.
 *
 * <p>The file is opened for each change and closed after it. That is safe only because nobody else in the JVM has it open then:
 * closing any descriptor of a file frees all POSIX locks that the process has on it. Code that is not ours can do that all the
 * same, in the middle of a section, and nothing tells us; so what must not go wrong then is made safe without the mutex: see {@link
 * LockDirectory}.
 */
final class DirectoryMutex {
    private static final long FIRST_PAUSE_NANOS = 20_000;
    private static final long LONGEST_PAUSE_NANOS = 1_000_000;

    private final Path file;
    private final FileModes modes;
    private final long patienceNanos;

    DirectoryMutex(Path file, FileModes modes, Duration patience) {
        this.file = file;
        this.modes = modes;
        this.patienceNanos = patience.toNanos();
    }

    /** A change, or a look that must not meet one half done. */
    @FunctionalInterface
    interface Section<T> {
        T run() throws IOException;
    }

    /**
     * Runs a section alone.
     *
     * @throws IOException of the section, or when another process kept the mutex too long
     */
    <T> T hold(Section<T> section) throws IOException {
        return hold(channel -> section.run());
    }

    /** Makes the file look used now. */
    void touch() throws IOException {
        hold(channel -> {
            FileModes.touch(channel);
            return true;
        });
    }

    /** What is done with the locked file itself. */
    @FunctionalInterface
    private interface Use<T> {
        T of(FileChannel channel) throws IOException;
    }

    private <T> T hold(Use<T> use) throws IOException {
        while (true) {
            String key = key();
            // The one object that all class loaders of a JVM share for a text is its interned string.
            synchronized (("io.holdfast.local.mutex " + key).intern()) {
                try (FileChannel channel = open()) {
                    lock(channel);
                    if (key.equals(key())) {
                        return use.of(channel);
                    } // else the file was exchanged meanwhile, and the one locked is nobody's mutex any more
                }
            }
        }
    }

    /** What tells the file from every other on this host, by whatever path it is reached. */
    private String key() throws IOException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            try {
                modes.makeFile(file);
            } catch (FileAlreadyExistsException e) {
                // made by another in between: as good
            }
        }
        modes.requireOwnFile(file);
        return String.valueOf(Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey());
    }

    private FileChannel open() throws IOException {
        return FileChannel.open(
                file, Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
    }

    /** Asks again and again instead of blocking: a process that was stopped in here must not stop this one for good. */
    private void lock(FileChannel channel) throws IOException {
        long start = System.nanoTime();
        long pause = FIRST_PAUSE_NANOS;
        for (FileLock lock = channel.tryLock(); lock == null; lock = channel.tryLock()) {
            if (System.nanoTime() - start > patienceNanos) {
                throw new IOException("another process has been changing the directory for "
                        + DurationFormat.show(Duration.ofNanos(patienceNanos))
                        + "; if one that uses it is stopped, let it go on or end it");
            }
            LockSupport.parkNanos(pause);
            pause = Math.min(LONGEST_PAUSE_NANOS, pause * 2);
        }
    }
}
