// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Gson judges what is written, and writes what is read. */
class JsonTest {
    private static final String EVERYTHING = everything();

    private static String everything() {
        StringBuilder all = new StringBuilder();
        for (char c = 0; c < 0x180; c++) {
            all.append(c);
        }
        return all.append("\u2028 \ud83d\ude00 /").toString();
    }

    @Test
    void aTextOfAnyCharactersIsWrittenAndRead() {
        StringBuilder out = new StringBuilder();
        Json.quote(EVERYTHING, out);
        assertThat(JsonParser.parseString(out.toString()).getAsString()).isEqualTo(EVERYTHING);
        assertThat(Json.read(out.toString(), Json::text)).isEqualTo(EVERYTHING);
        String theirs = new com.google.gson.JsonPrimitive(EVERYTHING).toString();
        assertThat(Json.read(theirs, Json::text)).isEqualTo(EVERYTHING);
        assertThat(Json.read(" \"\\u00e9\\u00E9\\/\\b\\f\" ", Json::text)).isEqualTo("\u00e9\u00e9/\b\f");
    }

    @Test
    void whatIsNotAskedForIsPassedOver() {
        String text =
                """
                {"a": [1, {"b": "]}\\"", "c": [[], {}]}, -1.5E+3, true, null], "n" : -9223372036854775808, "d": {"e": "}"}, "f": false,
                 "s": null, "l": null}
                """;
        List<Object> read = Json.read(text, in -> {
            List<Object> found = new java.util.ArrayList<>();
            for (String name = in.firstName(); name != null; name = in.nextName()) {
                switch (name) {
                    case "n" -> found.add(in.number());
                    case "s" -> found.add(in.text());
                    case "l" -> found.add(Json.list(in, Json::number));
                    default -> in.skip();
                }
            }
            return found;
        });
        assertThat(read).containsExactly(Long.MIN_VALUE, "", List.of());
        assertThat(Json.<List<Long>>read("[ 1 , 2 ]", in -> Json.list(in, Json::number)))
                .containsExactly(1L, 2L);
    }

    /** A stack that overflows would take the thread's other work along. */
    @Test
    void noDepthIsTooDeep() {
        int depth = 1 << 20;
        boolean read = Json.read("[".repeat(depth) + "]".repeat(depth), in -> {
            in.skip();
            return true;
        });
        assertThat(read).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{\"a\"",
                "{\"a\":",
                "{\"a\":1",
                "{\"a\":1,",
                "{\"a\":1,}",
                "{\"a\" 1}",
                "{a:1}",
                "{\"a\":1}}",
                "{\"a\":1} x",
                "{\"a\":9223372036854775808}",
                "{\"a\":1.5}",
                "{\"a\":-}",
                "{\"a\":\"1\"}",
                "{\"b\":\"\\x\"}",
                "{\"b\":\"\\u12\"}",
                "{\"b\":\"",
                "{\"b\":[1}",
                "{\"b\":]}",
                "{\"b\":[",
                "[{\"a\":1}]",
                "null"
            })
    void whatIsMalformedIsNotRead(String text) {
        assertThatThrownBy(() -> Json.read(text, in -> {
                    long last = 0;
                    for (String name = in.firstName(); name != null; name = in.nextName()) {
                        if (name.equals("a")) {
                            last = in.number();
                        } else {
                            in.skip();
                        }
                    }
                    return last;
                }))
                .isInstanceOf(RuntimeException.class);
    }
}
