// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PrintedTest {
    private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
    private final PrintStream out = Printed.escaping(new PrintStream(shown, true, StandardCharsets.US_ASCII));

    private String shown() {
        return shown.toString(StandardCharsets.UTF_8);
    }

    @Test
    @DisplayName("ER-3: a server's escapes are shown, not obeyed, and end no line")
    void whatATerminalWouldObey() {
        out.println("500 \u001b]0;PWNED\u0007\u001b[2J\r\u009b1m\u2028\u202e");

        assertThat(shown()).isEqualTo("500 \\u001b]0;PWNED\\u0007\\u001b[2J\\u000d\\u009b1m\\u2028\\u202e\n");
    }

    @Test
    void linesTabsAndLettersOfEveryScriptStayWhateverTheLocale() {
        out.print("one\ttwo\nPrüfung \uD83D\uDD12\n");

        assertThat(shown()).isEqualTo("one\ttwo\nPrüfung \uD83D\uDD12\n");
    }

    @Test
    void charactersThatComeByteByByteAreOne() {
        for (byte part : "é\u009b".getBytes(StandardCharsets.UTF_8)) {
            out.write(part);
        }
        out.write(0xff);
        out.write('\n');
        out.flush();

        assertThat(shown()).isEqualTo("é\\u009b\ufffd\n");
    }
}
