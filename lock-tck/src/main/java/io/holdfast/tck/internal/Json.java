// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import java.util.List;
import java.util.Map;
import java.util.stream.Collector;
import java.util.stream.Collectors;

/** Writes maps, lists, texts, numbers and booleans as JSON: what is deeper than two levels on one line. */
public final class Json {
    private static final int BROKEN_LEVELS = 2;

    private Json() {}

    /** A whole text. */
    public static String text(Map<String, ?> object) {
        return value(object, 0) + "\n";
    }

    private static String value(Object value, int depth) {
        if (value instanceof Map<?, ?> object) {
            return object.entrySet().stream()
                    .map(entry -> quoted(String.valueOf(entry.getKey())) + ": " + value(entry.getValue(), depth + 1))
                    .collect(between("{", "}", depth, object.isEmpty()));
        } else if (value instanceof List<?> list) {
            return list.stream()
                    .map(element -> value(element, depth + 1))
                    .collect(between("[", "]", depth, list.isEmpty()));
        }
        return value instanceof Number || value instanceof Boolean ? value.toString() : quoted(value.toString());
    }

    private static Collector<CharSequence, ?, String> between(String open, String close, int depth, boolean empty) {
        if (depth >= BROKEN_LEVELS || empty) {
            return Collectors.joining(", ", open, close);
        }
        String indent = "\n" + "  ".repeat(depth + 1);
        return Collectors.joining("," + indent, open + indent, "\n" + "  ".repeat(depth) + close);
    }

    /** Everything but printable ASCII is escaped: the text is the same in every locale, and no terminal obeys it. */
    private static String quoted(String text) {
        StringBuilder out = new StringBuilder(text.length() + 2).append('"');
        text.chars().forEach(c -> {
            if (c == '"' || c == '\\') {
                out.append('\\').append((char) c);
            } else if (c < 0x20 || c > 0x7e) {
                out.append(String.format("\\u%04x", c));
            } else {
                out.append((char) c);
            }
        });
        return out.append('"').toString();
    }
}
