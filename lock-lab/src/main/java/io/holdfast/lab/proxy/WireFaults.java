// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.proxy;

import java.time.Duration;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** The faults set on one direction, and what it has carried. Used on the loop's thread only. */
final class WireFaults {
    private final boolean requests;
    private final Random random;
    private long delayNanos;
    private long jitterNanos;
    private long bytesPerSecond;
    private boolean frozen;
    private boolean black;
    private @Nullable Cut cut;
    private long cutAfter;
    private long deliveredBytes;
    private long swallowedBytes;

    WireFaults(boolean requests, long seed) {
        this.requests = requests;
        this.random = new Random(seed);
    }

    boolean carriesRequests() {
        return requests;
    }

    void delay(Duration delay, Duration jitter) {
        delayNanos = delay.toNanos();
        jitterNanos = jitter.toNanos();
    }

    /** The delay of the piece read now. */
    long drawDelay() {
        return delayNanos + (jitterNanos == 0 ? 0 : (long) (random.nextDouble() * jitterNanos));
    }

    void bytesPerSecond(long limit) {
        bytesPerSecond = limit;
    }

    long bytesPerSecond() {
        return bytesPerSecond;
    }

    void freeze(boolean frozen) {
        this.frozen = frozen;
    }

    boolean isFrozen() {
        return frozen;
    }

    void blackHole() {
        black = true;
    }

    boolean isBlack() {
        return black;
    }

    void cutAfter(long bytes, Cut how) {
        cut = how;
        cutAfter = bytes;
    }

    /** How many bytes a pipe that has delivered so many may still deliver before a cut. */
    long untilCut(long delivered) {
        return cut == null ? Long.MAX_VALUE : Math.max(0, cutAfter - delivered);
    }

    /** The cut that has fallen due; taken, it is over for the other connections. */
    @Nullable
    Cut takeCut() {
        Cut taken = cut;
        cut = null;
        return taken;
    }

    void heal() {
        delay(Duration.ZERO, Duration.ZERO);
        bytesPerSecond = 0;
        frozen = false;
        black = false;
        cut = null;
    }

    void delivered(long bytes) {
        deliveredBytes += bytes;
    }

    void swallowed(long bytes) {
        swallowedBytes += bytes;
    }

    long deliveredBytes() {
        return deliveredBytes;
    }

    long swallowedBytes() {
        return swallowedBytes;
    }
}
