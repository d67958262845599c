// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One client's place in the store's line for one name, from the request to its grant or its withdrawal.
 *
 * <p>Every stage completes in the end, whatever happens (rule SP-3). Stages may complete on any thread, also inside {@link
 * LockSession#contend}; the thread that completes one holds no lock that a call into the backend needs. Thread-safe.
 */
public interface Contender {
    /**
     * The request this contender was made from.
     *
     * @return the request
     */
    LockRequest request();

    /**
     * Sends the request, where {@link LockSession#contend} has only prepared it. The engine calls it exactly once, after it has
     * left the name's mutex; when the backend is blocking, on a thread that may wait. A {@link #withdraw()} may have come before
     * it: then nothing is sent, and the stages complete. The default does nothing.
     */
    default void start() {}

    /**
     * The store's first answer.
     *
     * @return completes with {@link Answer}; exceptionally with a {@code LockException} when the request failed or its outcome
     *     is unknown. A failed contender is always withdrawn by the engine
     */
    CompletionStage<Answer> answered();

    /**
     * The grant.
     *
     * @return completes with the grant, at once or when the turn comes; with null when the contender was refused, failed, was
     *     withdrawn or is gone. A grant learned after {@link #withdraw()} is released by the backend, never delivered
     */
    CompletionStage<@Nullable Grant> granted();

    /**
     * What became of {@link LockRequest#releasing()}.
     *
     * @return completes with true once the store confirmed that the given-up grant is gone, false when it was gone before;
     *     exceptionally when that is unknown (the engine then releases it by {@link LockSession#release}). Without such a grant it
     *     is complete with true
     */
    CompletionStage<Boolean> released();

    /**
     * Gives the place up, or undoes a request whose outcome is unknown.
     *
     * <p>It is final: a copy of the request that the store applies afterwards creates nothing (rule UO-2). It never overtakes
     * its own request: called before the answer, it only marks the contender, and removes it when the answer or its failure comes. It
     * removes no later contender of the same client. It may be called more than once, from any thread: one removal is on its way at a
     * time, and none is sent after one was confirmed, when it could remove another contender.
     *
     * @return completes when the store confirmed that this contender is not there and never will be; exceptionally when that is
     *     unknown, and then the engine calls again
     */
    CompletionStage<@Nullable Void> withdraw();

    /** A store's first answer to a contender. */
    enum Answer {
        /** The contender holds; {@link Contender#granted()} completes with its grant. */
        GRANTED,
        /** The store acknowledged the contender's place in line. */
        WAITING,
        /** Somebody else holds, and this try has left nothing behind. */
        BUSY
    }
}
