// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.config;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as settings write them, to be read (rule CF-3); {@link io.holdfast.spi.DurationFormat} writes them. */
public final class DurationText {
    /** Far from the 292 years at which nanoseconds in a long overflow, whatever is multiplied or added. */
    private static final Duration LONGEST = Duration.ofDays(365);

    private static final Pattern WITH_UNIT = Pattern.compile("([0-9]{1,18})(ms|s|m|h|d)");
    private static final Map<String, Duration> UNITS = Map.of(
            "d", Duration.ofDays(1),
            "h", Duration.ofHours(1),
            "m", Duration.ofMinutes(1),
            "s", Duration.ofSeconds(1),
            "ms", Duration.ofMillis(1));

    private DurationText() {}

    /**
     * Reads {@code 500ms 30s 5m 1h 1d} or ISO-8601.
     *
     * @return zero or positive, at most 365 days
     * @throws IllegalArgumentException otherwise; the message is the rest of a sentence that begins with the text
     */
    public static Duration parse(String text) {
        Duration value = text.startsWith("P") || text.startsWith("-P") ? iso(text) : withUnit(text);
        if (value.isNegative()) {
            throw new IllegalArgumentException("must not be negative");
        }
        if (value.compareTo(LONGEST) > 0) {
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
            return LONGEST.plusSeconds(1);
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
