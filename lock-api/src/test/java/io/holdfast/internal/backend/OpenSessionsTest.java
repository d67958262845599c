// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockClosedException;
import io.holdfast.LockConfig;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.LockClock;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.LockScheduler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class OpenSessionsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int ROUNDS = 2_000;

    private final OpenSessions<Session> sessions = OpenSessions.onLentClient("stub://there", Session::end);

    private static final class Session {
        private final AtomicInteger ends = new AtomicInteger();

        void end() {
            ends.incrementAndGet();
        }
    }

    private static void isRefused(CompletionStage<?> stage) {
        assertThat(stage.toCompletableFuture())
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(LockClosedException.class)
                .withMessage("the backend of stub://there is closed; open another one");
    }

    /** The thread of the runtime that is shared, and held for a question. */
    private static boolean timerRuns() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(t -> t.getName().equals("holdfast-timer"));
    }

    private static void awaitNoTimer() {
        Awaitility.await("CL-3: the timer ends").atMost(PATIENCE).until(() -> !timerRuns());
    }

    @Test
    void nothingBeginsAfterTheEnd() {
        assertThat(sessions.unlessClosed(() -> CompletableFuture.completedFuture("done")))
                .isCompletedWithValue("done");
        assertThat(sessions.endAll()).isTrue();
        assertThat(sessions.endAll()).as("only one ends the connection").isFalse();
        AtomicInteger begun = new AtomicInteger();
        Supplier<CompletionStage<Integer>> step = () -> CompletableFuture.completedFuture(begun.incrementAndGet());
        isRefused(sessions.unlessClosed(step));
        isRefused(sessions.ask(runtime -> step.get()));
        assertThat(begun).hasValue(0);
    }

    @Test
    void everySessionEndsOnceButThoseForgotten() {
        Session kept = sessions.add(new Session());
        Session closedByItsClient = sessions.add(new Session());
        sessions.forget(closedByItsClient);
        sessions.forget(closedByItsClient);
        assertThat(sessions.all()).containsExactly(kept);
        sessions.endAll();
        sessions.endAll();
        assertThat(kept.ends).hasValue(1);
        assertThat(closedByItsClient.ends).hasValue(0);
        assertThat(sessions.all()).isEmpty();
    }

    @Test
    void aSessionThatComesTooLateIsEndedAndRefused() {
        sessions.endAll();
        Session late = new Session();
        assertThatThrownBy(() -> sessions.add(late)).isInstanceOf(LockClosedException.class);
        assertThat(late.ends).hasValue(1);
        assertThat(sessions.all()).isEmpty();
    }

    @Test
    void aSessionThatDoesNotEndKeepsNoOtherFromIt() {
        AtomicInteger ends = new AtomicInteger();
        OpenSessions<Object> stubborn = OpenSessions.onLentClient("stub://there", session -> {
            ends.incrementAndGet();
            throw new IllegalStateException("on purpose");
        });
        stubborn.add(new Object());
        stubborn.add(new Object());
        assertThat(stubborn.endAll()).isTrue();
        assertThat(ends).hasValue(2);
    }

    /** While one session ends with the backend, the client of the other closes it. */
    @Test
    void aSessionThatItsClientClosesMeanwhileIsNotEndedAsWell() {
        AtomicInteger ends = new AtomicInteger();
        AtomicReference<OpenSessions<Object>> both = new AtomicReference<>();
        both.set(OpenSessions.onLentClient("stub://there", session -> {
            ends.incrementAndGet();
            both.get().all().forEach(both.get()::forget);
        }));
        both.get().add(new Object());
        both.get().add(new Object());
        both.get().endAll();
        assertThat(ends).hasValue(1);
    }

    /** Two threads at one moment: the backend is closed, and a session is added. */
    @Test
    void whoClosesAndWhoAddsEndASessionOnceBetweenThem() throws Exception {
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try {
            for (int round = 0; round < ROUNDS; round++) {
                OpenSessions<Session> racing = OpenSessions.onLentClient("stub://there", Session::end);
                Session added = new Session();
                CyclicBarrier together = new CyclicBarrier(2);
                Future<?> adding = threads.submit(() -> {
                    together.await();
                    return racing.add(added);
                });
                together.await();
                racing.endAll();
                try {
                    adding.get(1, TimeUnit.MINUTES);
                } catch (ExecutionException refused) {
                    assertThat(refused).hasCauseInstanceOf(LockClosedException.class);
                }
                assertThat(added.ends).hasValue(1);
                assertThat(racing.all()).isEmpty();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void questionsOfOneClientsBackendRunOnItsRuntime() {
        LockRuntime own = new LockRuntime() {
            @Override
            public LockClock clock() {
                throw new UnsupportedOperationException();
            }

            @Override
            public LockScheduler scheduler() {
                throw new UnsupportedOperationException();
            }

            @Override
            public Executor executor() {
                throw new UnsupportedOperationException();
            }
        };
        BackendConfig config = BackendConfig.of(LockConfig.of("stub://h/p").withRuntime(own));
        OpenSessions<Session> ofOne = OpenSessions.of(config, Session::end);
        assertThat(ofOne.store()).isEqualTo("stub://h/p");
        assertThat(ofOne.ask(CompletableFuture::completedFuture)).isCompletedWithValue(own);
    }

    @Test
    @DisplayName("CL-4, CL-3: on a lent client a question is limited in time without any session, and leaves no thread")
    void aQuestionOnALentClientHasARuntimeUntilItIsAnswered() throws Exception {
        awaitNoTimer();
        CompletableFuture<String> unanswered = new CompletableFuture<>();
        CompletionStage<String> answer = sessions.ask(runtime -> {
            runtime.scheduler().schedule(() -> unanswered.complete("too late"), 1_000_000);
            return unanswered;
        });
        assertThat(answer.toCompletableFuture().get(1, TimeUnit.MINUTES)).isEqualTo("too late");
        awaitNoTimer();
    }

    @Test
    void aRuntimeIsHeldForAsLongAsTheQuestionLasts() {
        awaitNoTimer();
        CompletableFuture<String> pending = new CompletableFuture<>();
        CompletableFuture<String> ticked = new CompletableFuture<>();
        CompletionStage<String> answer = sessions.ask(runtime -> {
            runtime.scheduler().schedule(() -> ticked.complete("ran"), 0);
            return pending;
        });
        assertThat(ticked).succeedsWithin(PATIENCE);
        assertThat(timerRuns()).as("while it lasts").isTrue();
        pending.complete("answered");
        assertThat(answer).isCompletedWithValue("answered");
        awaitNoTimer();
    }

    @Test
    void aQuestionThatThrowsFailsAndHoldsNothing() {
        awaitNoTimer();
        List<Runnable> throwing = List.of(
                () -> {
                    throw new IllegalStateException("on purpose");
                },
                () -> {
                    throw new AssertionError("on purpose");
                });
        for (Runnable step : throwing) {
            CompletionStage<String> answer = sessions.ask(runtime -> {
                runtime.scheduler().schedule(() -> {}, Duration.ofHours(1).toNanos());
                step.run();
                return CompletableFuture.completedFuture("answered");
            });
            assertThat(answer.toCompletableFuture())
                    .failsWithin(Duration.ZERO)
                    .withThrowableThat()
                    .havingRootCause()
                    .withMessage("on purpose");
        }
        awaitNoTimer();
    }
}
