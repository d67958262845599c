// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What shows the store that a client is alive: the session lives while it is renewed within its lease, and what it holds with it.
 *
 * <p>The engine opens one session per client, renews it as often as {@link Capabilities} say, and counts its deadline. It opens another one
 * when the session is lost, past its deadline, or retired because the store did not confirm an undo within one lease. Thread-safe. A stage
 * fails with {@code LockUnavailableException} when the request surely did not take effect, with {@code LockOutcomeUnknownException} when it
 * may have, with {@code LockDeniedException} when the store refused the credentials.
 */
public interface LockSession {
    /**
     * The session's id in the store, for people and logs; no other session of the store has it (rule RE-6).
     *
     * @return not a secret
     */
    String id();

    /**
     * The lease in force: the one that was asked for, or the one that the store granted, whichever is shorter.
     *
     * @return a positive duration
     */
    Duration lease();

    /**
     * The session's basis, from which its lease is counted (rule ME-2): the time just before the client sent a request that by the store's
     * own rules restarts the session's lease, the newest one that the store has acknowledged. Acquiring, reading or watching moves it only
     * where the store says so. Read for {@link LeaseScope#SESSION} only.
     *
     * @return monotonic nanoseconds on the runtime's clock; never moves back
     */
    long basis();

    /**
     * Takes part in the contention for a name. Called under the name's mutex: it must not block, and may complete the
     * contender's stages before it returns. A blocking backend prepares here and sends in {@link Contender#start()}.
     *
     * @param request what is asked for. At most one contender of a name waits at any time; the release of an earlier grant of the name
     *     may be on its way meanwhile
     * @return the contender
     */
    Contender contend(LockRequest request);

    /**
     * Gives a grant back, by a compare-and-delete of this very grant, so that a late, repeated or reordered release never touches another
     * one (rule UO-3).
     *
     * @param grant a grant of this session
     * @return completes with true when the store removed it, false when it was gone before; exceptionally when that is unknown,
     *     and then the engine calls again
     */
    CompletionStage<Boolean> release(Grant grant);

    /**
     * Extends the lease and takes a second look at every contender, in one round. Several rounds may be on their way at once.
     *
     * <p>A round may take half a lease, counted from when it was sent (rule KE-3): a backend limits it by half of {@link #lease()}, and not
     * by {@code operation-timeout}, and lets it wait neither behind other requests nor behind an earlier round that hangs. The engine gives
     * no round up before that, and sends the next one at its time, whether the earlier ones were answered or not.
     *
     * @param contenders every contender of the session that holds or waits; may be empty
     * @return completes with what was learned; exceptionally when nothing was, at the latest half a lease after it was sent
     */
    CompletionStage<Renewal> renew(Collection<Contender> contenders);

    /**
     * Ends the session in the store, and with it everything it holds. Idempotent.
     *
     * <p>From the first call on nothing in the client may keep the session alive, whatever becomes of the request (rule CL-1): a store
     * client that pings or reconnects by itself is stopped, since the engine stops asking after a lease. A {@link #contend} that comes
     * later takes nothing, and fails.
     *
     * @return completes when the store confirmed; exceptionally when it did not. It fails with {@link
     *     io.holdfast.LockOutcomeUnknownException} when the answer was lost or the store does not serve the request now: then the engine
     *     calls again, also while its client closes
     */
    CompletionStage<@Nullable Void> close();
}
