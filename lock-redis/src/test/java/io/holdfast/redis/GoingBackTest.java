// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** SP-8: genuine messages of long ago, sent again, do not become as many requests. */
class GoingBackTest {
    private static final long MILLISECOND = 1_000_000;

    private final GoingBack going = new GoingBack();
    private long now = Long.MAX_VALUE - 5_000 * MILLISECOND; // a monotonic clock may pass its largest number

    private static WakeUp told(int number) {
        return new WakeUp(false, "0123456789abcdef." + number, number, new LockKeys("holdfast:{x}"));
    }

    @Test
    void sp8_manyOldMessagesInTurnBecomeFewRequests() {
        int requests = 0;
        for (int millisecond = 0; millisecond < 10_000; millisecond++) {
            now += MILLISECOND;
            if (going.begins(told(millisecond % 2_000), now)) { // more than are remembered
                requests++;
                going.done(); // answered at once
            }
        }
        assertThat(requests).isBetween(10, 11 * GoingBack.MOST_IN_A_SECOND);
    }

    @Test
    void sp8_eachGoesBackOnceWhileItIsRemembered() {
        assertThat(going.begins(told(1), now)).isTrue();
        going.done();
        now += 3_000 * MILLISECOND;
        assertThat(going.begins(told(1), now)).isFalse();
        assertThat(going.begins(told(2), now)).isTrue();
    }

    @Test
    void whatWasRefusedForTheRateMayGoBackLater() {
        for (int i = 0; i < GoingBack.MOST_IN_A_SECOND; i++) {
            assertThat(going.begins(told(i), now)).isTrue();
            going.done();
        }
        assertThat(going.begins(told(99), now)).isFalse();
        now += 999 * MILLISECOND;
        assertThat(going.begins(told(99), now)).isFalse();
        now += 2 * MILLISECOND;
        assertThat(going.begins(told(99), now)).isTrue();
    }

    @Test
    void fewGoBackAtATime() {
        for (int i = 0; i < GoingBack.MOST_AT_ONCE; i++) {
            assertThat(going.begins(told(i), now)).isTrue();
        }
        now += 3_000 * MILLISECOND;
        assertThat(going.begins(told(99), now)).isFalse();
        going.done();
        assertThat(going.begins(told(99), now)).isTrue();
    }
}
