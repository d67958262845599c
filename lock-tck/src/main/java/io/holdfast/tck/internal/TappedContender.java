// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A contender with a {@link Tap} on it; without an inner one when its request was not sent. */
final class TappedContender implements Contender {
    private final TappedSession session;
    private final LockRequest request;
    private final @Nullable Contender contender;
    private final Tap tap;
    private final CompletableFuture<Answer> answered = new CompletableFuture<>();
    private final CompletableFuture<@Nullable Grant> granted = new CompletableFuture<>();
    private final CompletableFuture<Boolean> released = new CompletableFuture<>();

    /** Whether the store has put it in line: only then a grant is news. */
    private volatile boolean waited;

    TappedContender(TappedSession session, LockRequest request, @Nullable Contender contender, Disturbance how) {
        this.session = session;
        this.request = request;
        this.contender = contender;
        this.tap = session.tap();
        if (contender == null) {
            fail(how);
        } else if (how == Disturbance.LOSE_REPLY) {
            contender.answered().whenComplete((answer, failure) -> fail(how));
        } else {
            relay(contender, how);
        }
    }

    @Nullable
    Contender inner() {
        return contender;
    }

    private void relay(Contender sent, Disturbance how) {
        sent.answered().whenComplete((answer, failure) -> {
            waited |= answer == Answer.WAITING;
            tap.answer(how, Step.CONTEND, () -> {
                session.heard();
                Tap.pass(answered, answer, failure);
            });
        });
        sent.granted().whenComplete((grant, failure) -> {
            Disturbance wake = grant != null && waited ? tap.begin(Step.WAKE) : Disturbance.NONE;
            if (wake == Disturbance.NONE) {
                tap.answer(how, Step.WAKE, () -> deliver(grant, failure));
            }
        });
        sent.released()
                .whenComplete(
                        (gone, failure) -> tap.answer(how, Step.RELEASE, () -> Tap.pass(released, gone, failure)));
    }

    private void deliver(@Nullable Grant grant, @Nullable Throwable failure) {
        if (failure != null) {
            granted.completeExceptionally(failure);
        } else {
            granted.complete(grant == null ? null : tap.shown(grant));
        }
    }

    private void fail(Disturbance how) {
        RuntimeException failure = Tap.failure(how, Step.CONTEND);
        answered.completeExceptionally(failure);
        granted.complete(null);
        if (request.releasing() == null) {
            released.complete(true);
        } else {
            released.completeExceptionally(failure);
        }
    }

    @Override
    public LockRequest request() {
        return request;
    }

    @Override
    public void start() {
        if (contender != null) {
            contender.start();
        }
    }

    @Override
    public CompletionStage<Answer> answered() {
        return answered;
    }

    @Override
    public CompletionStage<@Nullable Grant> granted() {
        return granted;
    }

    @Override
    public CompletionStage<Boolean> released() {
        return released;
    }

    @Override
    public CompletionStage<@Nullable Void> withdraw() {
        return tap.<@Nullable Void>carry(
                Step.WITHDRAW,
                () -> contender == null ? CompletableFuture.completedFuture(null) : contender.withdraw());
    }
}
