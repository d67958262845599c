// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi.line;

/**
 * What a line tells of a session unasked. Calls are accepted on any thread and may be repeated; they never block on the store, and the
 * caller holds no lock that a call into the line needs (rule SP-2).
 */
public interface LineEvents {
    /**
     * Something changed before a contender that waits, or a message about it was lost: the store is asked where it is, by one look at a
     * time. This is a hint, which may be wrong, late, or come twice; it decides nothing (rules WA-7, SP-8). With a line that blocks, this
     * call may wait for the answer to that look.
     *
     * @param ticket the contender's; one that is not waiting is left alone
     * @return false when no contender here has this ticket
     */
    boolean woken(Ticket ticket);

    /**
     * A message from the store says that a contender holds, and is as good as an answer: it is proven to come from the store, it came in
     * the order in which the store acted, and no message before it was lost. Where one of these is not sure, call {@link #woken}.
     *
     * @param ticket the contender's
     * @param token of its grant
     * @return false when no contender here has this ticket, so that nobody owns the grant: the line gives it back, or leaves it to its
     *     lease
     */
    boolean granted(Ticket ticket, long token);

    /**
     * A contender was removed from the store by somebody else, while its session lives (rule LO-5).
     *
     * @param ticket the contender's
     * @param token of its grant or place; another one of this ticket is left alone
     * @param why for people, without secrets
     */
    void gone(Ticket ticket, long token, String why);

    /**
     * The store has acknowledged a request that by its own rules restarts the session's lease, which is counted from that request now (rule
     * ME-2). With a lease per session a renewal calls it before its stage completes, unless its answer proves nothing yet; which other
     * requests call it depends on the store. With a lease per grant it means nothing.
     *
     * @param sentAt monotonic nanoseconds on the session's clock, just before that request was sent; an older one than before changes
     *     nothing
     */
    void kept(long sentAt);

    /**
     * The session is in doubt, as in {@link io.holdfast.spi.SessionEvents#sessionSuspect}.
     *
     * @param why for people, without secrets
     */
    void suspect(String why);

    /**
     * The store has ended the session, or the line has proof that it will: all its contenders are gone.
     *
     * @param why for people, without secrets
     */
    void lost(String why);
}
