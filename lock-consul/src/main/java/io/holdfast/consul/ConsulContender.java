// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.LockDeniedException;
import io.holdfast.LockException;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.line.Ticket;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What Consul has of a contender, as far as its requests have shown: one key, created with its place and its token, and deleted as what it
 * was created; nothing changes it in between. Thread-safe.
 */
final class ConsulContender {
    private static final int NO_SLOT = -1;

    private final ConsulSession session;
    private final Ticket ticket;
    private final Call call = new Call();

    // Guarded by this.
    private boolean unwanted;
    private boolean watched;
    private boolean first;
    private boolean ended;
    private int slot = NO_SLOT;
    private @Nullable OwnKey lane;
    private @Nullable KeyEntry own;
    private @Nullable KeyEntry predecessor;
    private long lineOfTwo;

    ConsulContender(ConsulSession session, Ticket ticket) {
        this.session = session;
        this.ticket = ticket;
    }

    ConsulSession session() {
        return session;
    }

    Ticket ticket() {
        return ticket;
    }

    // ---- its request

    /** What its request is sent by, and broken off by. */
    Call call() {
        return call;
    }

    /** Nobody wants the answer any more: the thread that waits for it is let go. */
    void unwanted() {
        synchronized (this) {
            unwanted = true;
        }
        call.breakOff("it was given up");
    }

    synchronized boolean isUnwanted() {
        return unwanted;
    }

    /** Takes a number for its key, and a lane for its request. */
    synchronized OwnKey begin() {
        if (unwanted) {
            throw new LockUnavailableException(this + " had been given up");
        }
        slot = session.slots().take(ticket.name(), ticket.contenderId());
        if (slot == NO_SLOT) {
            throw new LockUnavailableException("lock '" + ticket.name() + "': " + Slots.COUNT
                    + " earlier attempts are still being undone; wait until the store answers");
        }
        OwnKey taken = session.lanes().take();
        lane = taken;
        return taken;
    }

    /** Its key was made, as the answer shows it: what its request has done to the lane is known, too. */
    void entered(KeyEntry made) {
        synchronized (this) {
            own = made;
        }
        leaveLane();
    }

    /**
     * Nothing of it has left, or Consul looks at rights first. Whatever else was answered is the answer to one copy, and says nothing of
     * another one that somebody on the way has made of it (rule UO-4): one more may come, or may have been carried out before.
     */
    boolean isSurelyNothing(LockException why) {
        return own() == null && (call.reached() == 0 || (call.reached() == 1 && why instanceof LockDeniedException));
    }

    private void leaveLane() {
        OwnKey left;
        synchronized (this) {
            left = lane;
            lane = null;
        }
        if (left != null) {
            session.lanes().giveBack(left);
        }
    }

    /** It is not in Consul, and nothing of it will come: its number and its lane are free for others. */
    void over() {
        leaveLane();
        int freed;
        synchronized (this) {
            freed = slot;
            slot = NO_SLOT;
        }
        if (freed != NO_SLOT) {
            session.slots().free(ticket.name(), freed);
        }
    }

    // ---- its turn

    /** Whether somebody wants to hear when its turn comes. */
    synchronized void watched(boolean wanted) {
        watched = wanted;
    }

    /** Whether it is in line, and somebody wants to hear when its turn comes. */
    synchronized boolean isWaiting() {
        return watched && !first && !ended && own != null;
    }

    /** A consistent answer has it first in line. @return whether none has before, and none may say otherwise */
    synchronized boolean isFirstNow() {
        boolean news = !first && !ended;
        first |= news;
        return news;
    }

    /** Its session has ended while it waited: from here on no older answer has it hold. @return false when one has before */
    synchronized boolean endsUnlessFirst() {
        ended |= !first;
        return ended;
    }

    /**
     * A consistent answer has it somewhere behind the first.
     *
     * @param place 1 for the one behind it
     * @param index of the answer; 0 when it is not known
     */
    synchronized void stands(Line line, int place, long index) {
        predecessor = line.entries().get(place - 1);
        lineOfTwo = line.entries().size() == 2 ? index : 0;
    }

    /** The index at which the line was the first one and this one, when it last looked; 0 for any other line. */
    synchronized long lineOfTwo() {
        return lineOfTwo;
    }

    /** Who was before it when it last looked. */
    synchronized @Nullable KeyEntry predecessor() {
        return predecessor;
    }

    /**
     * Looks at the line as it is now, and tells when its turn has come.
     *
     * @param asker whose request it is
     */
    void look(Agent.Asker asker) {
        if (isWaiting()) {
            sees(session.line(ticket.name(), asker), 0, asker);
        }
    }

    /**
     * The same by a consistent answer that is there.
     *
     * @param index of the answer; 0 when it is not known
     */
    void sees(Line shown, long index, Agent.Asker asker) {
        KeyEntry known = own();
        if (known == null || !isWaiting()) {
            return;
        }
        Line line = session.cleared(shown, shown.place(known.key(), session.id()), ticket.name(), asker);
        int place = line.place(known.key(), session.id());
        if (line.entries().stream().anyMatch(entry -> entry.isDead() && entry.isSame(known))) {
            dead(known);
        } else if (place < 0 || !line.entries().get(place).isSame(known)) {
            session.gone(this);
        } else if (place == 0) {
            session.first(this, known);
        } else {
            stands(line, place, index);
        }
    }

    /** Its session has ended, and its key would shut the lock for as long as a holder's lease, though it waited only. */
    private void dead(KeyEntry known) {
        if (!endsUnlessFirst()) {
            return; // an older answer had it hold: it is valid until a renewal says otherwise, and its key stays
        }
        try {
            session.own().remove(known, session.asker());
        } finally {
            session.gone(this);
        }
    }

    // ---- its key

    /** Its key, once an answer has shown it. */
    synchronized @Nullable KeyEntry own() {
        return own;
    }

    /** Its key while somebody wants it to be there; null when there is nothing to look for. */
    synchronized @Nullable KeyEntry lookedFor() {
        return unwanted || slot == NO_SLOT ? null : own;
    }

    /** The lane of a request that was sent, and of which it is not known what it has done to it. */
    synchronized @Nullable OwnKey lane() {
        return lane;
    }

    /** The key that it may have in Consul; empty when it surely has none. */
    synchronized Optional<String> key() {
        return slot == NO_SLOT
                ? Optional.empty()
                : Optional.of(session.keys().contender(ticket.name(), session.id(), slot));
    }

    @Override
    public String toString() {
        return ticket + " in session " + session.id();
    }
}
