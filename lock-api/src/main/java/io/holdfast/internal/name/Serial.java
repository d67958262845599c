// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.name;

import io.holdfast.internal.SafeLog;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * A mutex with an inbox: state that application threads enter, and to which stores and timers deliver.
 *
 * <p>An application thread may wait for the mutex; it holds no other. A store's thread never waits: it leaves its event in the
 * inbox, and whoever has the mutex takes it out. So a store may complete a stage from inside any call, even the one that grants
 * another client's contender, and no two names of two clients can block each other.
 *
 * <p>What calls out (requests to the store) is collected while the mutex is held and run after it has been left.
 */
abstract class Serial {
    private static final Logger LOG = System.getLogger("io.holdfast");

    private static final int SPINS = 200;

    /** A ReentrantLock, not a monitor: waiting for it must not pin a virtual thread. */
    private final ReentrantLock mutex = new ReentrantLock();

    private final ConcurrentLinkedQueue<Runnable> inbox = new ConcurrentLinkedQueue<>();

    /** Guarded by the mutex. */
    private ArrayDeque<Runnable> effects = new ArrayDeque<>(2);

    /** Runs an action of an application thread under the mutex. */
    final <T> T enter(Supplier<T> action) {
        ArrayDeque<Runnable> collected;
        T result;
        lock();
        try {
            result = action.get();
        } finally {
            collected = takeEffects();
            mutex.unlock();
            // Before our own effects, which may block: an event that found the mutex taken must not wait for them.
            drain();
            collected.forEach(Serial::guarded);
        }
        return result;
    }

    /** What the mutex guards takes less than a microsecond: parking for it would cost ten times that. */
    private void lock() {
        for (int i = 0; i < SPINS; i++) {
            if (mutex.tryLock()) {
                return;
            }
            Thread.onSpinWait();
        }
        mutex.lock();
    }

    /** Hands in an event from a store or timer; it runs under the mutex, here or on the thread that has it. Never blocks. */
    final void deliver(Runnable event) {
        inbox.add(event);
        drain();
    }

    /** Has something run after the mutex is left. Only under the mutex. */
    final void after(Runnable effect) {
        assert mutex.isHeldByCurrentThread();
        effects.add(effect);
    }

    private void drain() {
        // The thread that has the mutex calls drain after it left
        // it; an event that comes while it is inside is seen then.
        while (!inbox.isEmpty() && !mutex.isHeldByCurrentThread() && mutex.tryLock()) {
            ArrayDeque<Runnable> collected;
            try {
                for (Runnable event = inbox.poll(); event != null; event = inbox.poll()) {
                    guarded(event);
                }
            } finally {
                collected = takeEffects();
                mutex.unlock();
            }
            collected.forEach(Serial::guarded);
        }
    }

    private ArrayDeque<Runnable> takeEffects() {
        ArrayDeque<Runnable> taken = effects;
        if (!taken.isEmpty()) {
            effects = new ArrayDeque<>(2);
            return taken;
        }
        return new ArrayDeque<>(0);
    }

    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            SafeLog.log(LOG, Level.ERROR, "a lock's state change failed; please report this", e);
        }
    }
}
