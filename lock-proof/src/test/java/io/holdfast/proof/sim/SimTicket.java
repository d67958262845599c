// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

/** A contender as the judges know it: it goes along with each request, unseen by the store's own rules. */
final class SimTicket {
    final String name;
    final String process;
    final long contenderId;

    /** When its first request left, and when its answer came, in true time; -1 before. */
    long sentAt = -1;

    long acknowledgedAt = -1;

    /** The store's token, once it has a place. */
    long token;

    /** How many places the store has given it. */
    int places;

    /** Its store has lost what it needs to keep tokens increasing. */
    boolean tokenMayRegress;

    /** Its store has lost what keeps copies of its contend from taking effect. */
    boolean tombstoneLost;

    boolean first;
    boolean removed;

    /** Its client has learned that the store does not have it any more, without its doing. */
    boolean vanished;

    /** When the engine began to withdraw it, and when the store confirmed; -1 before. */
    long withdrawnAt = -1;

    long withdrawConfirmedAt = -1;

    SimTicket(String name, String process, long contenderId) {
        this.name = name;
        this.process = process;
        this.contenderId = contenderId;
    }

    @Override
    public String toString() {
        return process + "#" + contenderId + " for " + name + (token == 0 ? "" : " (token " + token + ")");
    }
}
