// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.config;

import java.util.regex.Pattern;

/**
 * Refuses user names and passwords with a character that nobody meant (rule CF-7). The store would only say that they are wrong,
 * and what is wrong cannot be seen.
 */
public final class StrayCharacters {
    /** The whole value: a password that merely has such a piece in it is one. */
    private static final Pattern PLACEHOLDER =
            Pattern.compile("\\$\\{[^}]*}|\\{\\{[^}]*}}|\\$\\([^)]*\\)|%[A-Z0-9_]+%");

    private StrayCharacters() {}

    /** Throws with the source and the kind of character, never with the value. */
    public static void refuse(Setting setting) {
        String text = setting.text();
        setting.notEmpty();
        if (text.codePoints().anyMatch(c -> c == '\r' || c == '\n')) {
            throw setting.wrongUnseen(
                    "has a line end in it; often a file of Windows, or one more line, is behind that");
        } else if (text.indexOf('\ufeff') >= 0) {
            throw setting.wrongUnseen("has a byte order mark in it, which some editors write; save it without");
        } else if (text.codePoints().anyMatch(StrayCharacters::isUnseen)) {
            throw setting.wrongUnseen("has a control character or another that cannot be seen in it");
        } else if (PLACEHOLDER.matcher(text).matches()) {
            throw setting.wrongUnseen(
                    "is a placeholder; nothing is replaced in settings, so it must be filled in before");
        } else if (!setting.isOfUrl()
                && (isBlank(text.codePointAt(0)) || isBlank(text.codePointBefore(text.length())))) {
            // In a URL it stands escaped, so it was meant.
            throw setting.wrongUnseen("begins or ends with a blank; one that is meant can be given in the URL, as %20");
        }
    }

    private static boolean isUnseen(int c) {
        int type = Character.getType(c);
        return Character.isISOControl(c)
                || type == Character.FORMAT
                || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR
                || type == Character.SURROGATE;
    }

    private static boolean isBlank(int c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c);
    }
}
