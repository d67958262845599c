// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A client's unit of liveness in the store: it lives while it is renewed within its lease.
 *
 * <p>The engine opens one session a client, renews it by {@link Capabilities}, counts its deadline, and replaces it when it is
 * lost, past its deadline or retired (an undo that the store did not confirm within one lease). Thread-safe. A stage that fails
 * does so with {@code LockUnavailableException} when the request surely did not take effect, with {@code
 * LockOutcomeUnknownException} when it may have, with {@code LockDeniedException} when the store refused the credentials.
 */
public interface LockSession {
    /**
     * The session's id in the store, for people and logs; no other session of the store has it (rule RE-6).
     *
     * @return not a secret
     */
    String id();

    /**
     * The lease in force: the smaller of the asked and the granted one.
     *
     * @return a positive duration
     */
    Duration lease();

    /**
     * The session's basis (rule ME-2): monotonic time just before the newest acknowledged request that by the store's own rules
     * restarted the session's lease was sent. Acquiring, reading or watching moves it only where the store says so. Read for
     * {@link LeaseScope#SESSION} only.
     *
     * @return monotonic nanoseconds on the runtime's clock; never moves back
     */
    long basis();

    /**
     * Takes part in the contention for a name. Called under the name's mutex: it must not block, and may complete the
     * contender's stages before it returns. A blocking backend prepares here and sends in {@link Contender#start()}.
     *
     * @param request what is asked for; at most one contender a name is waiting at any time, while the release of an earlier
     *     grant of the name may be in flight
     * @return the contender
     */
    Contender contend(LockRequest request);

    /**
     * Gives a grant back: compare-and-delete on this very grant, so that a late, repeated or reordered release never touches
     * another one (rule UO-3).
     *
     * @param grant a grant of this session
     * @return completes with true when the store removed it, false when it was gone before; exceptionally when that is unknown,
     *     and then the engine calls again
     */
    CompletionStage<Boolean> release(Grant grant);

    /**
     * Extends the lease and takes a second look at every contender: heartbeat, renewal and check in one. Several may be in
     * flight together.
     *
     * <p>A round may take until half a lease has passed since it was sent (rule KE-3). It is no operation of {@code
     * operation-timeout}: a backend limits it by half of {@link #lease()}, whatever that setting says, and lets it wait behind no other
     * request, nor behind an earlier round that hangs. The engine gives no round up before that, and sends the next one in its time
     * whether the earlier ones were answered or not.
     *
     * @param contenders every contender of the session that holds or waits; may be empty
     * @return completes with what was learned; exceptionally when nothing was, at the latest half a lease after it was sent
     */
    CompletionStage<Renewal> renew(Collection<Contender> contenders);

    /**
     * Ends the session in the store, and with it everything it holds. Idempotent. From the first call on nothing in the client keeps the
     * session alive, whatever becomes of the request (rule CL-1): a store client that pings or reconnects by itself is stopped, since the
     * engine stops asking after a lease. A contend that comes after it takes nothing, and fails.
     *
     * @return completes when the store confirmed; exceptionally when it did not. With {@link io.holdfast.LockOutcomeUnknownException}, for an answer
     *     that was lost or a store that does not serve it now, the engine calls again, also while its client closes
     */
    CompletionStage<@Nullable Void> close();
}
