// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.LockUnavailableException;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.StagedContender;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What is thought of a request while its answer is not there, or before it was sent. */
final class Unanswered {
    private static final long LIMIT_MILLIS = 80;
    private static final long LATE_MILLIS = 30;

    private Unanswered() {}

    /** What was not answered in time has not been sent, and there is nothing to undo. */
    static LockSession areTakenForUnsent(LockSession sound) {
        return new BrokenSession(sound) {
            @Override
            public Contender contend(LockRequest request) {
                return new Hasty(super.contend(request));
            }
        };
    }

    private static final class Hasty extends BrokenContender {
        private final CompletableFuture<Answer> answered = new CompletableFuture<>();
        private final CompletableFuture<Grant> granted = new CompletableFuture<>();

        Hasty(Contender sound) {
            super(sound);
            sound.answered().whenComplete((answer, failure) -> {
                if (failure == null) {
                    answered.complete(answer);
                }
            });
            sound.granted().thenAccept(granted::complete);
            CompletableFuture.delayedExecutor(LIMIT_MILLIS, TimeUnit.MILLISECONDS)
                    .execute(() ->
                            answered.completeExceptionally(new LockUnavailableException("no answer to " + request())));
        }

        @Override
        public CompletionStage<Answer> answered() {
            return answered;
        }

        @Override
        public CompletionStage<Grant> granted() {
            return granted;
        }

        @Override
        public CompletionStage<Void> withdraw() {
            if (!answered.isCompletedExceptionally()) {
                return super.withdraw();
            }
            granted.complete(null);
            return CompletableFuture.completedFuture(null);
        }
    }

    /** A request is prepared first and sent by start(), also when it was withdrawn before that. */
    static LockSession areSentAfterTheirWithdrawal(LockSession sound) {
        return new BrokenSession(sound) {
            @Override
            public Contender contend(LockRequest request) {
                return new Prepared(request, sound);
            }

            @Override
            public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
                return super.renew(contenders.stream()
                        .map(contender -> ((Prepared) contender).sent)
                        .filter(sent -> sent != null)
                        .toList());
            }
        };
    }

    private static final class Prepared extends StagedContender {
        private final LockSession session;
        private volatile Contender sent;

        Prepared(LockRequest request, LockSession session) {
            super(request);
            this.session = session;
        }

        @Override
        public void start() {
            sent = session.contend(request());
            sent.answered().whenComplete((answer, failure) -> pass(answered(), answer, failure));
            sent.granted().whenComplete((grant, failure) -> pass(granted(), grant, failure));
            sent.released().whenComplete((gone, failure) -> pass(released(), gone, failure));
        }

        private static <T> void pass(CompletionStage<T> stage, T value, Throwable failure) {
            if (failure != null) {
                stage.toCompletableFuture().completeExceptionally(failure);
            } else {
                stage.toCompletableFuture().complete(value);
            }
        }

        @Override
        public CompletionStage<Void> withdraw() {
            return sent == null ? CompletableFuture.completedFuture(null) : sent.withdraw();
        }
    }

    /** The lease counts from the renewal that was answered last, which need not be the last that was sent. */
    static LockSession countByTheLastAnswer(LockSession sound, SessionOptions options) {
        AtomicInteger renewals = new AtomicInteger();
        return new BrokenSession(sound) {
            private volatile Long basis;

            @Override
            public long basis() {
                return basis == null ? super.basis() : basis;
            }

            @Override
            public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
                CompletableFuture<Renewal> answer = new CompletableFuture<>();
                boolean slow = renewals.incrementAndGet() % 3 == 0;
                super.renew(contenders).whenComplete((renewal, failure) -> {
                    Runnable arrival = () -> {
                        if (failure != null) {
                            answer.completeExceptionally(failure);
                            return;
                        }
                        basis = renewal.sentAt();
                        answer.complete(renewal);
                    };
                    if (slow) {
                        options.runtime().scheduler().schedule(arrival, TimeUnit.MILLISECONDS.toNanos(LATE_MILLIS));
                    } else {
                        arrival.run();
                    }
                });
                return answer;
            }
        };
    }
}
