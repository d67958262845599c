// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

import io.holdfast.LockLoss;
import io.holdfast.ReleaseOutcome;
import io.holdfast.internal.Waiter.Patience;
import io.holdfast.spi.ContenderStatus;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/*
 * Overview. Application threads enter with acquire, withdraw and release; the store and the timers deliver events. Each of them
 * changes one of three parts, the waiters, the contention, the possession, and ends with proceed(), which looks at all three and
 * takes the next step:
 *
 *   somebody holds, or a minimum hold keeps the grant     nothing
 *   a grant is free                                       offer it to the first waiter, or give it back
 *   somebody waits                                        contend
 *   nobody waits                                          leave the store's line
 *   nothing is left                                       the name is dropped
 */
/** What one client knows and wants of one name. */
final class NameState extends Serial {
    final String name;
    private final EngineClient client;
    private final WaitLine waiters;
    private final Contention contention;
    private final Possession possession;

    // Guarded by the mutex.
    private boolean dropped;

    /** Whether requests that come of the action under way may block the thread that runs it. */
    private boolean inline;

    NameState(String name, EngineClient client) {
        this.name = name;
        this.client = client;
        this.waiters = new WaitLine(this, client.counters());
        this.contention = new Contention(this, client, waiters);
        this.possession = new Possession(this, client, waiters, contention);
    }

    Possession possession() {
        return possession;
    }

    /** Takes the next step. Under the mutex, at the end of every change. */
    void proceed() {
        if (!possession.isIdle()) {
            possession.offer();
        }
        if (possession.isIdle()) {
            if (waiters.isEmpty()) {
                contention.abandon();
            } else {
                contention.pursue();
            }
        }
        if (!dropped && waiters.isEmpty() && possession.isIdle() && contention.isIdle()) {
            dropped = true;
            client.drop(this);
            after(client::backgroundMoved);
        }
    }

    /** Has a request sent after the mutex is left: on this thread, unless it might block one that must not be blocked. */
    void callStore(Runnable request) {
        boolean mayBlock = inline;
        after(() -> client.callStore(request, mayBlock));
    }

    // -- what owners do --

    /**
     * Adds a waiter or re-enters.
     *
     * @param mayBlock whether the calling thread may wait for a request
     * @return false when this state has been dropped and the caller must look the name up again
     */
    boolean acquire(Waiter w, boolean mayBlock) {
        return this.<Boolean>enter(() -> {
            if (dropped) {
                return false;
            }
            inline = mayBlock;
            try {
                admit(w);
                proceed();
            } finally {
                inline = false;
            }
            return true;
        });
    }

    private void admit(Waiter w) {
        if (client.isClosed()) {
            w.fail(client.failures().closed(name), this);
            return;
        }
        Hold h = possession.validHold();
        if (h != null && h.owner.equals(w.owner)) {
            possession.reenter(h, w);
            return;
        }
        LockLoss lost = client.lostHolds().onEnter(name, w.owner);
        if (lost != null) {
            w.fail(client.failures().lost(lost), this);
        } else if (w.isTry() && (possession.isTaken() || waiters.wantsPlace())) {
            refuse(w); // hopeless without asking: of this client somebody holds, or is in line before it
        } else {
            waiters.add(w);
            armLimit(w);
        }
    }

    private void refuse(Waiter w) {
        if (!possession.isTaken() && client.outage().isOn()) {
            w.fail(client.failures().unavailable(name, "the store is out of reach", contention.lastFailure()), this);
        } else {
            w.settle(Waiter.State.REFUSED, this);
        }
    }

    /** Takes a waiter back. @return true when it was still waiting; false when it was settled before */
    boolean withdraw(Waiter w) {
        return this.<Boolean>enter(() -> {
            boolean was = waiters.remove(w);
            if (was) {
                w.settle(Waiter.State.WITHDRAWN, this);
                proceed();
            }
            return was;
        });
    }

    private void armLimit(Waiter w) {
        long limit = w.isTry()
                ? Durations.saturatedNanos(client.settings().operationTimeout())
                : w.options.waitLimit().map(Durations::saturatedNanos).orElse(Long.MAX_VALUE);
        if (w.patience != Patience.ENDLESS && limit != Long.MAX_VALUE) {
            long left = Math.max(0, limit - (client.clock().nanoTime() - w.since));
            w.timer = client.schedule(() -> deliver(() -> limitPassed(w)), left);
        }
    }

    private void limitPassed(Waiter w) {
        if (!waiters.remove(w)) {
            return;
        }
        boolean storeDecides = !possession.isTaken();
        boolean unanswered = possession.isIdle() && contention.isUnanswered(w);
        if (storeDecides && (unanswered || client.outage().isOn())) {
            w.fail(
                    client.failures()
                            .unavailable(
                                    name, "the store gave no answer within the wait limit", contention.lastFailure()),
                    this);
        } else {
            w.settle(Waiter.State.REFUSED, this);
        }
        proceed();
    }

