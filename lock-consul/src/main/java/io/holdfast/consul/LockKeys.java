// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Where things are in Consul: {@code PREFIX/NAME/SESSION-SLOT} for a contender, {@code PREFIX/~session/SESSION} for a session.
 *
 * <p>NAME is the lock's name in UTF-8 with every byte but {@code A-Z a-z 0-9 . _ -} as {@code ~XX}, and so are the names {@code .}
 * and {@code ..}. Nothing in a key means anything in a URL, where consul-api puts it as it is: no {@code # ? % /} and no space, no
 * path that a server would shorten (rules NA-2, NA-3).
 *
 * @param prefix segments without meaning in a URL, joined by slashes
 */
record LockKeys(String prefix) {
    private static final String HEX = "0123456789ABCDEF";

    /** No name is written like this: what follows its tilde is no hexadecimal number. */
    private static final String SESSIONS = "~session";

    /** What every key of ours begins with. */
    String root() {
        return prefix + "/";
    }

    /** What the keys of all contenders of a name begin with, and of no other name. */
    String line(String name) {
        return root() + encode(name) + "/";
    }

    String contender(String name, String session, int slot) {
        return line(name) + session + "-" + slot;
    }

    String session(String id) {
        return root() + SESSIONS + "/" + id;
    }

    /**
     * The name that a contender's key belongs to.
     *
     * @return empty when this is no contender's key: a session's, or a stranger's
     */
    Optional<String> name(String key) {
        if (!key.startsWith(root())) {
            return Optional.empty();
        }
        int end = key.indexOf('/', root().length());
        if (end < 0 || key.indexOf('/', end + 1) >= 0) {
            return Optional.empty();
        }
        String encoded = key.substring(root().length(), end);
        return decode(encoded).filter(name -> encode(name).equals(encoded));
    }

    static String encode(String name) {
        boolean path = name.equals(".") || name.equals("..");
        StringBuilder key = new StringBuilder(name.length() + 8);
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            if (isPlain(b) && !path) {
                key.append((char) b);
            } else {
                key.append('~').append(HEX.charAt((b >> 4) & 15)).append(HEX.charAt(b & 15));
            }
        }
        return key.toString();
    }

    private static Optional<String> decode(String encoded) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(encoded.length());
        for (int i = 0; i < encoded.length(); i++) {
            if (encoded.charAt(i) != '~') {
                bytes.write(encoded.charAt(i));
                continue;
            }
            if (i + 2 >= encoded.length()) {
                return Optional.empty();
            }
            int high = HEX.indexOf(encoded.charAt(i + 1));
            int low = HEX.indexOf(encoded.charAt(i + 2));
            if (high < 0 || low < 0) {
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
}
