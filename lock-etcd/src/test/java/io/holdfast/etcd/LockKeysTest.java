// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Rules NA-2 and NA-3: no two names meet, none leaves the prefix, and plain ones are where etcdctl looks for them. */
class LockKeysTest {
    private final LockKeys keys = new LockKeys("app/locks");

    @Test
    void plainNamesAreWhereEtcdctlLooks() {
        assertThat(keys.line("orders.eu_1-a")).isEqualTo("app/locks/orders.eu_1-a/");
        assertThat(LockKeys.contender(keys.line("a"), 0x7fff_0000_0000_00abL, 3))
                .isEqualTo("app/locks/a/7fff0000000000ab-3");
    }

    @Test
    void everythingElseIsEscaped() {
        assertThat(keys.line("a/b")).isEqualTo("app/locks/a%2Fb/");
        assertThat(keys.line("100%ä")).isEqualTo("app/locks/100%25%C3%A4/");
        assertThat(keys.line(".")).isEqualTo("app/locks/%2E/");
        assertThat(keys.line("..")).isEqualTo("app/locks/%2E%2E/");
        assertThat(keys.line("..a")).isEqualTo("app/locks/..a/");
    }

    @Test
    void noNameIsWhereSessionsAre() {
        String session = keys.session(0xab);
        assertThat(session).isEqualTo("app/locks/%session/ab");
        assertThat(keys.nameOf(session)).isEmpty();
        assertThat(keys.line("%session")).isEqualTo("app/locks/%25session/");
        assertThat(session).doesNotStartWith(keys.line("%session"));
    }

    @Test
    void differentNamesHaveDifferentLinesAndEachComesBack() {
        Random random = new Random(42);
        String alphabet = "ab{}:%/*.-_ \u00e4\u20ac\u0000\n0A25";
        Map<String, String> nameOf = new HashMap<>();
        for (int i = 0; i < 50_000; i++) {
            StringBuilder name = new StringBuilder();
            for (int n = 1 + random.nextInt(6); n > 0; n--) {
                name.append(
                        random.nextInt(20) == 0 ? "\uD83D\uDD12" : alphabet.charAt(random.nextInt(alphabet.length())));
            }
            String line = keys.line(name.toString());
            String other = nameOf.putIfAbsent(line, name.toString());
            assertThat(other == null || other.contentEquals(name)).isTrue();
            assertThat(line).startsWith("app/locks/");
            assertThat(line.indexOf('/', "app/locks/".length())).isEqualTo(line.length() - 1);
            assertThat(keys.nameOf(LockKeys.contender(line, random.nextLong(), 0)))
                    .contains(name.toString());
        }
    }

    @Test
    void keysOfStrangersAreNoNames() {
        for (String key : List.of(
                "app/locks/a",
                "app/locks/a/b/c",
                "app/locks/a%/1-0",
                "app/locks/a%2/1-0",
                "app/locks/%41/1-0",
                "app/locks/a b/1-0",
                "app/other/a/1-0")) {
            assertThat(keys.nameOf(key)).as(key).isEmpty();
        }
    }
}
