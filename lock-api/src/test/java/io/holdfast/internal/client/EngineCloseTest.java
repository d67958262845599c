// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockHandle;
import io.holdfast.LockOptions;
import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.LockUnavailableException;
import io.holdfast.internal.context.EngineSettings;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class EngineCloseTest extends EngineTestBase {
    /** A session that is closed takes all its grants along, so it stays for the minimum; what has none is given back at once. */
    @Test
    @DisplayName("WA-9: at close a hold in force keeps its minimum, and nobody waits for somebody else's")
    void aMinimumHoldOutlivesTheCloseAndHoldsUpNothingElse() {
        LockHandle kept = hold("kept", LockOptions.defaults().minimumHold(Duration.ofSeconds(5)));
        hold("plain");
        client().closeAsync();
        time.settle();
        assertThat(kept.isValid()).isFalse();
        assertThat(session().releases).extracting(r -> r.grant().name()).containsExactly("plain");
        session().released().answer().complete(true);
        time.advance(Duration.ofMillis(4_999));
        assertThat(session().releases).hasSize(1);
        assertThat(session().closes).isEmpty();
        time.advance(Duration.ofMillis(1));
        assertThat(session().released().grant().name()).isEqualTo("kept");
        session().released().answer().complete(true);
        time.settle();
        assertThat(session().closes).hasSize(1);
    }

    @Test
    @DisplayName("WA-9: a hold in force whose minimum is longer than close-timeout is released early, with a warning")
    void aMinimumThatIsTooLongIsCutWithAWarning() {
        List<String> said = new CopyOnWriteArrayList<>();
        Handler handler = hearing(said);
        try {
            hold("a", LockOptions.defaults().minimumHold(Duration.ofHours(5)));
            client().closeAsync();
            time.advance(Duration.ofSeconds(8));
        } finally {
            Logger.getLogger("io.holdfast").removeHandler(handler);
        }
        assertThat(session().releases).hasSize(1);
        assertThat(said).anyMatch(line -> line.contains("'a'") && line.contains("before its minimum hold passed"));
    }

    private static Handler hearing(List<String> said) {
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord line) {
                said.add(line.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger.getLogger("io.holdfast").addHandler(handler);
        return handler;
    }

    @Test
    @DisplayName("ER-1: why a session was not removed is told in words, without the names of exceptions")
    void aSessionThatWasNotRemovedIsToldInWords() {
        List<String> said = new CopyOnWriteArrayList<>();
        Handler handler = hearing(said);
        try {
            CompletableFuture<?> closed = client().closeAsync().toCompletableFuture();
            time.settle();
            session()
                    .closes
                    .get(0)
                    .completeExceptionally(
                            new CompletionException(new LockUnavailableException("store scripted: not reached")));
            time.settle();
            assertThat(closed).isCompleted();
        } finally {
            Logger.getLogger("io.holdfast").removeHandler(handler);
        }
        assertThat(said)
                .singleElement()
                .asString()
                .endsWith("the session was not removed, it ends with its lease: store scripted: not reached");
    }

    @Test
    @DisplayName("LK-1: the end of a session whose answer is lost is asked for again, until close-timeout has passed")
    void theEndOfASessionIsAskedForAgain() {
        CompletableFuture<?> closed = client().closeAsync().toCompletableFuture();
        for (int lost = 0; lost < 3; lost++) {
            time.settle();
            assertThat(closed).isNotDone();
            session().closes.get(lost).completeExceptionally(new LockOutcomeUnknownException("no answer"));
            time.advance(Duration.ofSeconds(1));
            assertThat(session().closes).hasSize(lost + 2);
        }
        session().closes.get(3).complete(null);
        time.settle();
        assertThat(closed).isCompleted();
    }

    @Test
    @DisplayName("CL-2: a session whose end is never confirmed is not asked for beyond close-timeout")
    void aCloseEndsThoughNothingIsConfirmed() {
        CompletableFuture<?> closed = client().closeAsync().toCompletableFuture();
        int asked = 0;
        for (int tenth = 0; tenth < 200; tenth++) {
            time.advance(Duration.ofMillis(100));
            for (; asked < session().closes.size(); asked++) {
                session().closes.get(asked).completeExceptionally(new LockOutcomeUnknownException("no answer"));
            }
            assertThat(closed.isDone()).isEqualTo(tenth >= 94); // of ten seconds, less a twentieth
        }
        assertThat(asked).isBetween(5, 20);
    }

    /** Seven times: as often as the engine hands a task in. */
    @Test
    @DisplayName("SP-7: opening without a thread to do it on fails with the reason, and does not wait for an answer")
    void openingWithoutAThread() {
        time.refusals.set(7);
        EngineSettings settings = new EngineSettings(
                LEASE,
                0,
                64,
                Duration.ofHours(1),
                Duration.ofSeconds(3),
                Duration.ofMinutes(1),
                Duration.ofSeconds(10),
                "test",
                time);
        CompletableFuture<?> opening =
                CompletableFuture.supplyAsync(() -> EngineClient.open(store, true, settings, Duration.ofHours(1)));
        long begun = time.nanoTime();
        Awaitility.await().until(() -> {
            time.advance(Duration.ofMillis(100));
            return opening.isDone();
        });
        assertThat(opening).isCompletedExceptionally();
        assertThatThrownBy(opening::join).hasStackTraceContaining("refused by the test");
        assertThat(time.refusals).hasValue(0);
        assertThat(time.nanoTime() - begun).isLessThan(Duration.ofMinutes(30).toNanos());
        assertThat(store.closed).isTrue();
    }
}
