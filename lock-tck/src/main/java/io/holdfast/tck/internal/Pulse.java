// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Finds out how long this machine, or this JVM's collector, let a thread wait that was due: a test that counts on times shorter than
 * that has seen the machine, not the store. Thread-safe.
 */
public final class Pulse implements AutoCloseable {
    private static final long BEAT_NANOS = 2_000_000;

    private final Thread thread = new Thread(this::beat, "tck-pulse");

    /** When it beat last or, before its thread runs at all, began. */
    private volatile long last = System.nanoTime();

    private volatile boolean ended;
    private volatile long longest;

    public Pulse() {
        thread.setDaemon(true);
        thread.start();
    }

    private void beat() {
        while (!ended) {
            LockSupport.parkNanos(BEAT_NANOS);
            long now = System.nanoTime();
            longest = Math.max(longest, now - last - BEAT_NANOS);
            last = now;
        }
    }

    /** The longest delay since it began, the one under way included: who asks may have been let run before the pulse's own thread. */
    public Duration longestDelay() {
        long underWay =
                System.nanoTime() - last - BEAT_NANOS; // before the longest is read, which a beat may raise meanwhile
        return Duration.ofNanos(Math.max(longest, underWay));
    }

    @Override
    public void close() {
        ended = true;
        LockSupport.unpark(thread);
    }
}
