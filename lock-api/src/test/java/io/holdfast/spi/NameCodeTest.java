// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NameCodeTest {
    private final NameCode code = NameCode.escapedBy('%');

    @ParameterizedTest
    @CsvSource({
        "orders.eu_1-a, orders.eu_1-a",
        "a/b, a%2Fb",
        "100%ä, 100%25%C3%A4",
        "'a b', a%20b",
        "., %2E",
        ".., %2E%2E",
        "..., ...",
        "..a, ..a",
        "'', ''"
    })
    void isWrittenLikeThis(String name, String written) {
        assertThat(code.encode(name)).isEqualTo(written);
        assertThat(code.decode(written)).contains(name);
    }

    @ParameterizedTest
    @DisplayName("what another hand wrote is no name")
    @ValueSource(strings = {"a%", "a%2", "%41", "%2f", "a b", "ä", "€", ".", "%GG", "%FF", "%session", "a/b"})
    void isNoName(String written) {
        assertThat(code.decode(written)).isEmpty();
    }

    @Test
    @DisplayName("NA-2, NA-3: no two names are written alike, each comes back, none has a separator (seed 42)")
    void namesDoNotMeet() {
        Random random = new Random(42);
        String alphabet = "abA{}:%~/*.-_ \u00e4\u20ac\u0000\n025";
        for (NameCode each : new NameCode[] {code, NameCode.escapedBy('~'), code.withoutCapitals()}) {
            Map<String, String> names = new HashMap<>();
            for (int i = 0; i < 30_000; i++) {
                StringBuilder name = new StringBuilder();
                for (int n = 1 + random.nextInt(6); n > 0; n--) {
                    name.append(
                            random.nextInt(20) == 0
                                    ? "\uD83D\uDD12"
                                    : alphabet.charAt(random.nextInt(alphabet.length())));
                }
                String written = each.encode(name.toString());
                assertThat(names.computeIfAbsent(written, w -> name.toString())).isEqualTo(name.toString());
                assertThat(each.decode(written)).contains(name.toString());
                assertThat(written).matches("[A-Za-z0-9._~%-]+").isNotIn(".", "..");
            }
        }
    }

    @Test
    @DisplayName("NA-2: where A is a, both are written apart")
    void withoutCapitals() {
        assertThat(code.withoutCapitals().encode("Ab")).isEqualTo("%41b");
        assertThat(code.withoutCapitals().decode("Ab")).isEmpty();
    }

    @Test
    @DisplayName("NA-1: an unpaired surrogate would be written like another name")
    void unpairedSurrogate() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> code.encode("a\ud800"))
                .withMessageContaining("surrogate");
    }

    @ParameterizedTest
    @ValueSource(chars = {'a', 'Z', '0', '.', '_', '-', '\n', 'ä'})
    void noEscapeCharacter(char escape) {
        assertThatIllegalArgumentException().isThrownBy(() -> NameCode.escapedBy(escape));
    }
}
