// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.name;

import io.holdfast.internal.session.LeaseDeadline;
import io.holdfast.internal.session.Leased;
import io.holdfast.internal.session.StoreSession;
import io.holdfast.spi.Contender;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import org.jspecify.annotations.Nullable;

/** One contender of ours in the store: in line, or, once it has its grant, holding. Guarded by its name's mutex. */
final class Place extends Leased {
    /** What a name is told of its place. Called under the name's mutex. */
    interface Told {
        /** Its lease has passed. */
        void expired(Place p);

        /** The store has it no more. */
        void gone(Place p, String why);

        /** A backend says that a grant was lost: this one's, or that of another client's contender with the same id. */
        void grantGone(Place p, Grant lost, String why);

        /** An acknowledged renewal, sent at a time, named it. */
        void renewal(Place p, @Nullable ContenderStatus status, long sentAt);

        /** Its renewal is overdue, or the machine was suspended. */
        void suspect(Place p);
    }

    private final Serial mutex;
    private final Told name;
    final StoreSession session;

    /** The store has acknowledged the place in line. */
    boolean acknowledged;

    /** The store has said that it is in line, and not that it is first. */
    boolean inLine;

    /** The store had deleted it already when its answer was still under way. */
    boolean vanished;

    /** When the grant was learned: what a renewal sent earlier says of this place is older than that. */
    long grantedAt;

    /** Hand-offs so far; the low 8 bits of the token. */
    int handoffs;

    /** When the engine asked for the renewal that must precede a hand-over (rule ME-3). */
    long confirmAskedAt;

    boolean confirmAsked;

    /** When its grant was first given to an owner: a run of hand-offs is counted from there (rule OR-3). */
    long givenAt;

    /** Just before its request was sent. */
    long sentAt;

    /** Something of our own was still leaving the store when its request was sent, and may have been what refused it. */
    boolean besideOwn;

    /** A place of a name, which is told of it and whose mutex guards it. */
    <N extends Serial & Told> Place(N name, StoreSession session, Contender contender, LeaseDeadline lease) {
        super(contender, lease);
        this.mutex = name;
        this.name = name;
        this.session = session;
    }

    /** What it holds; null while in line. */
    @Nullable
    Grant grant() {
        return grant;
    }

    /** It holds. */
    void granted(Grant learned, long at) {
        grantedAt = at;
        grant = learned;
    }

    @Override
    protected void expired() {
        mutex.deliver(() -> name.expired(this));
    }

    @Override
    protected void gone(String why) {
        mutex.deliver(() -> name.gone(this, why));
    }

    @Override
    protected void grantGone(Grant lost, String why) {
        mutex.deliver(() -> name.grantGone(this, lost, why));
    }

    @Override
    protected void renewal(@Nullable ContenderStatus status, long sentAt) {
        mutex.deliver(() -> name.renewal(this, status, sentAt));
    }

    @Override
    protected void suspect() {
        mutex.deliver(() -> name.suspect(this));
    }
}
