// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import java.util.Objects;

/** The rule for lock names (NA-1), and how a name, or any text of somebody else's, is shown to people. */
public final class LockNames {
    /** The longest name, in bytes of its UTF-8 form. */
    public static final int MAXIMUM_BYTES = 512;

    private LockNames() {}

    /**
     * Refuses what is no lock name, as every method that takes a name does before it asks the store anything.
     *
     * @param name the name
     * @return the same name
     * @throws NullPointerException when it is null
     * @throws IllegalArgumentException when it is empty, over 512 UTF-8 bytes, or has an unpaired surrogate
     */
    public static String checked(String name) {
        Objects.requireNonNull(name, "lock name");
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a lock name must not be empty");
        }
        int bytes = 0;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < name.length() && Character.isLowSurrogate(name.charAt(i + 1))) {
                bytes += 4;
                i++;
            } else if (Character.isSurrogate(c)) {
                throw new IllegalArgumentException(
                        "lock name '" + printable(name) + "' has an unpaired surrogate at index " + i);
            } else {
                bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
            }
        }
        if (bytes > MAXIMUM_BYTES) {
            throw new IllegalArgumentException("a lock name must not exceed " + MAXIMUM_BYTES
                    + " UTF-8 bytes; this one has " + bytes + ": '" + printable(name.substring(0, 40)) + "…'");
        }
        return name;
    }

    /**
     * Shows a text with its control characters escaped, so that it cannot act on a terminal or add lines to a log. Holdfast's exceptions
     * and log records show names so.
     *
     * @param text any string
     * @return the text, in which control and format characters, line and paragraph separators and unpaired surrogates are written as a
     *     backslash, {@code u} or {@code U}, and four or eight hexadecimal digits. A backslash is not escaped, so the result is for people
     *     and cannot be read back
     */
    public static String printable(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            boolean surrogate = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
            int type = Character.getType(c);
            boolean lineEnd = type == Character.LINE_SEPARATOR || type == Character.PARAGRAPH_SEPARATOR;
            if (Character.isISOControl(c) || surrogate || lineEnd || type == Character.FORMAT) {
                out.append(c > 0xffff ? String.format("\\U%08x", c) : String.format("\\u%04x", c));
            } else {
                out.appendCodePoint(c);
            }
        });
        return out.toString();
    }
}
