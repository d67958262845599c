// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SpentIdsTest {
    @Test
    void oneRangeHoldsAMillionIdsInOrder() {
        SpentIds spent = new SpentIds();
        for (long id = 1; id <= 1_000_000; id++) {
            spent.add(id);
        }
        assertThat(spent.ranges()).isEqualTo(1);
        assertThat(spent.contains(1)).isTrue();
        assertThat(spent.contains(1_000_000)).isTrue();
        assertThat(spent.contains(0)).isFalse();
        assertThat(spent.contains(1_000_001)).isFalse();
    }

    @Test
    void agreesWithASetInAnyOrder() {
        Random random = new Random(42);
        SpentIds spent = new SpentIds();
        Set<Long> model = new HashSet<>();
        for (int i = 0; i < 5_000; i++) {
            long id = random.nextInt(2_000) - 1_000L;
            spent.add(id);
            model.add(id);
            long probe = random.nextInt(2_000) - 1_000L;
            assertThat(spent.contains(probe))
                    .as("id %s after %s additions", probe, i)
                    .isEqualTo(model.contains(probe));
        }
    }

    @Test
    void takesTheEndsOfTheRangeOfLong() {
        SpentIds spent = new SpentIds();
        spent.add(Long.MAX_VALUE);
        spent.add(Long.MIN_VALUE);
        assertThat(spent.contains(Long.MAX_VALUE)).isTrue();
        assertThat(spent.contains(Long.MIN_VALUE)).isTrue();
        assertThat(spent.contains(Long.MIN_VALUE + 1)).isFalse();
        assertThat(spent.ranges()).isEqualTo(2);
    }
}