    /**
     * Gives up one level of the owner's hold.
     *
     * @return what the store says, when it is asked
     * @throws io.holdfast.LockLostException when the hold was lost
     * @throws IllegalMonitorStateException when the owner has none
     */
    CompletionStage<ReleaseOutcome> release(Owner owner) {
        return this.<CompletionStage<ReleaseOutcome>>enter(() -> {
            Hold h = possession.validHold();
            if (h != null && h.owner.equals(owner)) {
                return leave(h, true);
            }
            proceed(); // looking may have found the hold's lease passed
            throw client.notHeld(name, owner);
        });
    }

    /** Gives up a hold, whoever calls; NOT_HELD when it has ended. */
    CompletionStage<ReleaseOutcome> release(Hold expected, boolean mayBlock) {
        return this.<CompletionStage<ReleaseOutcome>>enter(() -> {
            if (possession.validHold() == expected) {
                return leave(expected, mayBlock);
            }
            proceed();
            return CompletableFuture.completedFuture(ReleaseOutcome.NOT_HELD);
        });
    }

    /** Gives up a hold that its owner never got to know, because the wait was interrupted or cancelled as it was granted. */
    CompletionStage<ReleaseOutcome> discard(Hold unwanted, boolean mayBlock) {
        this.<Boolean>enter(() -> {
            if (unwanted.count() == 1) {
                unwanted.minimumNanos = 0;
            }
            return true;
        });
        return release(unwanted, mayBlock);
    }

    private CompletionStage<ReleaseOutcome> leave(Hold h, boolean mayBlock) {
        if (!h.leave()) {
            return CompletableFuture.completedFuture(ReleaseOutcome.RELEASED);
        }
        inline = mayBlock;
        try {
            CompletionStage<ReleaseOutcome> outcome = possession.end(h);
            proceed();
            return outcome;
        } finally {
            inline = false;
        }
    }

    /** The hold in force; read without the mutex. */
    @Nullable
    Hold hold() {
        return possession.hold();
    }

    /** The owner's hold, valid or not yet known to be over; read without the mutex. */
    @Nullable
    Hold holdOf(Owner owner) {
        Hold h = possession.hold();
        return h != null && h.owner.equals(owner) ? h : null;
    }

    /** Registers a loss action for a hold. @return the loss when the caller must run the action itself */
    @Nullable
    LockLoss onLost(Hold h, Consumer<LockLoss> action) {
        LockLoss[] already = new LockLoss[1];
        this.<Boolean>enter(() -> {
            already[0] = h.onLost(action);
            return true;
        });
        return already[0];
    }

    // -- what the client and its sessions deliver --

    /** An owner is gone for good. */
    void endByForce(Hold h, String why) {
        possession.endByForce(h, why);
    }

    /** The lease of a place has passed. */
    void expired(Place p) {
        if (possession.isOf(p)) {
            possession.expired(p);
        } else if (contention.isFor(p)) {
            contention.expired(p);
        }
        proceed();
    }

    /** The store does not have a place any more. */
    void gone(Place p, String why) {
        if (possession.isOf(p)) {
            possession.lose(p, why);
        } else if (contention.isFor(p)) {
            contention.gone(p);
        }
        proceed();
    }

    /** An acknowledged renewal named a place. */
    void renewal(Place p, @Nullable ContenderStatus status, long sentAt) {
        if (status instanceof ContenderStatus.Holding h) {
            contention.granted(p, h.grant());
        } else if (status instanceof ContenderStatus.Gone) {
            gone(p, "the store no longer has it");
        } else if (status instanceof ContenderStatus.Waiting && possession.isOf(p) && p.grantedAt - sentAt < 0) {
            // In line, says a renewal sent after the grant was learned: the store has forgotten the grant.
            contention.undo(p);
            gone(p, "the store has put it back in line");
        }
        possession.renewed(p);
    }

    /** The renewal of a place is overdue, or the machine was suspended. */
    void suspect(Place p) {
        possession.suspect(p);
    }

    /** The outage goes on. */
    void outageGoesOn() {
        contention.failOverdue();
        proceed();
    }

    void sessionFailed(RuntimeException why) {
        contention.sessionFailed(why);
        proceed();
    }

    // -- closing --

    /** Ends every wait and hold because the client closes. */
    void close(boolean releaseInStore) {
        this.<Boolean>enter(() -> {
            waiters.failAll(client.failures().closed(name));
            possession.close(releaseInStore);
            proceed();
            return true;
        });
    }

    /** Ends a minimum hold before its time. @return whether there was one */
    boolean cutMinimumHold() {
        return this.<Boolean>enter(() -> {
            boolean was = possession.cutMinimumHold();
            proceed();
            return was;
        });
    }
}
