// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Lets so many requests be under way at once, and the others in their order after them: thousands at once would hold up the renewals on
 * the same connection, and each would wait for longer than its deadline (rule KE-1). Thread-safe; steps run under no lock.
 */
final class Gate {
    private final Queue<Runnable> waiting = new ArrayDeque<>();

    // Guarded by this.
    private int free;
    private boolean letting;

    Gate(int atOnce) {
        this.free = atOnce;
    }

    /** Runs a step, now or on the thread of one that leaves. For each step {@link #leave} is called once, when it is done. */
    void enter(Runnable step) {
        synchronized (this) {
            waiting.add(step);
        }
        let();
    }

    void leave() {
        synchronized (this) {
            free++;
        }
        let();
    }

    /** By one thread at a time: a step that is done at once leaves inside it, and must not let the next in from there. */
    private void let() {
        synchronized (this) {
            if (letting) {
                return;
            }
            letting = true;
        }
        for (Runnable next = next(); next != null; next = next()) {
            run(next);
        }
    }

    /** What a step throws is its own affair; the gate stays a gate. */
    private void run(Runnable step) {
        boolean done = false;
        try {
            step.run();
            done = true;
        } finally {
            if (!done) {
                synchronized (this) {
                    letting = false;
                }
            }
        }
    }

    private synchronized @Nullable Runnable next() {
        Runnable next = free > 0 ? waiting.poll() : null;
        if (next == null) {
            letting = false;
        } else {
            free--;
        }
        return next;
    }
}
