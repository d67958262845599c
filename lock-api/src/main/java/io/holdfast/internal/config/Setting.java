// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.config;

import io.holdfast.LockConfigException;
import io.holdfast.LockNames;
import io.holdfast.spi.DurationFormat;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * One value as a source gave it, and its reading as something else; every failure names key and source.
 *
 * @param key without any prefix, such as {@code lease}
 * @param text as it was written
 * @param source where it was written, for people
 */
public record Setting(String key, String text, String source) {
    /** The key of the store's address. */
    static final String URL = "url";

    /** The source of what stands behind the question mark of an address. */
    static final String QUERY = "the URL's query";

    /** The source of what stands before the host of an address. */
    static final String USER_INFO = "the URL's user-info";

    /** As Spring, Maven, shells, Helm and Windows write them. */
    private static final Pattern PLACEHOLDER =
            Pattern.compile("[$#]\\{[^}]*}|\\{\\{[^}]*}}|^\\$[A-Za-z_]+$|^%[A-Za-z_]+%$");

    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,19}");

    /** Zero or positive, at most 365 days. */
    public Duration duration() {
        try {
            return DurationFormat.parse(text);
        } catch (IllegalArgumentException malformed) {
            throw wrong(String.valueOf(malformed.getMessage()));
        }
    }

    /** Positive, at most 365 days. */
    public Duration positiveDuration() {
        Duration value = duration();
        if (value.isZero()) {
            throw wrong("must be more than zero");
        }
        return value;
    }

    public long number(long minimum, long maximum) {
        try {
            long value = NUMBER.matcher(text).matches() ? Long.parseLong(text) : Long.MIN_VALUE;
            if (value >= minimum && value <= maximum) {
                return value;
            }
        } catch (NumberFormatException tooLong) {
            // Beyond a long is out of range like any other: the message below says so.
        }
        throw wrong("must be a whole number from " + minimum + " to " + maximum);
    }

    public boolean flag() {
        if (text.equals("true") || text.equals("false")) {
            return text.equals("true");
        }
        throw wrong("must be true or false");
    }

    /** Refuses an empty value. */
    void notEmpty() {
        if (text.isEmpty()) {
            throw wrong("must not be empty");
        }
    }

    /** Whether a URL's query or user-info gave it. */
    boolean isOfUrl() {
        return source.equals(QUERY) || source.equals(USER_INFO);
    }

    /** What is wrong with this value, to be thrown. */
    public LockConfigException wrong(String problem) {
        String shown = SecretKeys.isSecret(key) || isUrl() ? "" : " '" + LockNames.printable(text) + "'";
        return new LockConfigException("setting '" + key + "' (" + source + "):" + shown + " " + problem + hint());
    }

    /** The same without the value, for what may be a secret. */
    LockConfigException wrongUnseen(String problem) {
        return new LockConfigException("setting '" + key + "' (" + source + ") " + problem);
    }

    /** May have a password in it, wherever a typing error has put that. */
    private boolean isUrl() {
        return key.equals(URL);
    }

    private String hint() {
        return PLACEHOLDER.matcher(text).find()
                ? "; it has a placeholder in it, and nothing is replaced in settings: it must be filled in before"
                : "";
    }
}
