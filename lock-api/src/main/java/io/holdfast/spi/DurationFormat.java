// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as users write them into settings, and read them in messages (rule CF-3): {@code 500ms 30s 5m 1h 1d}. */
public final class DurationFormat {
    /** Far from the 292 years at which nanoseconds in a long overflow, whatever is multiplied or added. */
    private static final Duration LONGEST_READ = Duration.ofDays(365);

    private static final Duration LONGEST_SHOWN = Duration.ofDays(100_000);
    private static final Pattern WITH_UNIT = Pattern.compile("([0-9]{1,18})(ms|s|m|h|d)");
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
        if (value.isNegative() || value.compareTo(LONGEST_SHOWN) > 0) {
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

    /**
     * Reads a duration: a whole number with {@code ms}, {@code s}, {@code m}, {@code h} or {@code d}, or ISO-8601 such as {@code PT30S}.
     *
     * @param text what somebody wrote
     * @return zero or positive, at most 365 days
     * @throws IllegalArgumentException when it is not such a duration, negative or longer; the message is the rest of a sentence that
     *     begins with the text
     */
    public static Duration parse(String text) {
        Duration value = text.startsWith("P") || text.startsWith("-P") ? iso(text) : withUnit(text);
        if (value.isNegative()) {
            throw new IllegalArgumentException("must not be negative");
        }
        if (value.compareTo(LONGEST_READ) > 0) {
            throw new IllegalArgumentException("is longer than the 365 days allowed");
        }
        return value;
    }

    private static Duration withUnit(String text) {
        Matcher matcher = WITH_UNIT.matcher(text);
        if (!matcher.matches()) {
            boolean bare = !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
            throw new IllegalArgumentException((bare ? "has no unit" : "is not a duration")
                    + "; write a whole number with ms, s, m, h or d, such as 500ms or 30s, or ISO-8601 such as PT30S");
        }
        Duration unit = UNITS.getOrDefault(matcher.group(2), Duration.ZERO);
        try {
            return unit.multipliedBy(Long.parseLong(matcher.group(1)));
        } catch (ArithmeticException beyondSeconds) {
            return LONGEST_READ.plusSeconds(1);
        }
    }

    private static Duration iso(String text) {
        try {
            return Duration.parse(text);
        } catch (DateTimeParseException malformed) {
            throw new IllegalArgumentException("is not an ISO-8601 duration such as PT30S or PT1H30M", malformed);
        }
    }
}
