// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.ByteSequence;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Where things are under a prefix: a contender at {@code PREFIX/NAME/LEASE-SLOT}, a session at {@code PREFIX/%session/LEASE}.
 *
 * <p>A name of {@code A-Z a-z 0-9 . _ -} other than {@code .} and {@code ..} is stored as it is, which makes the line the one that
 * {@code etcdctl lock PREFIX/NAME} stands in. In any other name, each byte that is not one of these is written {@code %XX} (and so
 * are the dots of the two exceptions): no two names meet, no name has a slash, and {@code %session} is none (rules NA-2, NA-3).
 *
 * @param prefix without a slash at its end
 */
record LockKeys(String prefix) {
    private static final String HEX = "0123456789ABCDEF";
    private static final String SESSIONS = "%session";

    /** What the keys of all contenders for a name begin with. */
    String line(String name) {
        return prefix + "/" + encoded(name) + "/";
    }

    /** What every key of ours begins with. */
    String everything() {
        return prefix + "/";
    }

    String session(long lease) {
        return prefix + "/" + SESSIONS + "/" + Long.toHexString(lease);
    }

    static String contender(String line, long lease, int slot) {
        return line + Long.toHexString(lease) + "-" + slot;
    }

    /**
     * The name in whose line a key stands.
     *
     * @param key any key under the prefix
     * @return empty when it stands in no line that {@link #line} makes
     */
    Optional<String> nameOf(String key) {
        int begin = prefix.length() + 1;
        int end = key.indexOf('/', begin);
        if (!key.startsWith(everything()) || end < 0 || key.indexOf('/', end + 1) >= 0) {
            return Optional.empty();
        }
        String part = key.substring(begin, end);
        return decoded(part).filter(name -> encoded(name).equals(part));
    }

    private static String encoded(String name) {
        boolean step = name.equals(".") || name.equals("..");
        StringBuilder out = new StringBuilder();
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            if (isPlain(b) && !step) {
                out.append((char) b);
            } else {
                out.append('%').append(HEX.charAt((b >> 4) & 15)).append(HEX.charAt(b & 15));
            }
        }
        return out.toString();
    }

    private static Optional<String> decoded(String part) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(part.length());
        for (int i = 0; i < part.length(); i++) {
            if (part.charAt(i) != '%') {
                bytes.write(part.charAt(i));
                continue;
            }
            int high = i + 2 < part.length() ? HEX.indexOf(part.charAt(i + 1)) : -1;
            int low = high < 0 ? -1 : HEX.indexOf(part.charAt(i + 2));
            if (low < 0) {
                return Optional.empty();
            }
            bytes.write(high << 4 | low);
            i += 2;
        }
        return Optional.of(bytes.toString(StandardCharsets.UTF_8));
    }

    private static boolean isPlain(byte b) {
        return (b >= 'a' && b <= 'z')
                || (b >= 'A' && b <= 'Z')
                || (b >= '0' && b <= '9')
                || b == '.'
                || b == '_'
                || b == '-';
    }

    /** A key as jetcd takes it. */
    static ByteSequence bytes(String key) {
        return ByteSequence.from(key, StandardCharsets.UTF_8);
    }

    /** A key as jetcd gives it. */
    static String text(ByteSequence key) {
        return key.toString(StandardCharsets.UTF_8);
    }
}
