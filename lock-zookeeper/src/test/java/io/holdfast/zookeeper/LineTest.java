// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class LineTest {
    private static final Pattern NUMBERED = Pattern.compile(".*lock-(-[0-9]{9,10})|.*?([0-9]{10})");
    private static final String[] PARTS = {
        "lock",
        "-",
        "--",
        "lock-",
        "_c_",
        "0",
        "9",
        "12345678",
        "123456789",
        "0123456789",
        "2147483647",
        "2147483648",
        "1",
        "-2147483648",
        "\u0661",
        "x",
        ""
    };

    @Test
    void theNumberOfANodeIsWhatThePatternSays() {
        Random random = new Random(7);
        int numbered = 0;
        for (int i = 0; i < 200_000; i++) {
            StringBuilder name = new StringBuilder();
            for (int part = random.nextInt(6); part >= 0; part--) {
                name.append(PARTS[random.nextInt(PARTS.length)]);
            }
            String node = name.toString();
            Matcher found = NUMBERED.matcher(node);
            long number = Long.MAX_VALUE;
            if (found.matches()) {
                number = Long.parseLong(found.group(1) == null ? found.group(2) : found.group(1));
            }
            boolean counts = number == (int) number;
            Line line = Line.of(List.of(node));
            assertThat(line.length()).as(node).isEqualTo(counts ? 1 : 0);
            if (counts) {
                numbered++;
                assertThat(line.isNearItsEnd(0)).as(node).isEqualTo(number < 0 || number >= Line.LAST_NUMBERS);
                assertThat(before(number)).as(node).satisfies(other -> assertThat(
                                Line.of(List.of(node, other)).first())
                        .isEqualTo(other));
            }
        }
        assertThat(numbered).isGreaterThan(1000);
    }

    /** A node with the number before. */
    private static String before(long number) {
        return number == Integer.MIN_VALUE
                ? "!lock--2147483648"
                : String.format(Locale.ROOT, "!lock-%010d", number - 1);
    }

    @Test
    void theLineIsInTheOrderOfTheNumbersWhoeverMadeTheNodes() {
        List<String> children = new ArrayList<>(
                List.of("z-lock-0000000003", "a-lock-0000000012", "read-0000000004", "none", "lock-0000000001x"));
        Line line = Line.of(children);
        assertThat(line.length()).isEqualTo(3);
        assertThat(line.first()).isEqualTo("z-lock-0000000003");
        assertThat(line.ahead("a-lock-0000000012")).isEqualTo(2);
        assertThat(line.at(1)).isEqualTo("read-0000000004");
        assertThat(line.ahead("none")).isEqualTo(-1);
    }
}
