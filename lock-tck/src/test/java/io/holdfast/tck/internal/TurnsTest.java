// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.tck.internal.Turns.Turn;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;

/** Tests run side by side up to a number, and those that must be alone are. */
class TurnsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration MOMENT = Duration.ofMillis(50);

    private final Turns turns = new Turns();

    private Call<Turn> asks(boolean alone, int most) {
        return new Call<>("test-turn", () -> turns.take(alone, most));
    }

    private static Turn has(Call<Turn> call) throws Exception {
        return call.get(PATIENCE);
    }

    private static void waits(Call<Turn> call) throws InterruptedException {
        Await.pass(MOMENT);
        assertThat(call.isDone()).isFalse();
    }

    @Test
    void soManyRunBesideEachOtherAndNoMore() throws Exception {
        Turn first = has(asks(false, 2));
        assertThat(first.isAccompanied()).isFalse();
        Turn second = has(asks(false, 2));
        assertThat(first.isAccompanied()).isTrue();
        assertThat(second.isAccompanied()).isTrue();
        Call<Turn> third = asks(false, 2);
        waits(third);
        first.close();
        has(third).close();
        second.close();
    }

    @Test
    void fewRunAtFirst() throws Exception {
        Deque<Turn> running = new ArrayDeque<>();
        for (int i = 0; i < 3; i++) {
            running.add(has(asks(false, 8)));
        }
        Call<Turn> fourth = asks(false, 8);
        waits(fourth);
        running.remove().close();
        running.add(has(fourth));
        running.add(has(asks(false, 8)));
        running.forEach(Turn::close);
    }

    @Test
    void whoMustBeAloneIs() throws Exception {
        Turn beside = has(asks(false, 8));
        Call<Turn> alone = asks(true, 8);
        waits(alone);
        Turn another = has(asks(false, 8));
        beside.close();
        waits(alone);
        another.close();
        Turn running = has(alone);
        assertThat(running.isAccompanied()).isFalse();
        Call<Turn> second = asks(true, 8);
        Call<Turn> later = asks(false, 8);
        waits(second);
        waits(later);
        running.close();
        has(later).close();
        has(second).close();
    }

    @Test
    void withOneAtATimeNobodyIsAccompanied() throws Exception {
        Turn first = has(asks(false, 1));
        Call<Turn> second = asks(false, 1);
        waits(second);
        first.close();
        Turn then = has(second);
        assertThat(first.isAccompanied() || then.isAccompanied()).isFalse();
        then.close();
    }

    @Test
    void whoIsInterruptedWhileItWaitsTakesNoTurn() throws Exception {
        Turn first = has(asks(true, 8));
        Call<Turn> gaveUp = asks(true, 8);
        waits(gaveUp);
        gaveUp.thread().interrupt();
        gaveUp.thread().join(PATIENCE.toMillis());
        first.close();
        has(asks(true, 8)).close();
    }
}
