// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Lock names as directories, and back; no two names share one, and none leads out of the directory they are in (rules NA-2,
 * NA-3).
 *
 * <p>Letters, digits, {@code .}, {@code _} and {@code -} stand for themselves, any other byte of the UTF-8 form is {@code %}
 * and two hex digits; so are the dots of {@code .} and {@code ..}. What is longer than a file name may be is cut into a path
 * whose directories end with {@code +}, which nothing else contains. Where a file system takes {@code A} for {@code a}, capital
 * letters are encoded, too.
 */
final class NameCodec {
    /** A file name has 255 bytes at most; some file systems over others leave a few less. */
    static final int SEGMENT = 240;

    private static final char CONTINUED = '+';
    private static final String HEX = "0123456789ABCDEF";

    private final boolean foldsCase;

    NameCodec(boolean foldsCase) {
        this.foldsCase = foldsCase;
    }

    /** The directory of a name below the one of all names. */
    Path resolve(Path names, String name) {
        String rest = encode(name);
        Path at = names;
        while (rest.length() > SEGMENT) {
            at = at.resolve(rest.substring(0, SEGMENT) + CONTINUED);
            rest = rest.substring(SEGMENT);
        }
        return at.resolve(isDots(rest) ? rest.replace(".", "%2E") : rest); // the end of a long name may be dots alone
    }

    /** The two names of directories that lead elsewhere. */
    private static boolean isDots(String segment) {
        return segment.equals(".") || segment.equals("..");
    }

    /** Whether a directory is a part of longer names and no name's own. */
    static boolean isContinued(Path directory) {
        return last(directory).endsWith(String.valueOf(CONTINUED));
    }

    /** The name of a directory below the one of all names; null when none of ours is stored so. */
    @Nullable
    String decode(Path names, Path directory) {
        StringBuilder encoded = new StringBuilder();
        for (Path step : names.relativize(directory)) {
            encoded.append(step);
        }
        String text = encoded.toString().replace(String.valueOf(CONTINUED), "");
        String name = decode(text);
        return name != null && resolve(names, name).equals(directory) ? name : null;
    }

    String encode(String name) {
        byte[] bytes = utf8(name);
        StringBuilder out = new StringBuilder(bytes.length);
        boolean dots = isDots(name);
        for (byte b : bytes) {
            if (isPlain((char) (b & 0xff)) && !dots) {
                out.append((char) b);
            } else {
                out.append('%').append(HEX.charAt(b >> 4 & 0xf)).append(HEX.charAt(b & 0xf));
            }
        }
        return out.toString();
    }

    static @Nullable String decode(String encoded) {
        ByteBuffer bytes = ByteBuffer.allocate(encoded.length());
        for (int i = 0; i < encoded.length(); i++) {
            char c = encoded.charAt(i);
            if (c != '%') {
                bytes.put((byte) c);
            } else if (i + 2 < encoded.length() && isHex(encoded.charAt(i + 1)) && isHex(encoded.charAt(i + 2))) {
                bytes.put((byte) Integer.parseInt(encoded.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                return null;
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private boolean isPlain(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z' && !foldsCase)
                || (c >= '0' && c <= '9')
                || c == '.'
                || c == '_'
                || c == '-';
    }

    private static boolean isHex(char c) {
        return HEX.indexOf(c) >= 0;
    }

    private static byte[] utf8(String name) {
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(name));
            byte[] out = new byte[bytes.remaining()];
            bytes.get(out);
            return out;
        } catch (CharacterCodingException e) { // replaced by '?', it would meet another name
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "a lock name of %d characters has an unpaired surrogate", name.length()),
                    e);
        }
    }

    static String last(Path path) {
        Path name = path.getFileName();
        return name == null ? "" : name.toString();
    }
}
