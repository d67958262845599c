// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The keys of one lock, all in one hash slot: {@code PREFIX:{NAME}}, {@code PREFIX:{NAME}:line}, {@code PREFIX:{NAME}:undone}.
 *
 * <p>NAME is the lock's name in UTF-8 with every byte but {@code A-Z a-z 0-9 . _ -} written as {@code %XX}: no two names meet,
 * no brace ends the hash tag early, and no pattern character of {@code SCAN} is in it (rules NA-2, NA-3). A prefix has no braces.
 *
 * @param state the hash with holder, token and contenders
 */
record LockKeys(String state) {
    private static final String HEX = "0123456789ABCDEF";

    static LockKeys of(String prefix, String name) {
        StringBuilder key = new StringBuilder(prefix).append(":{");
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            if (isPlain(b)) {
                key.append((char) b);
            } else {
                key.append('%').append(HEX.charAt((b >> 4) & 15)).append(HEX.charAt(b & 15));
            }
        }
        return new LockKeys(key.append('}').toString());
    }

    /** Matches the state of every name under a prefix, and nothing else of ours. */
    static String pattern(String prefix) {
        return prefix + ":{*}";
    }

    /** What a script takes as KEYS. */
    List<Object> all() {
        return List.of(state, state + ":line", state + ":undone");
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
        String encoded = state.substring(start.length(), state.length() - 1);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(encoded.length());
        for (int i = 0; i < encoded.length(); i++) {
            if (encoded.charAt(i) != '%') {
                bytes.write(encoded.charAt(i));
                continue;
            }
            if (i + 2 >= encoded.length()) {
                return Optional.empty();
            }
            int high = HEX.indexOf(encoded.charAt(i + 1));
            int low = HEX.indexOf(encoded.charAt(i + 2));
            bytes.write(high << 4 | low);
            i += 2;
        }
        String name = bytes.toString(StandardCharsets.UTF_8);
        return of(prefix, name).equals(this) ? Optional.of(name) : Optional.empty();
    }

    private static boolean isPlain(byte b) {
        return (b >= 'a' && b <= 'z')
                || (b >= 'A' && b <= 'Z')
                || (b >= '0' && b <= '9')
                || b == '.'
                || b == '_'
                || b == '-';
    }
}
