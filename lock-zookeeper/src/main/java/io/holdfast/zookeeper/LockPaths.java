// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;

/**
 * Where things are: {@code ROOT/NAME} is the container of a lock's contenders, {@code ROOT/%sessions} that of the sessions.
 *
 * <p>A name made of {@code A-Z a-z 0-9 . _ -}, but not {@code .} or {@code ..}, stands for itself. In any other every byte beside these
 * is written as {@code %XX}: no two names meet, none has a slash, and none is {@code %sessions} (rules NA-2, NA-3).
 *
 * @param root begins with a slash and does not end in one
 */
record LockPaths(String root) {
    private static final String HEX = "0123456789ABCDEF";
    private static final String SESSIONS = "%sessions";

    String of(String name) {
        return root + "/" + encoded(name);
    }

    String sessions() {
        return root + "/" + SESSIONS;
    }

    /**
     * What the node of a contender begins with: Curator's mark of a protected node, and the lock's usual name in its recipes.
     *
     * @param session half of the mark, random for each session
     * @param contenderId the other half, never used twice by a session
     */
    static String mark(long session, long contenderId) {
        return "_c_" + new UUID(session, contenderId) + "-" + Line.LOCK;
    }

    private static String encoded(String name) {
        boolean onlyDots = name.equals(".") || name.equals("..");
        StringBuilder out = new StringBuilder(name.length());
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            if (isPlain(b) && !onlyDots) {
                out.append((char) b);
            } else {
                out.append('%').append(HEX.charAt((b >> 4) & 15)).append(HEX.charAt(b & 15));
            }
        }
        return out.toString();
    }

    /**
     * The name a container under the root belongs to.
     *
     * @return empty when no name is written like this: a stranger's node, or that of the sessions
     */
    static Optional<String> name(String node) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(node.length());
        for (int i = 0; i < node.length(); i++) {
            if (node.charAt(i) != '%') {
                bytes.write(node.charAt(i));
                continue;
            }
            int high = i + 2 < node.length() ? HEX.indexOf(node.charAt(i + 1)) : -1;
            int low = high < 0 ? -1 : HEX.indexOf(node.charAt(i + 2));
            if (low < 0) {
                return Optional.empty();
            }
            bytes.write(high << 4 | low);
            i += 2;
        }
        String name = bytes.toString(StandardCharsets.UTF_8);
        return encoded(name).equals(node) ? Optional.of(name) : Optional.empty();
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
