// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.context;

import java.time.Duration;
import java.util.Objects;

/** Durations as the engine counts them. */
public final class Durations {
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

    private Durations() {}

    /** A maximum hold as the engine counts it. */
    public static long checkedMaximum(Duration maximum) {
        if (Objects.requireNonNull(maximum, "maximum").isNegative() || maximum.isZero()) {
            throw new IllegalArgumentException("maximum hold " + maximum + " is not positive");
        }
        return saturatedNanos(maximum);
    }

    /** Nanoseconds; what does not fit in a long (292 years) counts as without end. */
    public static long saturatedNanos(Duration d) {
        return d.compareTo(LONGEST) >= 0 ? Long.MAX_VALUE : Math.max(0, d.toNanos());
    }
}
