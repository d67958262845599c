// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A contender's request and its three stages. When each completes, and with what, is the backend's to say.
 *
 * <p>The first completion of a stage counts and a later one changes nothing, on whatever thread. That settles the race of a grant and
 * a withdrawal: {@code granted} is completed with null before anything else is done for the withdrawal, so that a grant which comes
 * from then on is not delivered (rule WA-5). Completing a stage runs the engine's code: do it under no lock (rule SP-2).
 */
public abstract class StagedContender implements Contender {
    /** Complete it by the store's first answer; exceptionally when the request failed or its outcome is unknown. */
    protected final CompletableFuture<Answer> answered = new CompletableFuture<>();

    /** Complete it with the grant, or with null as soon as there will be none; never exceptionally. */
    protected final CompletableFuture<@Nullable Grant> granted = new CompletableFuture<>();

    /** Complete it by what became of the grant given up; complete from the start when there is none. */
    protected final CompletableFuture<Boolean> released = new CompletableFuture<>();

    private final LockRequest request;

    /**
     * A contender whose request was not answered.
     *
     * @param request what is asked for
     */
    protected StagedContender(LockRequest request) {
        this.request = Objects.requireNonNull(request, "request");
        if (request.releasing() == null) {
            released.complete(true);
        }
    }

    /**
     * Completes {@link #released()} by the outcome of a release that was sent as a request of its own.
     *
     * @param release as {@link LockSession#release} returns it
     */
    protected final void releasedBy(CompletionStage<Boolean> release) {
        release.whenComplete((removed, failure) -> {
            if (failure == null) {
                released.complete(removed);
            } else {
                released.completeExceptionally(failure);
            }
        });
    }

    @Override
    public final LockRequest request() {
        return request;
    }

    @Override
    public final CompletionStage<Answer> answered() {
        return answered;
    }

    @Override
    public final CompletionStage<@Nullable Grant> granted() {
        return granted;
    }

    @Override
    public final CompletionStage<Boolean> released() {
        return released;
    }
}
