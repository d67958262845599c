// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal.witness;

import io.holdfast.tck.internal.witness.Event.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A file to which several processes append what they see; each event is one write, so that a kill leaves no half of one.
 * Thread-safe.
 */
public final class Journal implements AutoCloseable {
    private final FileChannel file;

    public Journal(Path path) throws IOException {
        file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** Writes an event that happens now. */
    void write(String witness, Kind kind, int attempt, long token, long value) {
        write(new Event(System.nanoTime(), witness, kind, attempt, token, value));
    }

    public void write(Event event) {
        try {
            ByteBuffer line = ByteBuffer.wrap(event.line().getBytes(StandardCharsets.UTF_8));
            synchronized (this) {
                while (line.hasRemaining()) {
                    file.write(line);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All events of a journal. Of one that is being written just now its beginning may be seen: it is left for the next look. */
    public static List<Event> read(Path path) throws IOException {
        String text = Files.readString(path);
        return text.substring(0, text.lastIndexOf('\n') + 1)
                .lines()
                .map(Event::of)
                .toList();
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
