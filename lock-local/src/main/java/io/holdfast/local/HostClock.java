// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Monotonic time that all processes of the host share, so that one can go on measuring what another began.
 *
 * <p>Crash grace and the silence of a waiter are measured on it; the wall clock, which is set and steps, decides nothing.
 */
@FunctionalInterface
interface HostClock {
    /** Milliseconds since the host started, to the kernel's grain of 10 ms. */
    long millis() throws IOException;

    /**
     * Linux: the kernel's uptime. Elsewhere {@link System#nanoTime()}, which the JVMs of those systems count from the host's start;
     * a JVM that did not would only make waits after a crash longer or shorter, since no hold depends on it.
     */
    static HostClock system() {
        Path uptime = Path.of("/proc/uptime");
        return Files.isReadable(uptime) ? () -> parse(Files.readString(uptime)) : () -> System.nanoTime() / 1_000_000;
    }

    /** Reads {@code 3036.99 4337.29}: seconds since the start, and idle ones. */
    static long parse(String uptime) throws IOException {
        String[] parts = uptime.strip().split("[ .]", 3);
        if (parts.length < 2 || !parts[0].matches("\\d{1,12}") || !parts[1].matches("\\d{2}")) {
            throw new IOException("cannot read the host's uptime from '" + uptime.strip() + "'");
        }
        return Long.parseLong(parts[0]) * 1000 + Long.parseLong(parts[1]) * 10;
    }
}
