// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Rules NA-2 and NA-3: no two names meet, and none leaves its hash slot or the prefix. */
class LockKeysTest {
    @Test
    void plainNamesStayReadable() {
        assertThat(LockKeys.of("holdfast", "orders.eu_1-a").state()).isEqualTo("holdfast:{orders.eu_1-a}");
    }

    @Test
    void everythingElseIsEscaped() {
        assertThat(LockKeys.of("p", "a:{b}/ä").state()).isEqualTo("p:{a%3A%7Bb%7D%2F%C3%A4}");
        assertThat(LockKeys.of("p", "100%").state()).isEqualTo("p:{100%25}");
        assertThat(LockKeys.of("p", "*?[x]\\").state()).isEqualTo("p:{%2A%3F%5Bx%5D%5C}");
    }

    @Test
    void allKeysOfANameHaveOneHashTag() {
        for (String name : List.of("a", "{x}", "}{", "a:line", "%", "\u0000\uD83D\uDD12")) {
            for (Object key : LockKeys.of("a:b", name).all()) {
                String text = new String((byte[]) key, StandardCharsets.UTF_8);
                String tag = text.substring(text.indexOf('{') + 1, text.indexOf('}'));
                assertThat("{" + tag + "}")
                        .isEqualTo(LockKeys.of("a:b", name).state().substring(4));
                assertThat(tag).isNotEmpty();
            }
        }
    }

    @Test
    void differentNamesHaveDifferentKeysAndEachComesBack() {
        Random random = new Random(42);
        String alphabet = "ab{}:%/*.-_ \u00e4\u20ac\u0000\n0A25";
        Map<String, String> nameOf = new HashMap<>();
        for (int i = 0; i < 50_000; i++) {
            StringBuilder name = new StringBuilder();
            for (int n = 1 + random.nextInt(6); n > 0; n--) {
                name.append(
                        random.nextInt(20) == 0 ? "\uD83D\uDD12" : alphabet.charAt(random.nextInt(alphabet.length())));
            }
            LockKeys keys = LockKeys.of("pre", name.toString());
            String other = nameOf.putIfAbsent(keys.state(), name.toString());
            assertThat(other == null || other.contentEquals(name)).isTrue();
            assertThat(keys.name("pre")).contains(name.toString());
        }
    }

    @Test
    void keysOfStrangersAreNoNames() {
        for (String key :
                List.of("pre:{a%}", "pre:{a%2}", "pre:{%41}", "pre:{a b}", "pre:x", "other:{a}", "pre:{a}:line")) {
            assertThat(new LockKeys(key).name("pre")).as(key).isEmpty();
        }
    }
}
