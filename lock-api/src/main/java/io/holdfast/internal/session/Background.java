// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.session;

import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.internal.context.Durations;
import io.holdfast.internal.context.Engine;
import io.holdfast.spi.Contender;
import io.holdfast.spi.DurationFormat;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockScheduler.Scheduled;
import io.holdfast.spi.LockSession;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a session must still get confirmed by the store: withdrawals, releases, its own end.
 *
 * <p>Each is asked for again, with growing pauses, until the store confirms it or the session is over; one that stays unconfirmed
 * for a lease retires the session (rule UO-5).
 */
public final class Background {
    private static final long FIRST_PAUSE = 20_000_000L;
    private static final long LONGEST_PAUSE = 2_000_000_000L;

    private final Engine engine;
    private final Owner owner;
    private final LockSession session;
    private final Outage outage;
    private final AtomicInteger pending = new AtomicInteger();

    /** Whose background it is. */
    interface Owner {
        boolean isOver();

        long leaseNanos();

        /** Something stayed unconfirmed for a lease. */
        void retire();

        /** Something is confirmed, or given up. */
        void settled();
    }

    Background(Engine engine, LockSession session, Outage outage, Owner owner) {
        this.engine = engine;
        this.session = session;
        this.outage = outage;
        this.owner = owner;
    }

    /** Leaves the line, or undoes a request whose outcome is unknown. */
    public void withdraw(Contender contender, Runnable whenSettled) {
        engine.callStore(() -> persist(contender::withdraw, null, whenSettled), false);
    }

    /** Gives a grant back whose release did not go along with another request; it was counted with that one. */
    private void releaseAlone(Grant grant, Runnable whenSettled) {
        engine.callStore(
                () -> {
                    if (owner.isOver()) {
                        whenSettled.run();
                    } else {
                        ask(grant, new CompletableFuture<>(), whenSettled);
                    }
                },
                false);
    }

    /** Gives a grant back. The answer is that of the first request; it fails when that is unknown or takes too long. */
    public void release(Grant grant, CompletableFuture<Boolean> answer, Runnable whenSettled) {
        if (owner.isOver()) {
            answer.complete(false);
            whenSettled.run();
            return;
        }
        engine.counters().releases.increment();
        ask(grant, answer, whenSettled);
    }

    private void ask(Grant grant, CompletableFuture<Boolean> answer, Runnable whenSettled) {
        persist(() -> session.release(grant), answer, whenSettled);
        completeLate(answer);
    }

    /** The answer to a release that went along with the next contender's request. */
    public CompletableFuture<Boolean> releasedBy(Grant grant, Contender next, Runnable whenSettled) {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        engine.counters().releases.increment();
        next.released().whenComplete((released, failure) -> {
            if (failure == null) {
                answer.complete(released);
                whenSettled.run();
            } else {
                answer.completeExceptionally(failure);
                releaseAlone(grant, whenSettled);
            }
        });
        completeLate(answer);
        return answer;
    }

    /** Has an answer fail when it takes longer than one request may; what was asked goes on. */
    private void completeLate(CompletableFuture<?> answer) {
        if (!answer.isDone()) {
            Scheduled timer = engine.schedule(
                    () -> answer.completeExceptionally(new LockOutcomeUnknownException("store " + engine.store()
                            + ": no answer within operation-timeout ("
                            + DurationFormat.show(engine.settings().operationTimeout()) + ")")),
                    Durations.saturatedNanos(engine.settings().operationTimeout()));
            answer.whenComplete((v, e) -> timer.cancel());
        }
    }

    /** Removes the session from the store. */
    void closeSession() {
        engine.callStore(() -> persist(session::close, null, null), false);
    }

    /** Whether anything is still unconfirmed. */
    boolean isIdle() {
        return pending.get() == 0;
    }

    private <T extends @Nullable Object> void persist(
            Supplier<CompletionStage<T>> request,
            @Nullable CompletableFuture<T> first,
            @Nullable Runnable whenSettled) {
        pending.incrementAndGet();
        attempt(new Attempt<>(request, first, whenSettled, engine.clock().nanoTime()), 0);
    }

    /** What is asked for; nothing to settle but the end of the session itself when whenSettled is null. */
    private record Attempt<T extends @Nullable Object>(
            Supplier<CompletionStage<T>> request,
            @Nullable CompletableFuture<T> first,
            @Nullable Runnable whenSettled,
            long began) {}

    private <T extends @Nullable Object> void attempt(Attempt<T> a, int number) {
        CompletionStage<T> answer;
        try {
            answer = a.request().get();
        } catch (Throwable e) { // a class that cannot be loaded, no memory: it is asked for again (rule SP-7)
            answer = CompletableFuture.failedFuture(e);
        }
        answer.whenComplete((value, failure) -> {
            CompletableFuture<T> first = number == 0 ? a.first() : null;
            if (failure == null) {
                if (a.first() != null) {
                    outage.over(); // a release is always asked of the store; a withdrawal may need nobody's answer
                }
                // Told before the name goes on: listeners hear of this release before they hear of the next hold.
                if (first != null) {
                    first.complete(value);
                }
                settle(a);
            } else {
                if (first != null) {
                    first.completeExceptionally(failure);
                }
                again(a, number, failure);
            }
        });
    }

    private <T extends @Nullable Object> void settle(Attempt<T> a) {
        pending.decrementAndGet();
        Runnable whenSettled = a.whenSettled();
        if (whenSettled != null) {
            whenSettled.run();
        }
        owner.settled();
    }

    private <T extends @Nullable Object> void again(Attempt<T> a, int number, Throwable failure) {
        outage.noticed(engine.failures().unwrap(failure));
        boolean closing = a.whenSettled() == null;
        boolean forALease = engine.clock().nanoTime() - a.began() >= owner.leaseNanos();
        if (forALease && !closing) {
            owner.retire();
        }
        // What a session that is over still holds ends with it; and
        // a session past its lease, the store has ended by itself.
        if (closing ? forALease : owner.isOver()) {
            settle(a);
            return;
        }
        long pause = Math.min(Math.min(FIRST_PAUSE << Math.min(number, 8), LONGEST_PAUSE), owner.leaseNanos() / 6);
        engine.schedule(() -> engine.callStore(() -> attempt(a, number + 1), false), pause);
    }
}
