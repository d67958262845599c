// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.context;

import io.holdfast.LockAttempt;
import io.holdfast.LockEnd;
import io.holdfast.LockListener;
import io.holdfast.LockLoss;
import io.holdfast.LockNames;
import io.holdfast.ReleaseOutcome;
import io.holdfast.internal.SafeLog;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Hands what happens to the listeners: to each in order, one call after another, on the executor. Called under a name's mutex;
 * it only queues.
 */
public final class Listeners {
    private static final Logger LOG = System.getLogger("io.holdfast");

    private final String store;
    private final Executor executor;
    private final CopyOnWriteArrayList<Line> lines = new CopyOnWriteArrayList<>();

    Listeners(String store, Executor executor) {
        this.store = store;
        this.executor = executor;
    }

    public void add(LockListener listener) {
        lines.add(new Line(listener));
    }

    public void remove(LockListener listener) {
        lines.removeIf(l -> l.listener == listener);
    }

    public void contended(String name) {
        tell(l -> l.contended(name));
    }

    public void acquired(String name, long token) {
        tell(l -> l.acquired(name, token));
    }

    public void renewed(String name, long token) {
        tell(l -> l.renewed(name, token));
    }

    public void suspect(String name, long token) {
        tell(l -> l.suspect(name, token));
    }

    public void safe(String name, long token) {
        tell(l -> l.safe(name, token));
    }

    public void attempted(Supplier<LockAttempt> attempt) {
        if (!lines.isEmpty()) {
            LockAttempt made = attempt.get();
            tell(l -> l.attempted(made));
        }
    }

    public void released(String name, long token, ReleaseOutcome outcome, long heldNanos) {
        if (!lines.isEmpty()) {
            LockEnd end = LockEnd.of(
                    name,
                    token,
                    outcome == ReleaseOutcome.RELEASED ? LockEnd.Outcome.RELEASED : LockEnd.Outcome.UNKNOWN,
                    Duration.ofNanos(heldNanos));
            tell(l -> l.released(name, token, outcome));
            tell(l -> l.ended(end));
        }
    }

    /** A loss; the hold's own actions run each in a task of its own, so that none delays another. */
    public void lost(LockLoss loss, long heldNanos, List<Consumer<LockLoss>> actions) {
        SafeLog.log(
                LOG,
                Level.WARNING,
                () -> "lock '" + LockNames.printable(loss.name()) + "' in " + store
                        + " was lost while held (fencing token " + loss.fencingToken() + "): " + loss.reason());
        for (Consumer<LockLoss> action : actions) {
            run(action, loss);
        }
        tell(l -> l.lost(loss));
        tell(l -> l.ended(
                LockEnd.of(loss.name(), loss.fencingToken(), LockEnd.Outcome.LOST, Duration.ofNanos(heldNanos))));
    }

    public void run(Consumer<LockLoss> action, LockLoss loss) {
        handIn(() -> guarded(() -> action.accept(loss)));
    }

    /** @return false when the executor took it not, which it must not do: then nobody hears of it but the log */
    private boolean handIn(Runnable task) {
        try {
            executor.execute(task);
            return true;
        } catch (RuntimeException | Error refused) { // whoever tells of a loss has more to do after it
            SafeLog.log(
                    LOG,
                    Level.ERROR,
                    "store " + store + ": the executor took no task, so a listener was not told",
                    refused);
            return false;
        }
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
            SafeLog.log(LOG, Level.WARNING, "a lock listener failed", e);
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
            if (running.compareAndSet(false, true) && !handIn(this::drain)) {
                running.set(false); // told along with the next call
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
