// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

import java.time.Duration;

/** Durations as the engine counts them. */
final class Durations {
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

    private Durations() {}

    /** Nanoseconds; what does not fit in a long (292 years) counts as without end. */
    static long saturatedNanos(Duration d) {
        return d.compareTo(LONGEST) >= 0 ? Long.MAX_VALUE : Math.max(0, d.toNanos());
    }
}
