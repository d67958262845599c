// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Rule ME-2: what an acknowledged write proves, and what not. */
class BasisTest {
    private static final long SECOND = 1_000_000_000L;

    private final Basis basis = new Basis(Duration.ofSeconds(2), 0L);

    @Test
    void theFirstWriteConfirmsTheOpeningOnly() {
        basis.acknowledged(5 * SECOND, 5 * SECOND);
        assertThat(basis.get()).isZero();
    }

    @Test
    void aWriteConfirmsTheOneBeforeIt() {
        basis.acknowledged(5 * SECOND, 5 * SECOND);
        basis.acknowledged(10 * SECOND, 10 * SECOND);
        assertThat(basis.get()).isEqualTo(5 * SECOND);
        basis.acknowledged(15 * SECOND, 15 * SECOND);
        assertThat(basis.get()).isEqualTo(10 * SECOND);
    }

    /** Both were in the way to the follower together, and no ping of the leader came between them. */
    @Test
    void writesThatWereSentApartAndAcknowledgedTogetherDoNotConfirmEachOther() {
        basis.acknowledged(5 * SECOND, 14 * SECOND);
        basis.acknowledged(10 * SECOND, 14 * SECOND);
        assertThat(basis.get()).isZero();
        basis.acknowledged(16 * SECOND - 1, 16 * SECOND);
        assertThat(basis.get()).isZero();
        basis.acknowledged(16 * SECOND, 17 * SECOND);
        assertThat(basis.get()).isEqualTo(10 * SECOND);
    }

    /** A follower hands a touch on with the leader's next ping, up to a tick later. */
    @Test
    void aWriteWithinATickOfTheOneBeforeConfirmsAnOlderOne() {
        basis.acknowledged(5 * SECOND, 5 * SECOND);
        basis.acknowledged(10 * SECOND, 10 * SECOND);
        basis.acknowledged(12 * SECOND - 1, 12 * SECOND - 1);
        assertThat(basis.get()).isEqualTo(5 * SECOND);
        basis.acknowledged(12 * SECOND, 12 * SECOND);
        assertThat(basis.get()).isEqualTo(10 * SECOND);
    }

    @Test
    void manyWritesWithinATickConfirmTheNewestThatIsATickOld() {
        for (long i = 0; i <= 40; i++) {
            basis.acknowledged(i * SECOND / 10, i * SECOND / 10);
        }
        assertThat(basis.get()).isEqualTo(2 * SECOND);
    }

    @Test
    void aSessionThatSomebodyElseOpenedHasNoBasisBeforeTwoWritesATickApart() {
        Basis joined = new Basis(Duration.ofSeconds(2), null);
        assertThat(joined.isOlderThan(Duration.ofDays(1), 0)).isTrue();
        joined.acknowledged(SECOND, SECOND);
        assertThat(joined.get()).isNull();
        joined.acknowledged(3 * SECOND, 3 * SECOND);
        assertThat(joined.get()).isEqualTo(SECOND);
        assertThat(joined.isOlderThan(Duration.ofSeconds(3), 4 * SECOND)).isFalse();
        assertThat(joined.isOlderThan(Duration.ofSeconds(3), 4 * SECOND + 1)).isTrue();
    }
}
