// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Waits until a signal to stop has reached every thread of a process.
 *
 * <p>One thread takes the signal and then stops the others; while that thread waits for a processor, the others still answer.
 * Linux tells by {@code /proc}; where there is none, nothing is waited for.
 */
final class StoppedThreads {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(1);

    private StoppedThreads() {}

    static void await(long pid) throws IOException {
        Path tasks = Path.of("/proc", String.valueOf(pid), "task");
        long start = System.nanoTime();
        while (Files.isDirectory(tasks) && !allStopped(tasks)) {
            if (System.nanoTime() - start > LIMIT.toNanos()) {
                throw new IllegalStateException("process " + pid + " does not stop");
            }
            LockSupport.parkNanos(POLL.toNanos());
        }
    }

    private static boolean allStopped(Path tasks) throws IOException {
        List<Path> threads;
        try (Stream<Path> list = Files.list(tasks)) {
            threads = list.toList();
        }
        for (Path thread : threads) {
            try {
                String stat = Files.readString(thread.resolve("stat"));
                // The state follows the name, which is in parentheses and may hold
                // anything. One that has ended waits for its parent, which may be stopped.
                if ("TZX".indexOf(stat.charAt(stat.lastIndexOf(')') + 2)) < 0) {
                    return false;
                }
            } catch (NoSuchFileException ended) {
                return false;
            }
        }
        return true;
    }
}
