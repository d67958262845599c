// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.name;

import io.holdfast.LockLoss;
import io.holdfast.internal.context.Failures;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Who has lost a hold and has not been told on every level yet (rule RE-5).
 *
 * <p>Re-entering or releasing throws once per level. Re-entry counts calls of both kinds, so that the lock is usable again after
 * as many; release goes on throwing for its own levels until the owner holds again, so that the outer {@code finally} of a
 * nested use gets the same exception as the inner one.
 */
public final class LostHolds {
    private record Key(String name, Owner owner) {}

    private static final class Entry {
        final LockLoss loss;
        final int levels;
        int told;
        int releases;

        Entry(LockLoss loss, int levels) {
            this.loss = loss;
            this.levels = levels;
        }
    }

    private final Failures failures;
    private final ConcurrentHashMap<Key, Entry> entries = new ConcurrentHashMap<>();

    LostHolds(Failures failures) {
        this.failures = failures;
    }

    void add(String name, Owner owner, int levels, LockLoss loss) {
        entries.put(new Key(name, owner), new Entry(loss, levels));
    }

    /** Asked when an owner re-enters. @return what to throw, or null when it may contend again */
    @Nullable
    LockLoss onEnter(String name, Owner owner) {
        if (entries.isEmpty()) {
            return null;
        }
        LockLoss[] thrown = new LockLoss[1];
        entries.computeIfPresent(new Key(name, owner), (k, e) -> {
            if (e.told < e.levels) {
                e.told++;
                thrown[0] = e.loss;
            }
            return e;
        });
        return thrown[0];
    }

    /** The owner holds again: what was before is told. */
    void held(String name, Owner owner) {
        if (!entries.isEmpty()) {
            entries.remove(new Key(name, owner));
        }
    }

    /** What to throw to an owner that releases without a hold. */
    public RuntimeException notHeld(String name, Owner owner) {
        LockLoss lost = onRelease(name, owner);
        return lost != null ? failures.lost(lost) : failures.notOwner(name, owner.toString());
    }

    /** Asked when an owner without a hold releases. @return what it has lost, or null when it never had one */
    private @Nullable LockLoss onRelease(String name, Owner owner) {
        LockLoss[] thrown = new LockLoss[1];
        entries.computeIfPresent(new Key(name, owner), (k, e) -> {
            e.told++;
            e.releases++;
            thrown[0] = e.loss;
            return e.releases >= e.levels ? null : e;
        });
        return thrown[0];
    }

    /** What an owner has lost, without counting as told. */
    public @Nullable LockLoss peek(String name, Owner owner) {
        Entry e = entries.get(new Key(name, owner));
        return e == null ? null : e.loss;
    }

    /** Forgets threads that have ended: nobody is left to be told. */
    void dropDeadOwners() {
        entries.keySet().removeIf(k -> k.owner().isDead());
    }
}
