// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class FencedGuardTest {
    private static final int ROUNDS = 1_000_000;

    @Test
    @DisplayName("FT-5: the newest token and any larger one pass, every other is refused and changes nothing")
    void acceptsTheNewest() {
        FencedGuard guard = new FencedGuard();
        assertThat(guard.newest()).isZero();
        assertThat(LongStream.of(5, 5, 7, 6, 5, 1, 7, Long.MAX_VALUE, 8).mapToObj(guard::accepts))
                .containsExactly(true, true, true, false, false, false, true, true, false);
        assertThat(guard.newest()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    @DisplayName("FT-5: what is no token is refused")
    void refusesWhatIsNoToken() {
        FencedGuard guard = new FencedGuard();
        assertThat(LongStream.of(0, -1, Long.MIN_VALUE).mapToObj(guard::accepts))
                .containsOnly(false);
        assertThatThrownBy(() -> new FencedGuard(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-1");
    }

    @Test
    @DisplayName("FT-5: a guard goes on from a token stored with the data, and says which one was seen")
    void goesOnFromAStoredToken() {
        FencedGuard guard = new FencedGuard(9);
        assertThatThrownBy(() -> guard.check(8))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("8")
                .hasMessageContaining("9");
        assertThatCode(() -> guard.check(9)).doesNotThrowAnyException();
    }

    /** Writers that are not kept apart would put a newer token back to an older one. */
    @Test
    @DisplayName("FT-5: comparing and remembering is one step")
    void isOneStep() {
        FencedGuard guard = new FencedGuard();
        AtomicLong tokens = new AtomicLong();
        List<CompletableFuture<Void>> writers = Stream.generate(
                        () -> CompletableFuture.runAsync(() -> write(guard, tokens)))
                .limit(2)
                .toList();
        long seen = 0;
        while (!writers.stream().allMatch(CompletableFuture::isDone)) {
            long newest = guard.newest();
            assertThat(newest).isGreaterThanOrEqualTo(seen);
            seen = newest;
        }
        assertThat(guard.newest()).isEqualTo(ROUNDS);
    }

    private static void write(FencedGuard guard, AtomicLong tokens) {
        for (long token = tokens.incrementAndGet(); token <= ROUNDS; token = tokens.incrementAndGet()) {
            guard.accepts(token);
        }
    }
}
