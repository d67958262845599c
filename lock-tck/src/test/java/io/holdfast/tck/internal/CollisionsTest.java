// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CollisionsTest {
    @Test
    void everyHashHasAPairOfDifferentNames() {
        Map<String, List<String>> pairs = Collisions.all("stem");
        assertThat(pairs).hasSizeGreaterThan(5).allSatisfy((hash, pair) -> {
            assertThat(pair).as(hash).hasSize(2).doesNotHaveDuplicates();
            assertThat(pair).allMatch(name -> name.startsWith("stem"));
        });
        assertThat(pairs.get("String.hashCode").stream().map(String::hashCode)).hasSize(2);
        assertThat(pairs.get("String.hashCode").stream().map(String::hashCode).distinct())
                .hasSize(1);
    }

    /** As a server of PostgreSQL 15 answers {@code select hashtext('…')}. */
    @Test
    void hashtextIsThatOfPostgreSql() {
        assertThat(hashtext("")).isEqualTo(-1477818771);
        assertThat(hashtext("a")).isEqualTo(1075015857);
        assertThat(hashtext("twelvebytes!")).isEqualTo(626908806);
        assertThat(hashtext("hello world, this is long enough for more rounds")).isEqualTo(-357546856);
    }

    private static int hashtext(String name) {
        return Collisions.hashtext(name.getBytes(StandardCharsets.UTF_8));
    }
}
