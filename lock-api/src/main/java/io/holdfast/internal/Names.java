// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

import java.util.Objects;

/** The rules for lock names (NA-1), and how a name is shown to people. */
public final class Names {
    public static final int MAXIMUM_BYTES = 512;

    private Names() {}

    /**
     * Checks a name before any request.
     *
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

    /** The name with control characters, line separators and surrogates without a partner escaped, so that no terminal or log obeys it. */
    public static String printable(String name) {
        StringBuilder out = new StringBuilder(name.length());
        name.codePoints().forEach(c -> {
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
