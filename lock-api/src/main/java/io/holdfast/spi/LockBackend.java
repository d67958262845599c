// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import io.holdfast.ForceOutcome;
import io.holdfast.StoreFinding;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The connection to one store. One backend may serve many clients, each with a session of its own.
 *
 * <p>Reentrancy (rules RE-1 to RE-6) is defined over what a backend implements: {@link LockSession#contend}, {@link
 * LockSession#renew}, {@link LockSession#release}. Owners, hold counts, local queues, hand-offs, deadlines, renewal schedule,
 * loss, retries and listeners are the engine's, the same for all stores. Thread-safe. A stage never completes with an exception
 * type of a client library.
 */
public interface LockBackend extends AutoCloseable {
    /**
     * What this store can do. It may change until the first session is open, and is constant from then on.
     *
     * @return the facts, as far as they are known
     */
    Capabilities capabilities();

    /**
     * The store's address, for people: scheme, hosts, path; never a secret.
     *
     * @return a redacted URI
     */
    String store();

    /**
     * Opens a session.
     *
     * <p>When a client is opened, the engine asks again within {@code connect-timeout} after {@code LockUnavailableException} or {@code
     * LockOutcomeUnknownException}, and gives up at once after any other (rule OP-1). So a failure that does not pass by itself must not be
     * called unavailable, a call that failed must leave nothing, and a call that may hang must end well before {@code connect-timeout}.
     *
     * @param options the client's settings for it
     * @param events where to report what the session learns unasked
     * @return completes with a live session; exceptionally with {@code LockUnavailableException}, {@code LockDeniedException}
     *     or, when the store cannot serve the lease or this backend cannot use it (refused TLS, say), {@code LockConfigException}
     */
    CompletionStage<LockSession> openSession(SessionOptions options, SessionEvents events);

    /**
     * Looks one name up.
     *
     * @param name the lock's name
     * @return completes with its state now, {@link StoredLock#free} for a name that nobody holds; fails as {@link LockSession} says
     */
    CompletionStage<StoredLock> inspect(String name);

    /**
     * Looks up all names that somebody holds or waits for, under this backend's prefix.
     *
     * @return completes with them, in any order; fails as {@link LockSession} says
     */
    CompletionStage<List<StoredLock>> list();

    /**
     * Removes the holder of a name by force, whoever it is; its client learns within one renewal round (rule LO-5).
     *
     * @param name the lock's name
     * @param storeToken only a grant with this store token is removed; empty for any
     * @return completes with what happened; fails as {@link LockSession} says
     */
    CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong storeToken);

    /**
     * Looks whether the store is set up safely for locks; changes nothing in it.
     *
     * @return completes with at least one finding. A check that could not be made is a finding of verdict {@code UNKNOWN}. The default
     *     answers one such finding, which says that this backend makes no checks
     */
    default CompletionStage<List<StoreFinding>> diagnose() {
        return CompletableFuture.completedFuture(List.of(new StoreFinding(
                StoreFinding.Verdict.UNKNOWN,
                "diagnosis",
                "this backend cannot look at how its store is set up",
                "check persistence, clocks and rights by the store's own tools")));
    }

    /**
     * Ends the sessions that are still open, and the connection if this backend made it; a store client that was lent stays open. Ends
     * within a bounded time. Idempotent.
     */
    @Override
    void close();
}
