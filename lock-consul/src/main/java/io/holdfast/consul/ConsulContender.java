// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.LockDeniedException;
import io.holdfast.LockException;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.StagedContender;
import io.holdfast.spi.Withdrawal;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One key in Consul's line for a name, from its request to the end of its grant. It is created with its place and its token, and
 * is deleted as what it was created; nothing changes it in between. Its stages complete outside its lock.
 */
final class ConsulContender extends StagedContender {
    private static final int NO_SLOT = -1;

    private final ConsulSession session;
    private final Call call = new Call();
    private final Withdrawal removal = new Withdrawal(this::remove);

    // Guarded by this.
    private Stage stage = Stage.ASKED;
    private boolean givenUp;
    private int slot = NO_SLOT;
    private @Nullable OwnKey lane;
    private @Nullable Entry own;
    private @Nullable Entry predecessor;
    private @Nullable Grant grant;

    private enum Stage {
        /** Its request is being prepared, or on the way. */
        ASKED,
        WAITING,
        HOLDING,
        /** Its request may have been carried out, or may still be. */
        UNKNOWN,
        /** It is not in the store, and no request of it is on the way. */
        OVER
    }

    ConsulContender(ConsulSession session, LockRequest request) {
        super(request);
        this.session = session;
    }

    // ---- its request

    /** Sends the request on the caller's thread, which waits for the answer; later, on another one, when many are on their way. */
    @Override
    public void start() {
        session.admission().admit(new Admission.Contend() {
            @Override
            public boolean send() {
                return contend();
            }

            @Override
            public void refused() {
                failed(session.failures().unavailable("contend", "the client's executor takes no task"));
            }
        });
    }

    /** Whether Consul has served it. */
    private boolean contend() {
        try {
            int taken = takeSlot();
            OwnKey own = takeLane();
            String key = session.keys().contender(request().name(), session.id(), taken);
            Entrance.Entered entered = new Entrance(session, request(), key, own).enter(call);
            leaveLane();
            released.complete(entered.released());
            settle(entered.own(), entered.line());
            return true;
        } catch (RuntimeException | Error e) {
            failed(session.failures().known(e));
            return isGivenUp(); // which says nothing of Consul
        }
    }

    private synchronized boolean isGivenUp() {
        return givenUp;
    }

    private synchronized int takeSlot() {
        if (givenUp) {
            throw new LockUnavailableException(request() + " had been given up");
        }
        slot = session.slots().take(request().name(), request().contenderId());
        if (slot == NO_SLOT) {
            throw new LockUnavailableException("lock '" + request().name() + "': " + Slots.COUNT
                    + " earlier attempts are still being undone; wait until the store answers");
        }
        return slot;
    }

    private OwnKey takeLane() {
        OwnKey taken = session.lanes().take();
        synchronized (this) {
            lane = taken;
        }
        return taken;
    }

    /** What its request has done to the lane is known. */
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

    private void settle(Entry made, Line shown) {
        synchronized (this) {
            own = made;
            // Known from here on: giving it up deletes this entry, and needs no undo.
            stage = Stage.WAITING;
        }
        // Who waits is in line at once, and looks after the dead in the background; a try has only this moment.
        // By its own call: giving it up, or closing, lets the thread go that looks after the dead, too.
        Line line = request().enqueue()
                ? shown
                : cleared(shown, made, session.agent().asker(session.options().runtime(), call));
        if (line.place(made.key(), session.id()) == 0) {
            holding();
            answered.complete(Answer.GRANTED);
        } else if (request().enqueue()) {
            seen(line);
            answered.complete(Answer.WAITING);
            session.waitFor(this);
        } else {
            session.remove(made, session.asker());
            gone();
            answered.complete(Answer.BUSY);
        }
    }

    private void failed(LockException why) {
        boolean nothingDone;
        synchronized (this) {
            nothingDone = stage == Stage.ASKED && isSurelyNothing(why);
            if (stage == Stage.ASKED) {
                stage = Stage.UNKNOWN;
            }
        }
        if (nothingDone) {
            over();
        }
        granted.complete(null);
        released.completeExceptionally(why);
        answered.completeExceptionally(why);
    }

    /**
     * Nothing of it has left, or Consul looks at rights first. Whatever else was answered is the answer to one copy, and says nothing of
     * another one that somebody on the way has made of it (rule UO-4): one more may come, or may have been carried out before.
     */
    private boolean isSurelyNothing(LockException why) {
        return call.reached() == 0 || (call.reached() == 1 && why instanceof LockDeniedException);
    }

    // ---- its turn

    /**
     * Looks at the line as it is now, and takes the grant when this is its first.
     *
     * @param asker whose request it is
     */
    void look(Agent.Asker asker) {
        Entry known = own();
        if (isWaiting() && known != null) {
            seen(cleared(session.line(request().name(), asker), known, asker));
        }
    }

