// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** One JSON object in the making, on one line and in the order of its fields; empty and null values are left out. */
final class Json {
    private final Map<String, Object> fields = new LinkedHashMap<>();

    Json with(String key, @Nullable Object value) {
        Object plain = plain(value);
        if (plain != null) {
            fields.put(key, plain);
        }
        return this;
    }

    /** A fencing token, as text: whoever reads JSON numbers as doubles rounds one above 2^53 to that of another hold. */
    Json withToken(OptionalLong token) {
        return token.isPresent() ? withToken(token.getAsLong()) : this;
    }

    Json withToken(long token) {
        return with("token", Long.toString(token));
    }

    /** Appends these fields to another object's. */
    void copyTo(Json other) {
        other.fields.putAll(fields);
    }

    private static @Nullable Object plain(@Nullable Object value) {
        if (value instanceof Optional<?> optional) {
            return optional.orElse(null);
        } else if (value instanceof OptionalInt optional) {
            return optional.isPresent() ? optional.getAsInt() : null;
        }
        return value;
    }

    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        fields.forEach((key, value) -> parts.add(quoted(key) + ":" + text(value)));
        return "{" + String.join(",", parts) + "}";
    }

    private static String text(Object value) {
        return value instanceof Number || value instanceof Boolean ? value.toString() : quoted(value.toString());
    }

    /** Everything but printable ASCII is escaped: the line is the same in every locale, and no terminal obeys it. */
    private static String quoted(String text) {
        StringBuilder out = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < 0x20 || c > 0x7e) {
                out.append("\\u");
                out.append(Integer.toHexString(0x10000 | c), 1, 5);
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }
}
