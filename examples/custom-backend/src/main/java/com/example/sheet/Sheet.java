// SPDX-License-Identifier: Apache-2.0
package com.example.sheet;

import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.LockUnavailableException;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.FileLockInterruptionException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * A small table in one file, changed by one at a time: the store of this example. Thread-safe, over processes too.
 *
 * <p>A change is written to a new file that then takes the old one's place, so that a process killed on the way changes nothing.
 */
final class Sheet {
    /** A file lock keeps out processes, not the threads of this one. */
    private static final Map<Path, Object> MUTEXES = new ConcurrentHashMap<>();

    private final Path file;
    private final Object mutex;

    Sheet(Path file) {
        this.file = file;
        this.mutex = MUTEXES.computeIfAbsent(file, path -> new Object());
    }

    Path file() {
        return file;
    }

    /**
     * Reads the cells, lets a step look at them and change them, and writes them if it did. An interrupt, which ends what a channel
     * does, comes before the new file takes its place, so that all can be done again; the caller finds it afterwards (rule WA-14).
     */
    <T> T atomically(Function<Properties, T> step) {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    return once(step);
                } catch (ClosedByInterruptException | FileLockInterruptionException e) {
                    interrupted |= Thread.interrupted();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private <T> T once(Function<Properties, T> step)
            throws ClosedByInterruptException, FileLockInterruptionException {
        boolean writing = false;
        synchronized (mutex) {
            try (FileChannel channel = FileChannel.open(
                            beside(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                Properties before = read();
                Properties after = (Properties) before.clone();
                T result = step.apply(after);
                if (!after.equals(before)) {
                    writing = true;
                    write(after);
                }
                return result;
            } catch (ClosedByInterruptException | FileLockInterruptionException e) {
                throw e;
            } catch (IOException e) {
                // What was only read has changed nothing; whether a write came through nobody knows.
                String message = "sheet " + file + ": " + e;
                throw writing ? new LockOutcomeUnknownException(message, e) : new LockUnavailableException(message, e);
            }
        }
    }

    private Properties read() throws IOException {
        Properties cells = new Properties();
        if (Files.exists(file)) {
            try (Reader reader = Files.newBufferedReader(file)) {
                cells.load(reader);
            }
        }
        return cells;
    }

    private void write(Properties cells) throws IOException {
        Path fresh = beside(".new");
        try (Writer writer = Files.newBufferedWriter(fresh)) {
            cells.store(writer, null);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private Path beside(String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }
}
