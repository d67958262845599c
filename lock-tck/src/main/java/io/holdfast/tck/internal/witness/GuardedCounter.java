// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal.witness;

import io.holdfast.FencedGuard;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;

/**
 * A number in a file, with the newest fencing token beside it: what the lock protects.
 *
 * <p>Each step compares and writes under the operating system's own file lock, as a database would do it in one statement; the
 * time between reading and writing is protected by nothing but the lock under test. Thread-safe.
 */
public final class GuardedCounter {
    private static final int SIZE = 42;

    private final Path file;
    private final boolean guarded;

    /**
     * A counter.
     *
     * @param guarded whether it refuses a token older than one it has seen; otherwise the lock alone protects it
     */
    public GuardedCounter(Path file, boolean guarded) {
        this.file = file;
        this.guarded = guarded;
    }

    /** The value, or empty when a newer token has been here. */
    public OptionalLong read(long token) throws IOException {
        return step(token, OptionalLong.empty());
    }

    /** Writes unless a newer token has been here. */
    public boolean write(long token, long value) throws IOException {
        return step(token, OptionalLong.of(value)).isPresent();
    }

    private OptionalLong step(long token, OptionalLong newValue) throws IOException {
        // The file lock is the process's: threads of one process take turns here.
        synchronized (GuardedCounter.class) {
            try (FileChannel channel = FileChannel.open(
                            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
                    FileLock exclusive = channel.lock()) {
                ByteBuffer stored = ByteBuffer.allocate(SIZE);
                int size = exclusive.isValid() ? channel.read(stored, 0) : 0;
                String[] parts = size <= 0
                        ? new String[] {"0", "0"}
                        : new String(stored.array(), 0, size, StandardCharsets.US_ASCII)
                                .strip()
                                .split(" +");
                long newest = Long.parseLong(parts[0]);
                if (guarded && !new FencedGuard(newest).accepts(token)) {
                    return OptionalLong.empty();
                }
                long value = newValue.orElse(Long.parseLong(parts[1]));
                String line = String.format("%20d %20d\n", Math.max(newest, token), value);
                // One write of fixed size: a kill leaves the old line or the new one.
                channel.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.US_ASCII)), 0);
                return OptionalLong.of(value);
            }
        }
    }
}
