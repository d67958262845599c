// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.client;

import java.lang.ref.WeakReference;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A result that is to reach somebody, and knows when it cannot any more: when it was completed from outside (cancelled, timed out), or
 * when every stage that was made of it was (rule WA-13).
 *
 * <p>The stages made of it are of this class too, and tell the one they were made of. What the engine brings comes by {@link #deliver}
 * and {@link #refuse}; every other completion is from outside.
 *
 * <p>A result that was brought is not yet somebody's: a function waits for its thread, and never begins when its stage is ended
 * meanwhile. So the first who takes the result decides, and until then the end of the last stage takes it back: one step of {@link
 * #fate} is won by one of the two. A stage that passes it on without a function (a copy) has it. Thread-safe.
 */
final class Deliverable<T extends @Nullable Object> extends TakenStage<T> {
    private enum Fate {
        EXPECTED,
        BROUGHT,
        TAKEN,
        WITHDRAWN
    }

    /** What this stage was made of; null for the first. Weak: a stage that lives on must not keep the possession of a forgotten hold. */
    private final @Nullable WeakReference<Deliverable<?>> source;

    /** Run when nobody can get the result; for the first stage. */
    private final Runnable unwanted;

    private final ConcurrentLinkedQueue<Deliverable<?>> dependents = new ConcurrentLinkedQueue<>();

    private final AtomicReference<Fate> fate = new AtomicReference<>(Fate.EXPECTED);

    /** Takes back what was brought and reached nobody. */
    private volatile Runnable giveBack = () -> {};

    private volatile @Nullable T brought;

    /** Completed from outside, so that no function of this stage will begin any more. */
    private volatile boolean ended;

    /** Which thread is making a stage that only serves a limit in time, and gets nothing delivered. */
    private volatile @Nullable Thread timing;

    Deliverable(Runnable unwanted) {
        this.source = null;
        this.unwanted = unwanted;
    }

    private Deliverable(Deliverable<?> source) {
        this.source = new WeakReference<>(source);
        this.unwanted = () -> {};
    }

    /**
     * Brings the result.
     *
     * @param back run once, now or later, when nobody can get it
     */
    void deliver(T value, Runnable back) {
        giveBack = back;
        brought = value;
        fate.set(Fate.BROUGHT); // before it can be seen: functions begin in complete()
        if (isUnwanted() || !super.complete(value)) {
            // The stages made of it ended without it, and may have done so unseen (applyToEither): who waits for it
            // itself must not for ever.
            super.cancel(false);
            withdraw();
        } else {
            withdrawUntaken(); // the last stage may have ended after the look above, when nothing was done yet
        }
    }

    /** When every stage that was made of it ended before it could take what was brought: now nobody may any more. */
    private void withdrawUntaken() {
        if (!dependents.isEmpty() && dependents.stream().allMatch(d -> d.ended) && withdraw()) {
            obtrudeException(gone()); // for who comes later
        }
    }

    private boolean withdraw() {
        boolean now = fate.compareAndSet(Fate.BROUGHT, Fate.WITHDRAWN);
        if (now) {
            giveBack.run();
        }
        return now;
    }

    @Override
    boolean take(@Nullable Object value) {
        T mine = brought;
        return mine == null || mine != value || takeUnseen();
    }

    @Override
    boolean takeUnseen() {
        if (fate.compareAndSet(Fate.BROUGHT, Fate.TAKEN)) {
            giveBack = () -> {};
            dependents.clear();
        }
        return fate.get() != Fate.WITHDRAWN;
    }

    /** Brings a failure. */
    void refuse(Throwable why) {
        super.completeExceptionally(why);
    }

    /** Whether there were stages for it, and all of them have ended without it. */
    private boolean isUnwanted() {
        return !dependents.isEmpty() && dependents.stream().allMatch(CompletableFuture::isDone);
    }

    @Override
    public <U extends @Nullable Object> CompletableFuture<U> newIncompleteFuture() {
        if (timing == Thread.currentThread()) {
            return new CompletableFuture<>();
        }
        Deliverable<U> dependent = new Deliverable<>(this);
        if (fate.get() != Fate.TAKEN) {
            dependents.add(dependent);
        }
        return dependent;
    }

    @Override
    public boolean complete(T value) {
        return ended(super.complete(value));
    }

    @Override
    public boolean completeExceptionally(Throwable why) {
        return ended(super.completeExceptionally(why));
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        return ended(super.cancel(mayInterruptIfRunning));
    }

    @Override
    public CompletableFuture<T> orTimeout(long timeout, TimeUnit unit) {
        timing = Thread.currentThread();
        try {
            return super.orTimeout(timeout, unit);
        } finally {
            timing = null;
        }
    }

    @Override
    public CompletableFuture<T> completeOnTimeout(T value, long timeout, TimeUnit unit) {
        timing = Thread.currentThread();
        try {
            return super.completeOnTimeout(value, timeout, unit);
        } finally {
            timing = null;
        }
    }

    /** Completed from outside: whatever it was made of has one less to go to. */
    private boolean ended(boolean now) {
        if (now) {
            ended = true;
            unwanted.run();
            Deliverable<?> from = source == null ? null : source.get();
            if (from != null) {
                if (!from.isDone() && from.isUnwanted()) {
                    from.cancel(false);
                }
                from.withdrawUntaken(); // it may have been done just now
            }
        }
        return now;
    }
}
