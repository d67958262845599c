// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Reads an answer of Consul's as it comes, since a tree of each was a tenth of a client's time. */
final class Json {
    private Json() {}

    /** One value, where the reader is. */
    @FunctionalInterface
    interface Value<T> {
        T read(JsonReader in) throws IOException;
    }

    /**
     * The whole of a text.
     *
     * @throws RuntimeException when it is not what is read, or there is more
     */
    static <T> T read(String text, Value<T> value) {
        JsonReader in = new JsonReader(new StringReader(text));
        try {
            T read = value.read(in);
            if (in.peek() != JsonToken.END_DOCUMENT) {
                throw new IllegalStateException("something comes after the answer");
            }
            return read;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An array; null is an empty one, as Go writes it. */
    static <T> List<T> list(JsonReader in, Value<T> value) throws IOException {
        List<T> all = new ArrayList<>();
        if (isNull(in)) {
            return all;
        }
        in.beginArray();
        while (in.hasNext()) {
            all.add(value.read(in));
        }
        in.endArray();
        return all;
    }

    /** A text; null is an empty one. */
    static String text(JsonReader in) throws IOException {
        return isNull(in) ? "" : in.nextString();
    }

    private static boolean isNull(JsonReader in) throws IOException {
        if (in.peek() != JsonToken.NULL) {
            return false;
        }
        in.nextNull();
        return true;
    }
}
