// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import java.util.Locale;

/** Texts from outside as they may stand in a message. */
final class Shown {
    private Shown() {}

    /** A lock as messages name it: control and format characters escaped, so that no terminal obeys them. */
    static String lock(String name) {
        return "lock '" + text(name) + "'";
    }

    static String text(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT || isSurrogate(c)) {
                out.append(String.format(Locale.ROOT, "\\u%04x", c));
            } else {
                out.appendCodePoint(c);
            }
        });
        return out.toString();
    }

    private static boolean isSurrogate(int c) {
        return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
    }
}
