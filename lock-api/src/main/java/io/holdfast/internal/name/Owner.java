// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.name;

import io.holdfast.LockOwner;
import org.jspecify.annotations.Nullable;

/** Who inside the client may re-enter and release; the same only when it stands for the same object. */
public final class Owner {
    private final Object identity;

    private Owner(Object identity) {
        this.identity = identity;
    }

    public static Owner currentThread() {
        return new Owner(Thread.currentThread());
    }

    public static Owner of(LockOwner owner) {
        return new Owner(owner);
    }

    /** An owner for one handle. */
    public static Owner unique() {
        return new Owner(new Object());
    }

    /** As equality with {@link #currentThread()}, which nobody has to make for it. */
    public boolean isCurrentThread() {
        return identity == Thread.currentThread();
    }

    /** Whether it stands for one handle, which tells of its loss by itself. */
    boolean isHandle() {
        return !(identity instanceof Thread || identity instanceof LockOwner);
    }

    /** Whether the owner can never release again (rule FH-1). */
    boolean isDead() {
        return identity instanceof Thread t && !t.isAlive();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Owner o && o.identity == identity;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(identity);
    }

    @Override
    public String toString() {
        return identity instanceof Thread t
                ? "thread '" + t.getName() + "'"
                : identity instanceof LockOwner ? identity.toString() : "a handle";
    }
}
