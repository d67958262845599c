// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes durations into messages as users write them into settings (rule CF-3): {@code 500ms 30s 5m 1h 1d}. */
public final class DurationFormat {
    private static final Duration LONGEST = Duration.ofDays(100_000);
    private static final Map<String, Duration> UNITS = new LinkedHashMap<>();

    static {
        UNITS.put("d", Duration.ofDays(1));
        UNITS.put("h", Duration.ofHours(1));
        UNITS.put("m", Duration.ofMinutes(1));
        UNITS.put("s", Duration.ofSeconds(1));
        UNITS.put("ms", Duration.ofMillis(1));
    }

    private DurationFormat() {}

    /**
     * Writes a duration, exactly.
     *
     * @param value any duration
     * @return a whole number of the largest unit that fits, such as {@code 1500ms}, or {@code 0s}; ISO-8601 for what is finer than
     *     a millisecond, negative or longer than 100,000 days. A setting reads either
     */
    public static String show(Duration value) {
        if (value.isZero()) {
            return "0s";
        }
        if (value.isNegative() || value.compareTo(LONGEST) > 0) {
            return value.toString();
        }
        for (Map.Entry<String, Duration> unit : UNITS.entrySet()) {
            long times = value.dividedBy(unit.getValue());
            if (unit.getValue().multipliedBy(times).equals(value)) {
                return times + unit.getKey();
            }
        }
        return value.toString();
    }
}
