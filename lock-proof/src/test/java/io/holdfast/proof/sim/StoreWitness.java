// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

/** What the judges want to hear of a store and of the backends that speak to it. */
interface StoreWitness {
    /** Why the store has removed a contender. */
    enum Cause {
        RELEASED,
        WITHDRAWN,
        EXPIRED,
        CLOSED,
        FORCED,
        /** The store has lost it: evicted, failed over, wiped, or ended before its lease by a clock that was set. */
        FORGOTTEN
    }

    /** A contender has got a place. */
    void placed(SimTicket ticket);

    /** A contender is the first in line: it holds, by the store's rules. */
    void first(SimTicket ticket);

    /** A request of one contender has removed a contender, which should be the same. */
    void removed(SimTicket removed, Cause cause, SimTicket by);

    /** A store that failed over has a contender again that it had lost. */
    void returned(SimTicket ticket);

    /** The engine has begun to contend. */
    void sent(SimTicket ticket, JudgedSession session);

    /** The engine's withdrawal has been confirmed. */
    void withdrawConfirmed(SimTicket ticket);
}
