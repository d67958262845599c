// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import java.time.Duration;
import java.util.Optional;

/** One acquisition by a worker, as the judges follow it. */
final class SimRequest {
    final SimClient client;
    final int incarnation;
    final String name;
    final boolean isTry;
    /** Nanoseconds of the client's clock; empty for a wait without limit. */
    final Optional<Long> limit;
    /** By true time and by the client's clock. */
    final long askedAt;

    final long askedAtLocal;

    /** The highest token of all holds of the name that had ended by then: this one's must be greater. */
    long floor;

    /** How many renewals the store client had broken by then. */
    final int renewalsBroken;

    /** Who asks; null when a handle is asked for. */
    SimOwner owner;

    /** What the owner had of the name when it asked, to be given up yet; null for nothing. */
    SimOwner.Holding holding;

    /** The owner held it then. */
    boolean reenters;

    /** The owner had lost it by then, and nobody had told so. */
    boolean lossUntold;

    boolean answered;
    boolean cancelled;

    SimRequest(SimClient client, String name, Optional<Duration> wait, long askedAt) {
        this.client = client;
        this.incarnation = client.node().incarnation();
        this.name = name;
        this.isTry = wait.isPresent() && wait.get().isZero();
        this.limit = wait.map(Duration::toNanos);
        this.askedAt = askedAt;
        this.renewalsBroken = client.faults().renewalsBroken();
        this.askedAtLocal = client.node().nanoTime();
    }

    void ownedBy(SimOwner asking) {
        owner = asking;
        holding = asking.of(name);
        if (holding != null) {
            reenters = holding.isValid();
            lossUntold = !reenters && holding.told++ == 0;
        }
    }

    /** Still waiting, in a process that lives. */
    boolean isWaiting() {
        return !answered && !cancelled && isCurrent();
    }

    boolean isCurrent() {
        return client.node().incarnation() == incarnation;
    }

    /** How long it has taken, by the client's clock. */
    long elapsed() {
        return client.node().nanoTime() - askedAtLocal;
    }

    @Override
    public String toString() {
        String how = isTry
                ? "try"
                : limit.map(l -> "wait of " + l / 1_000_000 + " ms").orElse("wait without limit");
        return how + " for " + name + " by " + client.node();
    }
}
