// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

import io.holdfast.DistributedLock;
import io.holdfast.ForceOutcome;
import io.holdfast.LockInfo;
import io.holdfast.LockLoss;
import io.holdfast.LockOptions;
import io.holdfast.LockOwner;
import io.holdfast.ReleaseOutcome;
import io.holdfast.internal.Waiter.Patience;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;

/** A lock object: a name and an owner; the state is the client's. */
final class EngineLock implements DistributedLock {
    private final EngineClient client;
    private final String name;

    /** Null for the calling thread. */
    private final @Nullable Owner explicitOwner;

    EngineLock(EngineClient client, String name, @Nullable Owner explicitOwner) {
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
        Hold hold = client.acquisition().uninterruptibly(name, owner(), options, patience);
        if (hold == null) {
            throw client.failures().timeout(name, options.waitLimit().orElse(Duration.ZERO));
        }
    }

    @Override
    public void lockInterruptibly() throws InterruptedException {
        client.acquisition().interruptibly(name, owner(), LockOptions.defaults(), Patience.ENDLESS);
    }

    @Override
    public boolean tryLock() {
        return client.acquisition().uninterruptibly(name, owner(), LockOptions.defaults(), Patience.NONE) != null;
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
        return client.acquisition().interruptibly(name, owner(), options, Acquisition.patience(options, Patience.NONE))
                != null;
    }

    @Override
    public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
        return tryLock(Duration.ofNanos(Objects.requireNonNull(unit, "unit").toNanos(time)));
    }

    @Override
    public void unlock() {
        Owner owner = owner();
        NameState state = client.stateOf(name);
        if (state == null) {
            throw client.notHeld(name, owner);
        }
        Hold hold = state.holdOf(owner);
        ReleaseOutcome outcome = client.outcome(state.release(owner));
        if (outcome == ReleaseOutcome.NOT_HELD && hold != null) {
            throw client.failures().lost(client.goneAtRelease(name, hold));
        }
    }

    @Override
    public Condition newCondition() {
        throw new UnsupportedOperationException(
                "a distributed lock has no conditions: there is nobody to signal across JVMs");
    }

    private @Nullable Hold hold() {
        NameState state = client.stateOf(name);
        return state == null ? null : state.holdOf(owner());
    }

    @Override
    public boolean isLocked() {
        return inspect().isHeld();
    }

    @Override
    public boolean isHeldByCurrentThread() {
        Hold hold = hold();
        return hold != null && hold.isValid();
    }

    @Override
    public int getHoldCount() {
        Hold hold = hold();
        return hold != null && hold.isValid() ? hold.count() : 0;
    }

    @Override
    public long fencingToken() {
        Hold hold = hold();
        if (hold != null && hold.isValid()) {
            return hold.token;
        }
        Owner owner = owner();
        LockLoss lost = hold != null
                ? new LockLoss(name, hold.token, EngineClient.LEASE_PASSED)
                : client.lostHolds().peek(name, owner);
        throw lost != null ? client.failures().lost(lost) : client.failures().notOwner(name, owner);
    }

    @Override
    public Duration remainingLease() {
        Hold hold = hold();
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

    @Override
    public String toString() {
        return "lock '" + Names.printable(name) + "' in " + client.store();
    }
}
