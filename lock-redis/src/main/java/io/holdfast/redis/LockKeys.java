// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.spi.NameCode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The keys of one lock, all in one hash slot: {@code PREFIX:{NAME}}, {@code PREFIX:{NAME}:line}, {@code PREFIX:{NAME}:undone}.
 *
 * <p>NAME is the lock's name in {@link NameCode} with {@code %XX}: no two names meet, no brace ends the hash tag early, and no pattern
 * character of {@code SCAN} is in it (rules NA-2, NA-3). A prefix has no braces.
 *
 * @param state the hash with holder, token and contenders
 */
record LockKeys(String state) {
    private static final NameCode NAMES = NameCode.escapedBy('%');

    static LockKeys of(String prefix, String name) {
        return new LockKeys(prefix + ":{" + NAMES.encode(name) + "}");
    }

    /** Matches the state of every name under a prefix, and nothing else of ours. */
    static String pattern(String prefix) {
        return prefix + ":{*}";
    }

    /** What a script takes as KEYS: as bytes, which no name mapper of a Redisson client changes (rule SP-9). */
    List<Object> all() {
        return List.of(bytes(state), bytes(state + ":line"), bytes(state + ":undone"));
    }

    private static byte[] bytes(String key) {
        return key.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * The name these keys belong to.
     *
     * @param prefix what they begin with
     * @return empty when this is no key that {@link #of} makes: a stranger's
     */
    Optional<String> name(String prefix) {
        String start = prefix + ":{";
        if (!state.startsWith(start) || !state.endsWith("}")) {
            return Optional.empty();
        }
        return NAMES.decode(state.substring(start.length(), state.length() - 1));
    }
}
