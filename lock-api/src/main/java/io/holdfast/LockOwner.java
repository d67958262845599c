// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import java.util.Objects;

/**
 * Somebody who can own a lock without being a thread: a request, a session of a user, an actor.
 *
 * <p>Two owners are the same only when they are the same object. Whoever has the object may re-enter and release, from any
 * thread. Pass it to {@link DistributedLock#ownedBy(LockOwner)}.
 */
public final class LockOwner {
    private final String label;

    private LockOwner(String label) {
        this.label = Objects.requireNonNull(label, "label");
    }

    /**
     * Makes a new owner.
     *
     * @param label for people and logs; need not be unique
     * @return an owner equal to nothing but itself
     */
    public static LockOwner named(String label) {
        return new LockOwner(label);
    }

    @Override
    public String toString() {
        return label;
    }
}
