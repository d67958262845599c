// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.session;

import io.holdfast.spi.Contender;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A contender whose place in the store lives by a session's renewals, and what it is told of them.
 *
 * <p>What is told comes on a thread of the store or a timer, which must not be held up: each of these methods hands it on and
 * returns.
 */
public abstract class Leased {
    /** What the backend made of the request. */
    public final Contender contender;

    /** Of the session, or of this contender alone where each grant has its own lease. */
    public final LeaseDeadline lease;

    /** Null while in line. Written under the mutex of its name, read by the renewal round too. */
    protected volatile @Nullable Grant grant;

    /** A place of a contender. */
    protected Leased(Contender contender, LeaseDeadline lease) {
        this.contender = contender;
        this.lease = lease;
    }

    /** Its contender's id. */
    public final long id() {
        return contender.request().contenderId();
    }

    /** Whether it has a grant. */
    final boolean isGranted() {
        return grant != null;
    }

    /** The grant of a place that has one. */
    public final Grant granted() {
        return Objects.requireNonNull(grant, "a grant");
    }

    /** Its lease has passed. */
    protected abstract void expired();

    /** The store has it no more. */
    protected abstract void gone(String why);

    /** A grant was lost, says a backend; of another client's contender, maybe, since ids are unique in a client only. */
    protected abstract void grantGone(Grant lost, String why);

    /** An acknowledged renewal, sent at a time, named it. */
    protected abstract void renewal(@Nullable ContenderStatus status, long sentAt);

    /** Its renewal is overdue, or the machine was suspended. */
    protected abstract void suspect();
}
