// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.config;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Percent-encoding of UTF-8, as addresses have it. */
public final class Percent {
    private Percent() {}

    /**
     * Decodes strictly.
     *
     * @throws IllegalArgumentException when an escape is incomplete, is no UTF-8, or stands for a control character; the message
     *     is the rest of a sentence that begins with what was decoded, and quotes nothing
     */
    public static String decode(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '%') {
                bytes.write(escaped(text, i));
                i += 2;
            } else {
                int end = text.indexOf('%', i) < 0 ? text.length() : text.indexOf('%', i);
                bytes.writeBytes(text.substring(i, end).getBytes(StandardCharsets.UTF_8));
                i = end - 1;
            }
        }
        String decoded = utf8(bytes.toByteArray());
        if (decoded.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("has an escaped control character");
        }
        return decoded;
    }

    private static int escaped(String text, int at) {
        int high = at + 2 < text.length() ? digit(text.charAt(at + 1)) : -1;
        int low = at + 2 < text.length() ? digit(text.charAt(at + 2)) : -1;
        if (high < 0 || low < 0) {
            throw new IllegalArgumentException("has a '%' without two hexadecimal digits; write '%' itself as %25");
        }
        return high << 4 | low;
    }

    /** Character.digit would take digits of other scripts too. */
    private static int digit(char c) {
        return c < 0x80 ? Character.digit(c, 16) : -1;
    }

    private static String utf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            throw new IllegalArgumentException("has escapes that are not UTF-8", notUtf8);
        }
    }

    /** Escapes what an address cannot have, what a terminal would obey, and the ASCII characters in {@code also}. */
    public static String encode(String text, String also) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (c == '%' || c == '#' || also.indexOf(c) >= 0 || !visible(c)) {
                for (byte b : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
                    out.append(String.format("%%%02X", b));
                }
            } else {
                out.appendCodePoint(c);
            }
        });
        return out.toString();
    }

    private static boolean visible(int c) {
        return !Character.isISOControl(c)
                && !Character.isWhitespace(c)
                && !Character.isSpaceChar(c)
                && Character.getType(c) != Character.FORMAT
                && Character.getType(c) != Character.SURROGATE;
    }
}
