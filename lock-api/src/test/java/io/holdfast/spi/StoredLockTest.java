// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class StoredLockTest {
    private static StoredLock heldBy(String holder) {
        return new StoredLock("n", 256, holder, 0, 1);
    }

    @Test
    @DisplayName("IN-2: a holder's label of any length is shown as far as a person reads")
    void aHugeHolderIsCut() {
        assertThat(heldBy("L".repeat(20_000_000)).holder()).isEqualTo("L".repeat(800));
        assertThat(heldBy("L".repeat(800)).holder()).hasSize(800);
        assertThat(heldBy("").holder()).isEmpty();
    }

    @Test
    @DisplayName("IN-2: a cut splits no character")
    void aCutSplitsNoCharacter() {
        String lock = "\uD83D\uDD12";
        assertThat(heldBy("L".repeat(799) + lock).holder()).isEqualTo("L".repeat(799));
        assertThat(heldBy("L".repeat(798) + lock + lock).holder()).isEqualTo("L".repeat(798) + lock);
    }

    @Test
    void nobodyHolds() {
        assertThat(StoredLock.free("n", 3).holder()).isNull();
    }

    @Test
    void isEqualWhenAllOfItIs() {
        StoredLock lock = new StoredLock("n", 7, "host", 1, 2);
        assertThat(lock)
                .isEqualTo(new StoredLock("n", 7, "host", 1, 2))
                .hasToString("StoredLock[name=n, storeToken=7," + " holder=host, sinceMillis=1, contenders=2]");
        assertThat(lock).hasSameHashCodeAs(new StoredLock("n", 7, "host", 1, 2));
        assertThat(List.of(
                        new StoredLock("m", 7, "host", 1, 2),
                        new StoredLock("n", 8, "host", 1, 2),
                        new StoredLock("n", 7, null, 1, 2),
                        new StoredLock("n", 7, "host", 0, 2),
                        new StoredLock("n", 7, "host", 1, 3)))
                .doesNotContain(lock);
    }
}
