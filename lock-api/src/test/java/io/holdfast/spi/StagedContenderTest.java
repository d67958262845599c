// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.holdfast.LockUnavailableException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StagedContenderTest {
    private static final Grant GIVEN_UP = new Grant("n", 1, 5, 0, "row");

    private static final class Stub extends StagedContender {
        Stub(LockRequest request) {
            super(request);
        }

        void releasing(CompletionStage<Boolean> release) {
            releasedBy(release);
        }

        @Override
        public CompletionStage<@Nullable Void> withdraw() {
            granted.complete(null);
            return CompletableFuture.completedFuture(null);
        }
    }

    private static Stub givingUp() {
        return new Stub(LockRequest.exclusive("n", 2, true, GIVEN_UP));
    }

    @Test
    void whatGivesNothingUpHasReleasedItFromTheStart() {
        LockRequest request = LockRequest.exclusive("n", 2, true, null);
        Stub contender = new Stub(request);
        assertThat(contender.request()).isSameAs(request);
        assertThat(contender.released()).isCompletedWithValue(true);
        assertThat(contender.answered().toCompletableFuture()).isNotDone();
        assertThat(contender.granted().toCompletableFuture()).isNotDone();
        assertThatNullPointerException().isThrownBy(() -> new Stub(null));
    }

    @Test
    void whatIsGivenUpIsReleasedAsItsReleaseSays() {
        for (boolean removed : new boolean[] {true, false}) {
            Stub contender = givingUp();
            assertThat(contender.released().toCompletableFuture()).isNotDone();
            CompletableFuture<Boolean> release = new CompletableFuture<>();
            contender.releasing(release);
            assertThat(contender.released().toCompletableFuture()).isNotDone();
            release.complete(removed);
            assertThat(contender.released()).isCompletedWithValue(removed);
        }
    }

    @Test
    void aReleaseThatFailsIsToldAsItIs() {
        Stub contender = givingUp();
        LockUnavailableException failure = new LockUnavailableException("on purpose");
        contender.releasing(CompletableFuture.failedFuture(failure));
        assertThat(contender.released().toCompletableFuture())
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .havingCause()
                .isSameAs(failure);
    }
}
