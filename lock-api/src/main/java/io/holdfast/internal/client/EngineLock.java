// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.client;

import io.holdfast.DistributedLock;
import io.holdfast.ForceOutcome;
import io.holdfast.LockInfo;
import io.holdfast.LockLoss;
import io.holdfast.LockNames;
import io.holdfast.LockOptions;
import io.holdfast.LockOwner;
import io.holdfast.ReleaseOutcome;
import io.holdfast.internal.context.Durations;
import io.holdfast.internal.name.Hold;
import io.holdfast.internal.name.NameState;
import io.holdfast.internal.name.Owner;
import io.holdfast.internal.name.Waiter.Patience;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;

/** A lock object: a name and an owner; the state is the client's. */
final class EngineLock implements DistributedLock {
    private final ClientParts client;
    private final String name;

    /** Null for the calling thread. */
    private final @Nullable Owner explicitOwner;

    EngineLock(ClientParts client, String name, @Nullable Owner explicitOwner) {
        this.client = client;
        this.name = name;
        this.explicitOwner = explicitOwner;
    }

    private Owner owner() {
        return explicitOwner != null ? explicitOwner : Owner.currentThread();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void lock() {
        lock(LockOptions.defaults());
    }

    @Override
    public void lock(LockOptions options) {
        Patience patience = Acquisition.patience(options, Patience.ENDLESS);
        if (reentersAtOnce(options)) {
            return;
        }
        Hold hold = client.acquisition().uninterruptibly(name, owner(), options, patience);
        if (hold == null) {
            throw client.engine().failures().timeout(name, options.waitLimit().orElse(Duration.ZERO));
        }
    }

    @Override
    public void lockInterruptibly() throws InterruptedException {
        lockInterruptibly(LockOptions.defaults());
    }

    @Override
    public void lockInterruptibly(LockOptions options) throws InterruptedException {
        Patience patience = Acquisition.patience(options, Patience.ENDLESS);
        if (!Thread.currentThread().isInterrupted() && reentersAtOnce(options)) {
            return;
        }
        if (client.acquisition().interruptibly(name, owner(), options, patience) == null) {
            throw client.engine().failures().timeout(name, options.waitLimit().orElse(Duration.ZERO));
        }
    }

    @Override
    public boolean tryLock() {
        LockOptions options = LockOptions.defaults();
        return reentersAtOnce(options)
                || client.acquisition().uninterruptibly(name, owner(), options, Patience.NONE) != null;
    }

    @Override
    public boolean tryLock(Duration wait) throws InterruptedException {
        return tryLock(LockOptions.defaults().waitLimit(wait));
    }

    @Override
    public boolean tryLock(Duration wait, Duration maximumHold) throws InterruptedException {
        return tryLock(LockOptions.defaults().waitLimit(wait).maximumHold(maximumHold));
    }

    @Override
    public boolean tryLock(LockOptions options) throws InterruptedException {
        Patience patience = Acquisition.patience(options, Patience.NONE);
        return (!Thread.currentThread().isInterrupted() && reentersAtOnce(options))
                || client.acquisition().interruptibly(name, owner(), options, patience) != null;
    }

    /** One level more of a valid hold, without the mutex and without anything to wait for; else the usual way finds out what is. */
    private boolean reentersAtOnce(LockOptions options) {
        Hold hold = ownHold();
        return hold != null
                && options.minimumHold().isZero()
                && !client.engine().isClosed()
                && hold.reentersAtOnce();
    }

    private @Nullable Hold ownHold() {
        NameState state = client.names().get(name);
        Hold hold = state == null ? null : state.hold();
        if (hold == null) {
            return null;
        }
        boolean own = explicitOwner != null
                ? hold.owner().equals(explicitOwner)
                : hold.owner().isCurrentThread();
        return own ? hold : null;
    }

    @Override
    public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
        return tryLock(Duration.ofNanos(Objects.requireNonNull(unit, "unit").toNanos(time)));
    }

    @Override
    public void unlock() {
        Hold own = ownHold();
        if (own != null && own.leavesInnerLevel()) {
            return;
        }
        Owner owner = owner();
        NameState state = client.names().get(name);
        if (state == null) {
            throw client.names().lostHolds().notHeld(name, owner);
        }
        Hold hold = state.holdOf(owner);
        ReleaseOutcome outcome = Pending.outcome(client.engine(), state.release(owner));
        if (outcome == ReleaseOutcome.NOT_HELD && hold != null) {
            throw client.engine().failures().lost(hold.goneAtRelease());
        }
    }

    @Override
    public Condition newCondition() {
        throw new UnsupportedOperationException(
                "a distributed lock has no conditions: there is nobody to signal across JVMs");
    }

    @Override
    public boolean isLocked() {
        return inspect().isHeld();
    }

    @Override
    public boolean isHeldByCurrentThread() {
        Hold hold = ownHold();
        return hold != null && hold.isValid();
    }

    @Override
    public int getHoldCount() {
        Hold hold = ownHold();
        return hold != null && hold.isValid() ? hold.count() : 0;
    }

    @Override
    public long fencingToken() {
        Hold hold = ownHold();
        if (hold != null && hold.isValid()) {
            return hold.token();
        }
        throw notHeld(hold);
    }

    /** What to throw to an owner that asks something of a hold which it does not have; does not count as told. */
    private RuntimeException notHeld(@Nullable Hold found) {
        Owner owner = owner();
        LockLoss lost = client.names().lostHolds().peek(name, owner);
        if (lost == null && found != null) {
            lost = found.loss();
        }
        return lost != null
                ? client.engine().failures().lost(lost)
                : client.engine().failures().notOwner(name, owner.toString());
    }

    @Override
    public void limit(Duration maximum) {
        long nanos = Durations.checkedMaximum(maximum);
        NameState state = client.names().get(name);
        Hold hold = ownHold();
        if (state == null || hold == null || !state.limit(hold, nanos)) {
            throw notHeld(hold);
        }
    }

    @Override
    public Duration remainingLease() {
        Hold hold = ownHold();
        return hold == null ? Duration.ZERO : Duration.ofNanos(hold.remainingNanos());
    }

    @Override
    public LockInfo inspect() {
        return client.inquiry().inspect(name);
    }

    @Override
    public boolean forceUnlock() {
        return client.inquiry().forceRelease(name, OptionalLong.empty()) == ForceOutcome.RELEASED;
    }

    @Override
    public DistributedLock ownedBy(LockOwner owner) {
        return new EngineLock(client, name, Owner.of(Objects.requireNonNull(owner, "owner")));
    }

    /** Objects for the same name and owner are interchangeable. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof EngineLock l
                && l.client.engine() == client.engine()
                && l.name.equals(name)
                && Objects.equals(l.explicitOwner, explicitOwner);
    }

    @Override
    public int hashCode() {
        return Objects.hash(System.identityHashCode(client.engine()), name, explicitOwner);
    }

    @Override
    public String toString() {
        return "lock '" + LockNames.printable(name) + "' in " + client.engine().store();
    }
}
