// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import io.holdfast.LockHandle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * A hold's deadline as machine uptime, the clock that tool and guard share: a shell cannot read {@code nanoTime}. Uptime counts
 * time in suspend, which is the safe side for a deadline.
 */
final class HoldDeadline {
    private static final Path UPTIME = Path.of("/proc/uptime");
    private static final long NANOS_PER_CENTISECOND = 10_000_000;

    /** The guard reads the uptime cut to hundredths, as we do, and then needs a moment to kill. */
    private static final long EARLY = 2;

    private final LockHandle hold;
    private final boolean leased;

    HoldDeadline(LockHandle hold, boolean leased) {
        this.hold = hold;
        this.leased = leased;
    }

    /** Centiseconds of uptime, never after the hold's end; empty when the hold has none. */
    OptionalLong asUptime() {
        if (!leased) {
            return OptionalLong.empty();
        }
        // In this order: what passes between the two readings makes the deadline earlier, never later.
        long now = uptime();
        return OptionalLong.of(now + hold.remainingLease().toNanos() / NANOS_PER_CENTISECOND - EARLY);
    }

    private static long uptime() {
        try {
            String text = Files.readString(UPTIME);
            int dot = text.indexOf('.');
            return Long.parseLong(text, 0, dot, 10) * 100 + Long.parseLong(text, dot + 1, dot + 3, 10);
        } catch (IOException e) {
            throw new ToolException(ExitCode.FAILED, "cannot read " + UPTIME + ", which the guard needs", e);
        }
    }
}
