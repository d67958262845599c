// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One contender of ours in the store: in line, or, once it has its grant, holding. Guarded by its name's mutex. */
final class Place {
    final NameState state;
    final StoreSession session;
    final Contender contender;

    /** Of the session, or of this contender alone where each grant has its own lease. */
    final LeaseDeadline lease;

    /** The store has acknowledged the place in line. */
    boolean acknowledged;

    /** The store had deleted it already when its answer was still under way. */
    boolean vanished;

    /** Null while in line. Written under the mutex, read by the renewal round too. */
    volatile @Nullable Grant grant;

    /** When the grant was learned: what a renewal sent earlier says of this place is older than that. */
    volatile long grantedAt;

    /** Hand-offs so far; the low 8 bits of the token. */
    int handoffs;

    /** When the engine asked for the renewal that must precede a hand-over (rule ME-3). */
    long confirmAskedAt;

    boolean confirmAsked;

    /** When its grant was first given to an owner: a run of hand-offs is counted from there (rule OR-3). */
    long givenAt;

    /** Just before its request was sent. */
    long sentAt;

    Place(NameState state, StoreSession session, Contender contender, LeaseDeadline lease) {
        this.state = state;
        this.session = session;
        this.contender = contender;
        this.lease = lease;
    }

    /** The grant of a place that has one. */
    Grant granted() {
        return Objects.requireNonNull(grant, "a grant");
    }

    long id() {
        return contender.request().contenderId();
    }
}
