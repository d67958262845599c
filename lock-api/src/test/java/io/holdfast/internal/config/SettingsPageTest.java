// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the pages say of the settings of every store is what the code has. */
class SettingsPageTest {
    private static final Pattern KEY = Pattern.compile("`([a-z][a-z.-]*)`");

    /** The rows below a table's first line: what each key in the first cell has in the second. */
    private static Map<String, String> rows(String page, String firstLine) throws IOException {
        List<String> lines = Files.readAllLines(Path.of("..").resolve(page));
        int at = lines.indexOf(firstLine);
        assertThat(at).as("'%s' in %s", firstLine, page).isNotNegative();
        Map<String, String> rows = new LinkedHashMap<>();
        for (String line : lines.subList(at + 2, lines.size())) {
            if (!line.startsWith("|")) {
                break;
            }
            String[] cells = line.split("\\|", -1);
            Matcher key = KEY.matcher(cells[1]);
            while (key.find()) {
                rows.put(key.group(1), cells[2].strip());
            }
        }
        return rows;
    }

    private static Optional<String> usual(String key) {
        return CommonKey.of(key).orElseThrow().usual().map(Setting::text);
    }

    @Test
    void thePageOfSettingsHasEveryKeyWithItsDefault() throws IOException {
        Map<String, String> rows = rows("docs/configuration.md", "| key | default | range | meaning |");
        assertThat(rows.keySet()).containsExactlyInAnyOrderElementsOf(CommonKey.keys());
        List<String> wrong = new ArrayList<>();
        rows.forEach((key, shown) -> {
            // A default in words is what the JVM has, and none of ours.
            String expected = usual(key).map(text -> "`" + text + "`").orElse(key.equals("tls.ca") ? shown : "");
            if (!shown.equals(expected)) {
                wrong.add(key + ": " + shown + ", and the code has " + expected);
            }
        });
        assertThat(wrong).isEmpty();
    }

    @Test
    void theReadmeHasTheSameDefaults() throws IOException {
        List<String> wrong = new ArrayList<>();
        List<String> lines = Files.readAllLines(Path.of("..", "README.md"));
        int at = lines.indexOf("| key | default | meaning |");
        assertThat(at).isNotNegative();
        int compared = 0;
        for (String line : lines.subList(at + 2, lines.size())) {
            if (!line.startsWith("|")) {
                break;
            }
            String[] cells = line.split("\\|", -1);
            List<String> keys =
                    KEY.matcher(cells[1]).results().map(found -> found.group(1)).toList();
            assertThat(CommonKey.keys()).containsAll(keys);
            String[] shown = cells[2].strip().split(" / ", -1);
            for (int i = 0; i < keys.size() && !shown[0].isEmpty(); i++) {
                compared++;
                String usual = usual(keys.get(i)).orElse("");
                if (!isSame(shown[i], usual)) {
                    wrong.add(keys.get(i) + ": " + shown[i] + ", and the code has " + usual);
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(compared).isGreaterThan(6);
    }

    /** The README writes {@code 30 s} where a file has {@code 30s}. */
    private static boolean isSame(String shown, String usual) {
        String text = shown.replace("`", "");
        return text.equals(usual) || text.replace(" ", "").replace("min", "m").equals(usual);
    }

    @Test
    void aUrlMaySetWhatThePageSays() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "configuration.md"));
        String said = page.substring(page.indexOf("### What a URL may set"));
        String list = said.substring(said.indexOf("Its query sets"), said.indexOf("Everything that names a file"))
                .replace("the four timeouts", "`connect-timeout` `operation-timeout` `outage-timeout` `close-timeout`");
        assertThat(KEY.matcher(list).results().map(found -> found.group(1)))
                .containsExactlyInAnyOrderElementsOf(CommonKey.inUrl());
    }
}
