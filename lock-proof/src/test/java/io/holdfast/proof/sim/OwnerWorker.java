// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.LockLostException;
import io.holdfast.LockOptions;
import io.holdfast.ReleaseOutcome;
import io.holdfast.internal.client.OwnedLock;
import io.holdfast.internal.client.OwnedLock.Held;
import io.holdfast.internal.client.OwnedLock.Outcome;
import io.holdfast.internal.client.OwnedLock.Refused;
import io.holdfast.internal.client.OwnedLock.Wait;
import io.holdfast.proof.sim.SimOwner.Holding;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletionStage;

/**
 * A thread that locks as a {@code Lock} is used: it enters up to three levels deep, tries, limits its waits, is interrupted in them, and
 * shares its owner with other threads, or does not.
 */
final class OwnerWorker {
    private static final int DEEPEST = 3;

    private final SimWorld world;
    private final SimClient client;
    private final SimRandom random;
    private final Judges judges;
    private final Workload workload;
    private final SimOwner owner;

    /** The levels that this thread has to give up, the innermost first. */
    private final Deque<Holding> levels = new ArrayDeque<>();

    private String name;
    private OwnedLock lock;

    OwnerWorker(SimClient client, SimRandom random, Judges judges, Workload workload) {
        this.world = judges.world();
        this.client = client;
        this.random = random;
        this.judges = judges;
        this.workload = workload;
        this.owner = random.chance(0.5) ? client.sharedOwner() : new SimOwner("a thread", false);
    }

    void start() {
        world.in(client.node(), random.around(workload.pauseNanos()), "owner", this::begin);
    }

    private void begin() {
        if (!client.isStopping()) {
            name = random.pick(workload.names());
            lock = new OwnedLock(client.engine(), name, owner.identity);
            ask();
        }
    }

    private void ask() {
        LockOptions options = options();
        SimRequest r = new SimRequest(client, name, options.waitLimit(), world.now());
        r.ownedBy(owner);
        judges.asked(r);
        long before = lock.contends();
        Wait wait = lock.acquire(options, outcome -> woken(r, options, outcome));
        judges.owners().asked(r, lock.contends() - before);
        if (!r.reenters && random.chance(0.15)) {
            world.in(client.node(), random.around(2 * workload.holdNanos()), "interrupt", () -> interrupt(r, wait));
        }
    }

    private LockOptions options() {
        LockOptions options = LockOptions.defaults();
        long hold = workload.holdNanos();
        int kind = random.below(10);
        if (kind < 2) {
            options = options.waitLimit(Duration.ZERO);
        } else if (kind < 5) {
            options = options.waitLimit(Duration.ofNanos(1 + random.around(10 * hold)));
        }
        if (random.chance(0.05)) {
            options = options.minimumHold(Duration.ofNanos(1 + random.around(SimSettings.SECOND)));
        } else if (random.chance(0.1)) {
            options = options.maximumHold(Duration.ofNanos(1 + random.around(2 * hold)));
        }
        return options;
    }

    private void interrupt(SimRequest r, Wait wait) {
        if (wait.interrupt()) {
            r.cancelled = true;
            goOn();
        }
    }

    private void woken(SimRequest r, LockOptions options, Outcome outcome) {
        if (r.cancelled) {
            return; // interrupted; nobody is there to be woken
        }
        r.answered = true;
        if (outcome instanceof Refused refused) {
            refused(r, refused.why());
        } else {
            levels.push(held(r, options, (Held) outcome));
            if (levels.size() < DEEPEST && random.chance(0.4)) {
                world.in(client.node(), random.around(workload.holdNanos()), "re-enter", this::ask);
                return;
            }
        }
        goOn();
    }

    private void refused(SimRequest r, RuntimeException why) {
        if (why instanceof LockLostException lost) {
            judges.owners().refusedAsLost(r, lost);
        } else {
            judges.owners().refused(r, why);
            judges.refused(r, why);
        }
    }

    private Holding held(SimRequest r, LockOptions options, Held held) {
        Holding known = owner.reenters(name, held.handle().fencingToken());
        if (known != null) {
            judges.waits().reentered();
        } else {
            SimHold hold = new SimHold(r, held.handle(), held.isLimited());
            known = owner.begins(hold);
            judges.began(hold);
            judges.owners().began(hold);
        }
        // From the re-entry on, or from when the owner came to hold; never from when its thread heard of it.
        long since = r.reenters ? r.askedAtLocal : held.since();
        long minimum = options.minimumHold().toNanos();
        if (minimum > 0) {
            known.hold.minimumNanos = Math.max(known.hold.minimumNanos, minimum + since - known.hold.beganAtLocal);
        }
        return known;
    }

    /** Gives the next level up after a while, or begins anew. */
    private void goOn() {
        if (levels.isEmpty()) {
            start();
        } else {
            world.in(client.node(), random.around(workload.holdNanos()), "unlock", this::unlock);
        }
    }

    private void unlock() {
        Holding level = levels.pop();
        if (owner.of(name)
                == level) { // else its owner has lost it, and holds anew: that is not for this level to give up
            if (level.isValid()) {
                unlockValid(level);
            } else {
                level.told++;
                judges.owners().releasedLost(level, thrownByUnlock());
                level.levels--;
            }
        }
        goOn();
    }

    private RuntimeException thrownByUnlock() {
        try {
            lock.unlock();
            return null;
        } catch (RuntimeException e) {
            return e;
        }
    }

    private void unlockValid(Holding level) {
        boolean last = lock.levels() == 1;
        if (last) {
            judges.owners().givesUpLast(level);
            judges.releasing(level.hold);
        }
        CompletionStage<ReleaseOutcome> released;
        try {
            released = lock.unlock();
        } catch (RuntimeException e) {
            judges.owners().releasedValid(level, e);
            return;
        }
        level.levels--;
        if (last) {
            released.whenComplete((outcome, failure) -> judges.released(level.hold, outcome, failure));
            judges.holds().releaseSent(level.hold);
        } else {
            judges.owners()
                    .gaveUpInner(
                            level,
                            lock.levels(),
                            !released.toCompletableFuture().isDone());
        }
    }
}
