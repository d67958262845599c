// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LockLossTest {
    @Test
    void isEqualWhenAllOfItIs() {
        LockLoss loss = new LockLoss("n", 7, "its deadline has passed");
        assertThat(loss).isEqualTo(new LockLoss("n", 7, "its deadline has passed"));
        assertThat(loss).hasSameHashCodeAs(new LockLoss("n", 7, "its deadline has passed"));
        assertThat(List.of(
                        new LockLoss("m", 7, "its deadline has passed"),
                        new LockLoss("n", 8, "its deadline has passed"),
                        new LockLoss("n", 7, "released by force")))
                .doesNotContain(loss);
    }
}
