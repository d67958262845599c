// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi.line;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class WithdrawalTest {
    private final List<CompletableFuture<Object>> removals = new ArrayList<>();
    private final Withdrawal withdrawal = new Withdrawal(() -> {
        CompletableFuture<Object> removal = new CompletableFuture<>();
        removals.add(removal);
        return removal;
    });

    private static CompletableFuture<?> future(CompletionStage<?> stage) {
        return stage.toCompletableFuture();
    }

    @Test
    @DisplayName("UO-2: who withdraws during a removal waits for that one")
    void oneRemovalAtATime() {
        CompletableFuture<?> first = future(withdrawal.run());
        CompletableFuture<?> second = future(withdrawal.run());
        assertThat(removals).hasSize(1);
        assertThat(first).isNotDone();
        assertThat(second).isNotDone();
        removals.get(0).complete("any value");
        assertThat(first).isCompleted();
        assertThat(second).isCompleted();
    }

    @Test
    @DisplayName("UO-2: what the store confirmed is not removed again: its slot may be another's by now")
    void aConfirmedRemovalIsNotRepeated() {
        withdrawal.run();
        removals.get(0).complete(null);
        assertThat(future(withdrawal.run())).isCompleted();
        assertThat(removals).hasSize(1);
    }

    @Test
    @DisplayName("UO-1: a removal that failed is tried again, also by whom its failure is told")
    void aFailedRemovalIsTriedAgain() {
        CompletableFuture<?> retried = future(withdrawal.run().handle((done, failure) -> withdrawal.run()))
                .thenCompose(again -> (CompletionStage<?>) again);
        CompletableFuture<?> waited = future(withdrawal.run());
        removals.get(0).completeExceptionally(new IllegalStateException("no answer"));
        assertThat(waited).isCompletedExceptionally();
        assertThat(removals).hasSize(2);
        removals.get(1).complete(null);
        assertThat(retried).isCompleted();
    }

    @Test
    @DisplayName("SP-3: a removal that throws completes the stage, and is tried again")
    void aRemovalThatThrows() {
        List<String> calls = new ArrayList<>();
        Withdrawal throwing = new Withdrawal(() -> {
            calls.add("removal");
            throw new IllegalStateException("closed");
        });
        assertThat(future(throwing.run())).isCompletedExceptionally();
        assertThat(future(throwing.run())).isCompletedExceptionally();
        assertThat(calls).hasSize(2);
    }

    @Test
    @DisplayName("who was given a stage cannot complete it for the others")
    void aStageIsItsCallersOnly() {
        CompletableFuture<?> first = future(withdrawal.run());
        CompletableFuture<?> second = future(withdrawal.run());
        first.cancel(false);
        assertThat(second).isNotDone();
        removals.get(0).complete(null);
        assertThat(second).isCompleted();
    }
}
