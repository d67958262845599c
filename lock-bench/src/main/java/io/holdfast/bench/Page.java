// SPDX-License-Identifier: Apache-2.0
package io.holdfast.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** The table in docs/PERFORMANCE.md. */
final class Page {
    private static final Path PAGE = Path.of("docs", "PERFORMANCE.md");
    private static final String BEGIN = "<!-- the table, written by ./bench --page -->\n";
    private static final String END = "<!-- the end of the table -->";

    private Page() {}

    static void write(List<Row> rows) throws IOException {
        String lines = rows.stream().map(Row::line).collect(Collectors.joining("\n"));
        String text = Files.readString(PAGE, StandardCharsets.UTF_8);
        Files.writeString(PAGE, with(text, Row.head() + "\n" + lines + "\n"), StandardCharsets.UTF_8);
    }

    static String with(String page, String table) {
        int begin = page.indexOf(BEGIN);
        int end = page.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalStateException(PAGE + " has lost the marks around its table");
        }
        return page.substring(0, begin + BEGIN.length()) + table + page.substring(end);
    }
}
