// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.SessionEvents;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Stands between the engine and any backend: counts the calls, and disturbs those it is told to.
 *
 * <p>So a reply can be lost, or a client fall silent, on every store, without a hand on its network. Thread-safe.
 */
public final class Tap {
    private final Map<Step, Integer> counts = new EnumMap<>(Step.class);
    private final Map<Step, Disturbance> disturbances = new EnumMap<>(Step.class);
    private final Map<Step, Integer> remaining = new EnumMap<>(Step.class);
    private final List<Runnable> kept = new ArrayList<>();
    private final List<Long> answeredAt = new ArrayList<>();
    private final List<SessionEvents> events = new CopyOnWriteArrayList<>();
    private final Map<Step, Runnable> watches = new ConcurrentHashMap<>();
    private final Queue<WeakReference<Contender>> contenders = new ConcurrentLinkedQueue<>();
    private volatile boolean looksAtWaiters;
    private volatile UnaryOperator<Grant> forgery = UnaryOperator.identity();

    /** Puts the tap on a backend, which stays the caller's. */
    public LockBackend on(LockBackend backend) {
        return new TappedBackend(backend, this);
    }

    /** Disturbs every call of a step from now on. */
    public void disturb(Step step, Disturbance how) {
        disturb(step, how, Integer.MAX_VALUE);
    }

    /** Disturbs the next calls of a step. */
    public synchronized void disturb(Step step, Disturbance how, int calls) {
        disturbances.put(step, how);
        remaining.put(step, calls);
    }

    /** The client falls silent: nothing it sends reaches the store any more. */
    public void silence() {
        for (Step step : Step.values()) {
            disturb(step, Disturbance.LOSE_REQUEST);
        }
    }

    /** Ends all disturbances, and delivers what was kept. */
    public void heal() {
        synchronized (this) {
            disturbances.clear();
        }
        deliver();
    }

    /** Delivers the replies that were kept, in their order. */
    public void deliver() {
        List<Runnable> due;
        synchronized (this) {
            due = List.copyOf(kept);
            kept.clear();
        }
        due.forEach(Runnable::run);
    }

    /** How many replies are kept now. */
    public synchronized int keptReplies() {
        return kept.size();
    }

    /** How often a step was called. */
    public synchronized int count(Step step) {
        return counts.getOrDefault(step, 0);
    }

    /** All counts, for messages. */
    public synchronized String counts() {
        return counts.toString();
    }

    /** When the store's last answer to a renewal, an opening or a contend came, before any disturbance: {@code nanoTime}. */
    public synchronized long lastAnswer() {
        return answeredAt.get(answeredAt.size() - 1);
    }

    /** Runs something at each call of a step, before it goes on to the backend. */
    public void watch(Step step, Runnable look) {
        watches.put(step, look);
    }

    /** Whether the store's answers to renewals have said something of a contender in line. */
    public boolean looksAtWaiters() {
        return looksAtWaiters;
    }

    void sawWaiter() {
        looksAtWaiters = true;
    }

    /** Changes each grant on its way to the engine; its release finds the true one. */
    public void forge(UnaryOperator<Grant> change) {
        forgery = change;
    }

    /** Tells the client that its newest session is gone, as a backend may do unasked. */
    public void reportSessionLost(String why) {
        events.get(events.size() - 1).sessionLost(why);
    }

    /** Remembers a contender of the backend's as long as anybody else does. */
    void made(Contender contender) {
        contenders.add(new WeakReference<>(contender));
    }

    /** How many contenders the backend has made. */
    public int contendersMade() {
        return contenders.size();
    }

    /** How many of them somebody still refers to, as far as the collector has looked. */
    public long contendersInTheHeap() {
        return contenders.stream().filter(made -> made.get() != null).count();
    }

    void opened(SessionEvents heard) {
        events.add(heard);
    }

    Disturbance begin(Step step) {
        Runnable watch = watches.get(step);
        if (watch != null) {
            watch.run();
        }
        return counted(step);
    }

    private synchronized Disturbance counted(Step step) {
        counts.merge(step, 1, Integer::sum);
        Disturbance how = disturbances.getOrDefault(step, Disturbance.NONE);
        if (how != Disturbance.NONE && remaining.merge(step, -1, Integer::sum) <= 0) {
            disturbances.remove(step);
        }
        return how;
    }

    /** Carries a call of one stage through, disturbed as told. */
    <T extends @Nullable Object> CompletionStage<T> carry(Step step, Supplier<CompletionStage<T>> call) {
        Disturbance how = begin(step);
        if (how == Disturbance.THROW) {
            throw failure(how, step);
        }
        CompletableFuture<T> seen = new CompletableFuture<>();
        if (!isSent(how)) {
            seen.completeExceptionally(failure(how, step));
        } else {
            call.get()
                    .whenComplete((value, failure) -> answer(
                            how,
                            step,
                            () -> pass(seen, value, how == Disturbance.LOSE_REPLY ? failure(how, step) : failure)));
        }
        return seen;
    }

    static <T extends @Nullable Object> void pass(CompletableFuture<T> seen, T value, @Nullable Throwable failure) {
        if (failure != null) {
            seen.completeExceptionally(failure);
        } else {
            seen.complete(value);
        }
    }

    /** What becomes of an answer that came: passed on, kept, or not handed on at all (then {@link #failure} stands for it). */
    void answer(Disturbance how, Step step, Runnable delivery) {
        synchronized (this) {
            if (step == Step.RENEW || step == Step.OPEN || step == Step.CONTEND) {
                answeredAt.add(System.nanoTime());
            }
            if (how == Disturbance.HOLD_REPLY) {
                kept.add(delivery);
                return;
            }
        }
        delivery.run();
    }

    static boolean isSent(Disturbance how) {
        return how == Disturbance.NONE || how == Disturbance.LOSE_REPLY || how == Disturbance.HOLD_REPLY;
    }

    static RuntimeException failure(Disturbance how, Step step) {
        return switch (how) {
            case REFUSE -> new LockUnavailableException("the kit refused a call of " + step + " on purpose");
            case THROW -> new StoreClientException("the kit threw from a call of " + step + " on purpose");
            case FAIL ->
                new CompletionException(new StoreClientException("the kit had a call of " + step + " fail on purpose"));
            default -> new LockOutcomeUnknownException("the kit lost a call of " + step + " on purpose");
        };
    }

    Grant shown(Grant grant) {
        Grant changed = forgery.apply(grant);
        return changed.equals(grant)
                ? grant
                : new Grant(
                        changed.name(), changed.contenderId(), changed.storeToken(), changed.basis(), new True(grant));
    }

    static Grant truth(Grant grant) {
        return grant.reference() instanceof True original ? original.grant() : grant;
    }

    /** What a store's client throws, which nobody but its backend knows. */
    private static final class StoreClientException extends RuntimeException {
        private static final long serialVersionUID = 1;

        StoreClientException(String message) {
            super(message);
        }
    }

    /** The grant behind a forged one. */
    private record True(Grant grant) {
        True {
            Objects.requireNonNull(grant);
        }
    }
}
