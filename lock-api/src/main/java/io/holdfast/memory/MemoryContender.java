// SPDX-License-Identifier: Apache-2.0
package io.holdfast.memory;

import io.holdfast.LockException;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One place in a line. The store's answer is known before anybody sees the contender, so {@code answered} and {@code released}
 * are complete from the start and no grant can come before them.
 */
final class MemoryContender implements Contender {
    final MemorySession session;
    private final LockRequest request;
    private final CompletableFuture<Answer> answered;
    private final CompletableFuture<Boolean> released;
    private final CompletableFuture<@Nullable Grant> granted = new CompletableFuture<>();

    /** Guarded by the store's lock: the decision, which may not have reached the client yet. */
    @Nullable
    Grant grant;

    /** Guarded by the store's lock: when the grant was made, by the holder's wall clock. */
    long sinceMillis;

    private MemoryContender(
            MemorySession session, LockRequest request, CompletableFuture<Answer> answered, boolean released) {
        this.session = session;
        this.request = request;
        this.answered = answered;
        this.released = CompletableFuture.completedFuture(released);
    }

    static MemoryContender answered(MemorySession session, LockRequest request, Answer answer, boolean released) {
        MemoryContender contender =
                new MemoryContender(session, request, CompletableFuture.completedFuture(answer), released);
        if (answer == Answer.BUSY) {
            contender.deliver(null);
        }
        return contender;
    }

    static MemoryContender failed(MemorySession session, LockRequest request, LockException why, boolean released) {
        MemoryContender contender =
                new MemoryContender(session, request, CompletableFuture.failedFuture(why), released);
        contender.deliver(null);
        return contender;
    }

    /** Tells the client the decision; never while the store's lock is held, once the client has seen this contender. */
    void deliver(@Nullable Grant decided) {
        granted.complete(decided);
    }

    @Override
    public LockRequest request() {
        return request;
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
        // First: a grant that another thread has decided on and not yet delivered must come to nothing (rule WA-5).
        deliver(null);
        session.store().withdraw(this);
        return CompletableFuture.completedFuture(null);
    }
}
