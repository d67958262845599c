// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi.line;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What a store answers to one session. Each method is one request, or a few that make one step; none waits for a lock, keeps what becomes
 * of a contender, or knows what was withdrawn: {@link LineBackend} does.
 *
 * <p>A stage that fails does so with {@code LockUnavailableException} when the request surely did nothing and no copy of it will, with
 * {@code LockOutcomeUnknownException} when it may have done something, with {@code LockDeniedException} when the store refused the
 * credentials. Any other exception, also one that is thrown, counts as an unknown outcome. Thread-safe; called under no lock. Where {@link
 * io.holdfast.spi.Capabilities#blocking()} says so, a method may wait for its answer on the thread that calls; {@link #watch}, {@link
 * #unwatch} and {@link #detach} never do, nor {@link #leave} and {@link #undo}, which are called on the thread that completed an entry.
 */
public interface LineSession {
    /**
     * The session's id in the store, for people and logs.
     *
     * @return not a secret; unique among all sessions of the store
     */
    String id();

    /**
     * The lease in force: the one that was asked for, or the one that the store granted, whichever is shorter.
     *
     * @return a positive duration
     */
    Duration lease();

    /**
     * When the request that opened the session was sent.
     *
     * @return monotonic nanoseconds on the session's clock, just before the request left (rule ME-2)
     */
    long openedAt();

    /**
     * Takes a place in line, and gives up another grant of the same name and session in the same step, before it.
     *
     * @param ticket the contender's; entered by this method once at most
     * @param enqueue whether it stays when somebody else holds; a try leaves nothing behind when it is refused (rule WA-4)
     * @param releasing the contender whose grant is given up, compared with its token; null for none
     * @param unwanted completes, on any thread, when nobody wants the answer any more: a thread that waits for it may be let go then,
     *     and what was not sent need not be. Whatever was sent is left or undone afterwards, as ever
     * @return completes with the store's answer; where the exception alone does not say whether anything was done, {@link Entry#refused}
     *     and {@link Entry#undecided} do
     */
    CompletionStage<Entry> enter(Ticket ticket, boolean enqueue, @Nullable Held releasing, CompletionStage<?> unwanted);

    /**
     * Gives a grant back: compare-and-delete on this very grant (rule UO-3).
     *
     * @param held the contender and its grant's token
     * @return completes with true when the store removed it, false when it was gone before
     */
    CompletionStage<Boolean> release(Held held);

    /**
     * Gives up the place of a contender that was answered, whether it waits or holds by now.
     *
     * @param ticket the contender's
     * @param token of the seat that was seen last
     * @return completes when it is not there
     */
    CompletionStage<?> leave(Ticket ticket, long token);

    /**
     * Undoes an entry whose outcome is unknown. When it is confirmed, nothing of the entry is there, and a copy of it that comes later
     * does nothing (rule UO-2). Never sent before the entry's stage has completed.
     *
     * @param ticket the contender's
     * @return completes when the store confirmed
     */
    CompletionStage<?> undo(Ticket ticket);

    /**
     * Restarts the leases and looks at every contender named. With a lease per session the session's is restarted, also when no
     * contender is named, and {@link LineEvents#kept} says since when. With a lease per grant each contender's own is, and counts from
     * just before this call.
     *
     * @param tickets of those that wait or hold; may be empty
     * @return completes with what was learned: a contender whose ticket has no entry is as it was. It completes exceptionally when nothing
     *     was learned, at the latest half a lease after the request was sent (rule KE-3)
     */
    CompletionStage<Map<Ticket, Seat>> renew(List<Ticket> tickets);

    /**
     * Looks at one contender by a read that is not older than this call: after a wake-up. With a lease per grant it restarts that lease.
     * The default renews.
     *
     * @param ticket of one that waited when it was seen last
     * @return completes with its seat
     */
    default CompletionStage<Seat> look(Ticket ticket) {
        return renew(List.of(ticket))
                .thenApply(seats -> Objects.requireNonNull(seats.get(ticket), "nothing was learned"));
    }

    /**
     * Has {@link LineEvents#woken} called when a contender may have moved up since its seat was seen. Called again whenever the contender
     * was seen waiting; a watch that is in force for the same seat stays. What cannot be watched is found by renewals. The default does
     * nothing.
     *
     * @param ticket of one that waits
     * @param seen its seat
     */
    default void watch(Ticket ticket, Seat seen) {}

    /**
     * Ends {@link #watch}. The default does nothing.
     *
     * @param ticket one that was watched, or not
     */
    default void unwatch(Ticket ticket) {}

    /**
     * Ends the session in the store and with it all that it holds; asked only where the lease is the session's. From the call on nothing
     * keeps the session alive (rule CL-1).
     *
     * @return completes when the store confirmed; after a failure it is called again
     */
    CompletionStage<?> end();

    /** Ends what the line keeps for the session in this process: subscriptions, timers, connections of its own. Called once. */
    void detach();

    /**
     * A contender that holds.
     *
     * @param ticket the contender's
     * @param token its grant's
     */
    record Held(Ticket ticket, long token) {}
}
