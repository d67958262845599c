// SPDX-License-Identifier: Apache-2.0
package io.holdfast.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.holdfast.bench.Result.Turn;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResultTest {
    private static Result turns(Turn... turns) {
        return new Result(turns.length, 1, 1, 0, 0, List.of((long) turns.length), List.of(turns));
    }

    private static Result shares(long... shares) {
        List<Long> each = Arrays.stream(shares).boxed().toList();
        long sum = each.stream().mapToLong(Long::longValue).sum();
        return new Result(sum, 2_000_000_000L, 50_000_000, 10_000, 20_000, each, List.of());
    }

    @Test
    void aLineIsReadAsItWasWritten() {
        Result written = new Result(7, 8, 9, 10, 11, List.of(3L, 4L), List.of(new Turn(1, 2, 3), new Turn(4, 5, 6)));
        assertThat(Result.read(written.line())).isEqualTo(written);
        assertThat(Result.read(shares(5).line())).isEqualTo(shares(5));
    }

    @Test
    void aWakeUpIsFromAnUnlockToTheLockOfAnotherThatWaited() {
        long ms = 1_000_000;
        // The second process waits from 20 ms on, and has the lock
        // 3 ms after the first gave it back; then the first, after 5 ms.
        Result first = turns(new Turn(0, ms, 40 * ms), new Turn(60 * ms, 90 * ms, 120 * ms));
        Result second = turns(new Turn(20 * ms, 43 * ms, 85 * ms));
        assertThat(WakeUps.all(List.of(first, second))).containsExactly(3 * ms, 5 * ms);
    }

    @Test
    void whoCameLateOrTookTheLockAgainWasNotWoken() {
        long ms = 1_000_000;
        Result again = turns(new Turn(0, ms, 40 * ms), new Turn(41 * ms, 42 * ms, 60 * ms));
        Result late = turns(new Turn(59 * ms, 61 * ms, 90 * ms));
        assertThat(WakeUps.all(List.of(again, late))).isEmpty();
    }

    @Test
    void fairnessIsOneWhenAllHeldAsOften() {
        assertThat(Work.fairness(List.of(shares(5, 5), shares(5, 5)))).isEqualTo(1);
        assertThat(Work.fairness(List.of(shares(10, 0)))).isEqualTo(0.5, within(0.001));
    }

    @Test
    void figuresAreOfAllProcesses() {
        List<Result> two = List.of(shares(100), shares(300));
        assertThat(Work.HAND_OVERS.figure(two)).isEqualTo(200);
        assertThat(Work.processor(two)).isEqualTo(250);
        assertThat(Work.ONE_THREAD.figure(two)).isEqualTo(10);
        assertThat(Work.HAND_OVERS.ratio(200, 100)).isEqualTo(2);
        assertThat(Work.ONE_THREAD.ratio(50, 100)).isEqualTo(2);
    }
}
