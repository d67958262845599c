// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes what goes with each lock, as it comes: objects of texts and whole numbers. Gson, which everything else is read by, took
 * a fifth of a client's time and a quarter of its memory for that. Not thread-safe.
 */
final class Json {
    private static final String HEX = "0123456789abcdef";

    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /** One value, where the reader is. */
    @FunctionalInterface
    interface Value<T> {
        T read(Json in);
    }

    /**
     * The whole of a text.
     *
     * @throws RuntimeException when it is not what is read, or there is more
     */
    static <T> T read(String text, Value<T> value) {
        Json in = new Json(text);
        T read = value.read(in);
        in.skipBlanks();
        if (in.at < text.length()) {
            throw in.malformed();
        }
        return read;
    }

    /** An array; null is an empty one, as Go writes it. */
    static <T> List<T> list(Json in, Value<T> value) {
        List<T> all = new ArrayList<>();
        if (in.takesNull()) {
            return all;
        }
        in.expect('[');
        if (in.takes(']')) {
            return all;
        }
        do {
            all.add(value.read(in));
        } while (in.takes(','));
        in.expect(']');
        return all;
    }

    // ---- an object

    /** Begins an object. @return its first name; null when it has none */
    @Nullable
    String firstName() {
        expect('{');
        return takes('}') ? null : name();
    }

    /** Once the value of the last name was read. @return the next one; null at the object's end */
    @Nullable
    String nextName() {
        if (takes('}')) {
            return null;
        }
        expect(',');
        return name();
    }

    private String name() {
        String name = string();
        expect(':');
        return name;
    }

    // ---- values

    /** A text; null is an empty one. */
    String text() {
        return takesNull() ? "" : string();
    }

    long number() {
        skipBlanks();
        int from = at;
        while (at < text.length() && isInNumber(text.charAt(at))) {
            at++;
        }
        return Long.parseLong(text, from, at, 10);
    }

    private static boolean isInNumber(char c) {
        return (c >= '0' && c <= '9') || c == '-';
    }

    /** Whatever comes, with what is in it: looked through for its end alone. */
    void skip() {
        int depth = 0;
        do {
            skipBlanks();
            char c = here();
            if (c == '"') {
                string();
            } else {
                at++;
                depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
                while (isInWord(c) && at < text.length() && isInWord(text.charAt(at))) {
                    at++;
                }
            }
        } while (depth > 0);
        if (depth < 0) {
            throw malformed();
        }
    }

    private static boolean isInWord(char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'E';
    }

    private String string() {
        expect('"');
        int from = at;
        for (char c = here(); c != '"'; c = here()) {
            if (c == '\\') {
                return escaped(new StringBuilder(text.length() - from).append(text, from, at));
            }
            at++;
        }
        return text.substring(from, at++);
    }

    private String escaped(StringBuilder read) {
        for (char c = next(); c != '"'; c = next()) {
            read.append(c == '\\' ? escape() : c);
        }
        return read.toString();
    }

    private char escape() {
        char c = next();
        return switch (c) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case '"', '\\', '/' -> c;
            case 'u' -> {
                here();
                int from = at;
                at = Math.min(text.length(), at + 4);
                yield (char) Integer.parseInt(text, from, at, 16);
            }
            default -> throw malformed();
        };
    }

    // ---- characters

    private boolean takesNull() {
        skipBlanks();
        boolean is = text.startsWith("null", at);
        at += is ? 4 : 0;
        return is;
    }

    private boolean takes(char c) {
        skipBlanks();
        boolean is = at < text.length() && text.charAt(at) == c;
        at += is ? 1 : 0;
        return is;
    }

    private void expect(char c) {
        if (!takes(c)) {
            throw malformed();
        }
    }

    private char here() {
        if (at >= text.length()) {
            throw malformed();
        }
        return text.charAt(at);
    }

    private char next() {
        char c = here();
        at++;
        return c;
    }

    private void skipBlanks() {
        while (at < text.length() && text.charAt(at) <= ' ') {
            at++;
        }
    }

    private IllegalStateException malformed() {
        return new IllegalStateException("not what is read, from character " + at);
    }

    // ---- writing

    /** A text between its quotation marks. */
    static void quote(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append("\\u00").append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 0xf));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }
}
