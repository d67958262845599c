// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * How a lock's name is written where a store takes few characters: no two names are written alike, and none is written with a slash or
 * another separator (rules NA-2, NA-3). Immutable.
 *
 * <p>{@code A-Z a-z 0-9 . _ -} stand for themselves. Every other byte of the UTF-8 form is the escape character and two capital
 * hexadecimal digits; so are the dots of {@code .} and {@code ..}, which mean other places in paths. Nothing else is written with the
 * escape character: a backend's own entries beside the names may begin with it.
 */
public final class NameCode {
    private static final String HEX = "0123456789ABCDEF";

    private final char escape;
    private final boolean capitals;

    private NameCode(char escape, boolean capitals) {
        this.escape = escape;
        this.capitals = capitals;
    }

    /**
     * A writing with an escape character of the store's choice.
     *
     * @param escape a printable character of ASCII that does not stand for itself, such as {@code %}
     * @return the writing
     * @throws IllegalArgumentException when it is another character
     */
    public static NameCode escapedBy(char escape) {
        if (escape > 0x7e || escape < ' ' || isPlain(escape, true)) {
            throw new IllegalArgumentException("'" + escape + "' cannot be an escape character");
        }
        return new NameCode(escape, true);
    }

    /**
     * The same, with capital letters escaped, for a store that takes {@code A} for {@code a}.
     *
     * @return another writing
     */
    public NameCode withoutCapitals() {
        return new NameCode(escape, false);
    }

    /**
     * Writes a name.
     *
     * @param name any string
     * @return the name, in plain characters and the escape character only; up to nine times as long
     * @throws IllegalArgumentException when the name has an unpaired surrogate, which would be written like another name; the engine
     *     refuses such names before (rule NA-1)
     */
    public String encode(String name) {
        boolean dots = name.equals(".") || name.equals("..");
        if (!dots && isPlain(name)) { // nearly all are
            return name;
        }
        StringBuilder out = new StringBuilder(name.length() + 8);
        ByteBuffer bytes = utf8(name);
        while (bytes.hasRemaining()) {
            byte b = bytes.get();
            if (isPlain((char) (b & 0xff), capitals) && !dots) {
                out.append((char) b);
            } else {
                out.append(escape).append(HEX.charAt(b >> 4 & 0xf)).append(HEX.charAt(b & 0xf));
            }
        }
        return out.toString();
    }

    /**
     * Reads what {@link #encode} wrote.
     *
     * @param written any string
     * @return the name; empty when no name is written like this
     */
    public Optional<String> decode(String written) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(written.length());
        for (int i = 0; i < written.length(); i++) {
            if (written.charAt(i) != escape) {
                bytes.write(written.charAt(i));
                continue;
            }
            int high = i + 2 < written.length() ? HEX.indexOf(written.charAt(i + 1)) : -1;
            int low = high < 0 ? -1 : HEX.indexOf(written.charAt(i + 2));
            if (low < 0) {
                return Optional.empty();
            }
            bytes.write(high << 4 | low);
            i += 2;
        }
        // What another hand wrote, or in another way, is not written alike again.
        return Optional.of(bytes.toString(StandardCharsets.UTF_8))
                .filter(name -> encode(name).equals(written));
    }

    private boolean isPlain(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (!isPlain(name.charAt(i), capitals)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isPlain(char c, boolean capitals) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z' && capitals)
                || (c >= '0' && c <= '9')
                || c == '.'
                || c == '_'
                || c == '-';
    }

    private static ByteBuffer utf8(String name) {
        try {
            return StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(name));
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "a lock name of %d characters has an unpaired surrogate", name.length()),
                    e);
        }
    }
}
