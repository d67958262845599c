// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockConfigException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Rules NA-2 and NA-3: which key a name becomes. */
class LockKeysTest {
    private static final List<String> HOSTILE = List.of(
            "a",
            "A",
            "a/b",
            "a~2Fb",
            "a~",
            "~",
            "~session",
            "a b",
            "a+b",
            "a%20b",
            "a%2Fb",
            "%",
            "a#x",
            "#",
            "?recurse",
            "a?recurse",
            "a&b",
            ".",
            "..",
            "...",
            "../x",
            "a/../b",
            "/",
            "//",
            "a/",
            "/a",
            "\n",
            "a\r\nX: y",
            "\0",
            "\u00e9",
            "e\u0301",
            "日本",
            "😀",
            "\"",
            "\\",
            "{}",
            ":",
            ";",
            "@",
            "-",
            "_",
            "0");

    private final LockKeys keys = new LockKeys("p");

    @Test
    void everyNameHasALineOfItsOwnWithoutMeaningInAUrl() {
        Set<String> lines = new HashSet<>();
        for (String name : HOSTILE) {
            String line = keys.line(name);
            assertThat(line).as(name).matches("p/[A-Za-z0-9._~-]+/").doesNotContain("/./", "/../");
            assertThat(lines.add(line)).as(name).isTrue();
            assertThat(keys.name(keys.contender(name, "s", 7))).as(name).contains(name);
        }
        for (String line : lines) {
            assertThat(lines).filteredOn(other -> other.startsWith(line)).containsExactly(line);
        }
    }

    @Test
    void plainNamesAreStoredAsTheyAre() {
        assertThat(keys.contender("orders-1.x_Y", "id", 3)).isEqualTo("p/orders-1.x_Y/id-3");
        assertThat(keys.line("..")).isEqualTo("p/~2E~2E/");
    }

    @Test
    void whatIsNoContendersKeyHasNoName() {
        assertThat(keys.name(keys.session("id"))).isEmpty();
        assertThat(keys.name("p/a")).isEmpty();
        assertThat(keys.name("p/a/b/c")).isEmpty();
        assertThat(keys.name("q/a/b")).isEmpty();
        assertThat(keys.name("p/a~2fb/x")).as("in another writing").isEmpty();
        assertThat(keys.name("p/a~2/x")).isEmpty();
        assertThat(keys.name("p/~61/x")).as("what is not encoded by us").isEmpty();
    }

    @Test
    void aPrefixCannotLeaveItsPlace() {
        for (String prefix :
                List.of("", "/", "a/", "/a", "a//b", "a/../b", "..", ".", "a/.", "a b", "a?b", "a#b", "ä", "a%2F")) {
            assertThatThrownBy(() -> ConsulSettings.DEFAULTS.withPrefix(prefix))
                    .as(prefix)
                    .isInstanceOf(LockConfigException.class)
                    .hasMessageContaining("prefix");
        }
        assertThat(ConsulSettings.DEFAULTS.withPrefix("a/b.c/d..e").prefix()).isEqualTo("a/b.c/d..e");
    }
}
