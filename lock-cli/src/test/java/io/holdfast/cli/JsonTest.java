// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class JsonTest {
    @Test
    void fieldsKeepTheirOrderAndTheirTypes() {
        Json json = new Json().with("b", 1L).with("a", true).with("c", "text");

        assertThat(json).hasToString("{\"b\":1,\"a\":true,\"c\":\"text\"}");
    }

    @Test
    void whatIsNotThereIsLeftOut() {
        Json json = new Json()
                .with("none", Optional.empty())
                .with("noNumber", OptionalInt.empty())
                .withToken(OptionalLong.empty())
                .with("null", null)
                .with("some", Optional.of("x"))
                .with("number", OptionalInt.of(7));

        assertThat(json).hasToString("{\"some\":\"x\",\"number\":7}");
    }

    @Test
    void aTokenIsTextBecauseNumbersAreRoundedAbove53Bits() {
        assertThat(new Json().withToken((1L << 53) + 1)).hasToString("{\"token\":\"9007199254740993\"}");
    }

    @Test
    void aLineStaysOneLineOfPlainAscii() {
        Json json = new Json().with("k\n", "a\"b\\c\n\u001b[31m\u007fü\uD83D\uDD12");

        assertThat(json).hasToString("{\"k\\u000a\":\"a\\\"b\\\\c\\u000a\\u001b[31m\\u007f\\u00fc\\ud83d\\udd12\"}");
    }
}