    private Line cleared(Line line, Entry known, Agent.Asker asker) {
        return session.cleared(
                line, line.place(known.key(), session.id()), request().name(), asker);
    }

    private void seen(Line line) {
        Entry known = own();
        int place = known == null ? -1 : line.place(known.key(), session.id());
        if (known != null && line.entries().stream().anyMatch(entry -> entry.isDead() && entry.isSame(known))) {
            dead(known);
        } else if (known == null || place < 0 || !line.entries().get(place).isSame(known)) {
            gone();
        } else if (place == 0) {
            holding();
        } else {
            synchronized (this) {
                predecessor = line.entries().get(place - 1);
            }
        }
    }

    /** Its session has ended, and its key would shut the lock for as long as a holder's lease, though it waited only. */
    private void dead(Entry known) {
        synchronized (this) {
            if (stage != Stage.WAITING) {
                return; // an older answer had it hold: it is valid until a renewal says otherwise, and its key stays
            }
            stage = Stage.UNKNOWN; // from here on no older answer has it hold
        }
        try {
            session.remove(known, session.asker());
        } finally {
            gone();
        }
    }

    /** It is first in line, says a consistent answer. */
    private void holding() {
        Grant known;
        synchronized (this) {
            if (stage != Stage.WAITING || own == null) {
                return;
            }
            stage = Stage.HOLDING;
            grant = new Grant(request().name(), request().contenderId(), own.created(), session.basis(), this);
            known = givenUp ? null : grant;
        }
        session.stopWaiting(this);
        if (known != null) { // else whoever gave it up removes it
            granted.complete(known);
        }
    }

    /** It has no key any more, and will get no grant. */
    void gone() {
        over();
        granted.complete(null);
    }

    /** Its key was found to be gone, past a renewal that is answered. */
    void taken() {
        Grant lost;
        synchronized (this) {
            lost = stage == Stage.HOLDING ? grant : null;
        }
        gone();
        if (lost != null) {
            session.grantLost(lost);
        }
    }

    /** It is not in the store, and nothing of it will come: its slot is free. */
    void over() {
        int freed;
        synchronized (this) {
            if (stage == Stage.OVER) {
                return;
            }
            stage = Stage.OVER;
            freed = slot;
        }
        session.stopWaiting(this);
        leaveLane();
        if (freed != NO_SLOT) {
            session.slots().free(request().name(), freed);
        }
        session.forget(this);
    }

    /** The session is closed in this process: nobody waits any more. */
    void abandon() {
        call.breakOff("the session was closed");
        session.stopWaiting(this);
        granted.complete(null);
    }

    // ---- what others ask

    synchronized boolean isWaiting() {
        return !givenUp && stage == Stage.WAITING && own != null;
    }

    /** Its key while it is to be there; null when there is nothing to look for. */
    synchronized @Nullable Entry lookedFor() {
        return !givenUp && (stage == Stage.WAITING || stage == Stage.HOLDING) ? own : null;
    }

    /** What a look that found its key says of it. */
    synchronized ContenderStatus status() {
        if (stage == Stage.HOLDING && grant != null) {
            return new ContenderStatus.Holding(grant);
        }
        return stage == Stage.WAITING ? ContenderStatus.WAITING : ContenderStatus.UNKNOWN;
    }

    synchronized @Nullable Entry own() {
        return own;
    }

    /** The key that it may have in the store; empty when it surely has none. */
    synchronized Optional<String> key() {
        return slot == NO_SLOT || stage == Stage.OVER
                ? Optional.empty()
                : Optional.of(session.keys().contender(request().name(), session.id(), slot));
    }

    /** Who was before it when it last looked. */
    synchronized @Nullable Entry predecessor() {
        return predecessor;
    }

    ConsulSession session() {
        return session;
    }

    /** Before the answer it lets the request's thread go, and removes what may be there when that has ended. */
    @Override
    public CompletionStage<@Nullable Void> withdraw() {
        synchronized (this) {
            givenUp = true;
        }
        call.breakOff("it was given up");
        session.stopWaiting(this);
        granted.complete(null);
        return removal.run();
    }

    private CompletionStage<@Nullable Void> remove() {
        return answered.handle((answer, failure) -> null)
                // Not on the thread that asked: its owner has given up, and is let go.
                .thenComposeAsync(settled -> leave(), session::execute)
                .thenRun(this::over);
    }

    private CompletionStage<@Nullable Void> leave() {
        Entry known;
        OwnKey unknown;
        synchronized (this) {
            known = stage == Stage.OVER ? null : own;
            unknown = stage == Stage.UNKNOWN ? lane : null;
        }
        if (unknown != null) {
            return session.undo(session.keys().contender(request().name(), session.id(), slotTaken()), unknown);
        }
        if (known != null) {
            session.remove(known, session.asker());
        }
        return CompletableFuture.completedFuture(null);
    }

    private synchronized int slotTaken() {
        return slot;
    }

    @Override
    public String toString() {
        return request() + " in session " + session.id();
    }
}
