// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import io.holdfast.spi.DurationFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * A step that several make at the same time, though one at a time may (see {@link LockDirectory}): none of them may have had its way,
 * so each tries again. The pauses are drawn by lot, so that they do not meet again, and grow until one of them has the time
 * that it needs.
 */
final class Contest {
    private static final long FIRST_PAUSE_NANOS = 50_000;
    private static final long LONGEST_PAUSE_NANOS = 20_000_000;

    private final Path mutex;
    private final Duration patience;

    /**
     * Makes the judge of a directory.
     *
     * @param mutex what was to let one at a time in, for messages
     * @param patience how long a step is tried
     */
    Contest(Path mutex, Duration patience) {
        this.mutex = mutex;
        this.patience = patience;
    }

    /** Empty when others were there, and it has to be made again. */
    @FunctionalInterface
    interface Attempt<T> {
        Optional<T> make() throws IOException;
    }

    /**
     * Makes a step until it has had its way.
     *
     * @throws IOException of the step, or when others were there for all of the patience
     */
    <T> T settle(Attempt<T> attempt) throws IOException {
        long start = System.nanoTime();
        long longest = FIRST_PAUSE_NANOS;
        while (true) {
            Optional<T> result = attempt.make();
            if (result.isPresent()) {
                return result.get();
            }
            if (System.nanoTime() - start > patience.toNanos()) {
                throw new IOException("others have been taking the lock at the same time for "
                        + DurationFormat.show(patience)
                        + ", though one at a time may; does something open and close " + mutex
                        + " all the time, or remove it?");
            }
            LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(longest));
            longest = Math.min(LONGEST_PAUSE_NANOS, longest * 2);
        }
    }
}
