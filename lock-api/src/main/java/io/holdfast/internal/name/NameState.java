// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.name;

import io.holdfast.LockLoss;
import io.holdfast.ReleaseOutcome;
import io.holdfast.internal.context.Durations;
import io.holdfast.internal.session.Outage;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
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
public final class NameState extends NameHome {
    private final Shared shared;
    private final Consumer<NameState> drop;
    private final Runnable whenDropped;
    private final WaitLine waiters;
    final Contention contention;
    private final Possession possession;

    // Guarded by the mutex.
    private boolean dropped;

    /**
     * A name of one engine.
     *
     * @param drop told under the mutex when nothing is left of it
     * @param whenDropped run after the mutex was left for the last time
     */
    NameState(String name, Shared shared, Consumer<NameState> drop, Runnable whenDropped) {
        super(name, shared.engine());
        this.shared = shared;
        this.drop = drop;
        this.whenDropped = whenDropped;
        this.waiters = new WaitLine(this, engine.counters());
        this.contention = new Contention(this, waiters, shared.sessions());
        this.possession = new Possession(this, waiters, contention, shared);
    }

    @Override
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
            drop.accept(this);
            after(whenDropped);
        }
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
        if (engine.isClosed()) {
            w.fail(engine.failures().closed(name), this);
            return;
        }
        Hold h = possession.validHold();
        if (h != null && h.owner.equals(w.owner)) {
            possession.reenter(h, w);
            return;
        }
        LockLoss lost = shared.lostHolds().onEnter(name, w.owner);
        if (lost != null) {
            w.fail(engine.failures().lost(lost), this);
        } else if (w.isTry() && (possession.isTaken() || waiters.wantsPlace())) {
            refuse(w); // hopeless without asking: of this client somebody holds, or is in line before it
        } else {
            waiters.add(w);
            armLimit(w);
        }
    }

    private void refuse(Waiter w) {
        if (!possession.isTaken() && outage().isOn()) {
            w.fail(engine.failures().unavailable(name, "the store is out of reach", contention.lastFailure()), this);
        } else {
            w.settle(Waiter.State.REFUSED, this);
        }
    }

    /** Takes a waiter back. @return true when it was still waiting; false when it was settled before */
    public boolean withdraw(Waiter w) {
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
                ? Durations.saturatedNanos(engine.settings().operationTimeout())
                : w.options.waitLimit().map(Durations::saturatedNanos).orElse(Long.MAX_VALUE);
        if (!w.isEndless() && limit != Long.MAX_VALUE) {
            long left = Math.max(0, limit - (engine.clock().nanoTime() - w.since));
            w.timer = engine.schedule(() -> deliver(() -> limitPassed(w)), left);
        }
    }

    private void limitPassed(Waiter w) {
        if (w.settled()) {
            return;
        }
        if (!w.isTry() && mayStillHear(w)) {
            w.becomeTry();
            w.refusedByOwn = contention.isBehindOwn();
            armLimit(w);
        } else if (waiters.remove(w)) {
            if (isRefusal(w)) {
                w.settle(Waiter.State.REFUSED, this);
            } else {
                w.fail(
                        engine.failures()
                                .unavailable(
                                        name,
                                        "the store gave no answer within the wait limit",
                                        contention.lastFailure()),
                        this);
            }
        }
        proceed();
    }

    /**
     * Whether a wait whose limit has passed gets what a try gets: the answer to one request, for up to operation-timeout since it
     * began. A limit shorter than the way to the store and back would otherwise never find a free lock (rule WA-12).
     */
    private boolean mayStillHear(Waiter w) {
        long sinceItBegan = engine.clock().nanoTime() - w.since;
        return possession.isIdle()
                && (contention.isUnanswered(w) || contention.isBehindOwn())
                && contention.lastFailure() == null
                && !outage().isOn()
                && sinceItBegan < Durations.saturatedNanos(engine.settings().operationTimeout());
    }

    /** Whether a wait that got nothing is told so, rather than that the store is out of reach (rules UO-1, WA-12). */
    private boolean isRefusal(Waiter w) {
        if (possession.isTaken()) {
            return true;
        }
        boolean reached = outage().answeredSince(w.since);
        if (!possession.isIdle() || !contention.isUnanswered(w)) {
            return reached || !outage().isOn();
        }
        return w.isLimited() && reached && contention.lastFailure() == null && !outage().isOn();
    }

    /**
     * Gives up one level of the owner's hold.
     *
     * @return what the store says, when it is asked
     * @throws io.holdfast.LockLostException when the hold was lost
     * @throws IllegalMonitorStateException when the owner has none
     */
    public CompletionStage<ReleaseOutcome> release(Owner owner) {
        return this.<CompletionStage<ReleaseOutcome>>enter(() -> {
            Hold h = possession.validHold();
            if (h != null && h.owner.equals(owner)) {
                return leave(h, true);
            }
            proceed(); // looking may have found the hold's lease passed
            throw shared.lostHolds().notHeld(name, owner);
        });
    }

    @Override
    public CompletionStage<ReleaseOutcome> release(Hold expected, boolean mayBlock) {
        return this.<CompletionStage<ReleaseOutcome>>enter(() -> {
            if (possession.validHold() == expected) {
                return leave(expected, mayBlock);
            }
            proceed();
            return CompletableFuture.completedFuture(ReleaseOutcome.NOT_HELD);
        });
    }

    @Override
    public CompletionStage<ReleaseOutcome> discard(Hold unwanted, boolean mayBlock) {
        this.<Boolean>enter(() -> {
            if (unwanted.count() == 1) {
                unwanted.minimumNanos = 0;
            }
            return true;
        });
        return release(unwanted, mayBlock);
    }

    @Override
    public boolean limit(Hold h, long maximum) {
        return this.<Boolean>enter(() -> {
            boolean valid = possession.validHold() == h;
            if (valid) {
                possession.limit(h, maximum);
            }
            proceed(); // looking may have found the hold's lease passed
            return valid;
        });
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
    public @Nullable Hold hold() {
        return possession.hold();
    }

    /** The owner's hold, valid or not yet known to be over; read without the mutex. */
    public @Nullable Hold holdOf(Owner owner) {
        Hold h = possession.hold();
        return h != null && h.owner.equals(owner) ? h : null;
    }

    @Override
    public @Nullable LockLoss onLost(Hold h, Consumer<LockLoss> action) {
        LockLoss[] already = new LockLoss[1];
        this.<Boolean>enter(() -> {
            already[0] = h.lossActions.add(action);
            return true;
        });
        return already[0];
    }

    // -- what the client and its sessions deliver --

    @Override
    public void abandoned(Hold h, String why) {
        deliver(() -> possession.endByForce(h, why));
    }

    @Override
    void granted(Place p, boolean inTime) {
        if (inTime) {
            possession.take(p);
        } else {
            possession.refuse(p);
        }
    }

    @Override
    public void expired(Place p) {
        if (possession.isOf(p)) {
            possession.expired(p);
        } else if (contention.isFor(p)) {
            contention.expired(p);
        }
        proceed();
    }

    /** A contender's id is unique in its client only: another's grant may have the same. */
    @Override
    public void grantGone(Place p, Grant lost, String why) {
        Grant known = p.grant();
        boolean other = !lost.name().equals(name) || (known != null && known.storeToken() != lost.storeToken());
        if (!other) {
            gone(p, why);
        }
    }

    @Override
    public void gone(Place p, String why) {
        if (possession.isOf(p)) {
            possession.lose(p, why);
        } else if (contention.isFor(p)) {
            contention.gone(p);
        }
        proceed();
    }

    @Override
    public void renewal(Place p, @Nullable ContenderStatus status, long sentAt) {
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

    @Override
    public void suspect(Place p) {
        possession.suspect(p);
    }

    /** The outage goes on. */
    public void outageGoesOn() {
        deliver(() -> {
            contention.failOverdue();
            proceed();
        });
    }

    @Override
    public void sessionFailed(RuntimeException why) {
        deliver(() -> {
            contention.sessionFailed(why);
            proceed();
        });
    }

    private Outage outage() {
        return shared.sessions().outage();
    }

    // -- closing --

    /** Whether closing would have to wait for a minimum hold of this name. */
    public boolean hasMinimum() {
        return this.<Boolean>enter(possession::hasMinimum);
    }

    /** Ends every wait and hold because the client closes. */
    public void close(boolean releaseInStore) {
        this.<Boolean>enter(() -> {
            waiters.failAll(engine.failures().closed(name));
            possession.close(releaseInStore);
            proceed();
            return true;
        });
    }

    /** Ends a minimum hold before its time. @return whether there was one */
    public boolean cutMinimumHold() {
        return this.<Boolean>enter(() -> {
            boolean was = possession.cutMinimumHold();
            proceed();
            return was;
        });
    }
}
