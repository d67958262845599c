// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

import io.holdfast.LockListener;
import io.holdfast.LockLoss;
import io.holdfast.ReleaseOutcome;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Hands what happens to the listeners: to each in order, one call after another, on the executor. Called under a name's mutex;
 * it only queues.
 */
final class Listeners {
    private static final Logger LOG = System.getLogger("io.holdfast");

    private final String store;
    private final Executor executor;
    private final CopyOnWriteArrayList<Line> lines = new CopyOnWriteArrayList<>();

    Listeners(String store, Executor executor) {
        this.store = store;
        this.executor = executor;
    }

    void add(LockListener listener) {
        lines.add(new Line(listener));
    }

    void remove(LockListener listener) {
        lines.removeIf(l -> l.listener == listener);
    }

    void contended(String name) {
        tell(l -> l.contended(name));
    }

    void acquired(String name, long token) {
        tell(l -> l.acquired(name, token));
    }

    void renewed(String name, long token) {
        tell(l -> l.renewed(name, token));
    }

    void suspect(String name, long token) {
        tell(l -> l.suspect(name, token));
    }

    void safe(String name, long token) {
        tell(l -> l.safe(name, token));
    }

    void released(String name, long token, ReleaseOutcome outcome) {
        tell(l -> l.released(name, token, outcome));
    }

    /** A loss; the hold's own actions run each in a task of its own, so that none delays another. */
    void lost(LockLoss loss, List<Consumer<LockLoss>> actions) {
        LOG.log(
                Level.WARNING,
                () -> "lock '" + Names.printable(loss.name()) + "' in " + store + " was lost while held (fencing token "
                        + loss.fencingToken() + "): " + loss.reason());
        for (Consumer<LockLoss> action : actions) {
            run(action, loss);
        }
        tell(l -> l.lost(loss));
    }

    void run(Consumer<LockLoss> action, LockLoss loss) {
        executor.execute(() -> guarded(() -> action.accept(loss)));
    }

    private void tell(Consumer<LockListener> call) {
        for (Line line : lines) {
            line.add(() -> call.accept(line.listener));
        }
    }

    private static void guarded(Runnable call) {
        try {
            call.run();
        } catch (Throwable e) { // checked ones, too: other languages throw them undeclared
            LOG.log(Level.WARNING, "a lock listener failed", e);
        }
    }

    /** The calls still to be made to one listener. */
    private final class Line {
        final LockListener listener;
        private final ConcurrentLinkedQueue<Runnable> calls = new ConcurrentLinkedQueue<>();
        private final AtomicBoolean running = new AtomicBoolean();

        Line(LockListener listener) {
            this.listener = listener;
        }

        void add(Runnable call) {
            calls.add(call);
            if (running.compareAndSet(false, true)) {
                executor.execute(this::drain);
            }
        }

        private void drain() {
            do {
                for (Runnable call = calls.poll(); call != null; call = calls.poll()) {
                    guarded(call);
                }
                running.set(false);
                // A call added after the last poll and before the reset has not started a drain of its own.
            } while (!calls.isEmpty() && running.compareAndSet(false, true));
        }
    }
}
