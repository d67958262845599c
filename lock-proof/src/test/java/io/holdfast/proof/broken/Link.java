// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockClock;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** The way to a memory store. What is sent over it can be kept back, and is delivered late, in its order. */
final class Link {
    /** Guarded by this. */
    private final Deque<Runnable> kept = new ArrayDeque<>();

    private boolean holding;

    synchronized void hold() {
        holding = true;
    }

    void heal() {
        for (Runnable next = next(); next != null; next = next()) {
            next.run();
        }
    }

    private synchronized Runnable next() {
        Runnable next = kept.poll();
        holding &= next != null; // until all that was kept has gone: nothing overtakes it
        return next;
    }

    private synchronized boolean keeps(Runnable request) {
        if (holding) {
            kept.add(request);
        }
        return holding;
    }

    private <T> CompletableFuture<T> send(Supplier<CompletionStage<T>> request) {
        CompletableFuture<T> reply = new CompletableFuture<>();
        Runnable sending = () -> forward(request.get(), reply);
        if (!keeps(sending)) {
            sending.run();
        }
        return reply;
    }

    private static <T> void forward(CompletionStage<T> from, CompletableFuture<T> to) {
        from.whenComplete((value, failure) -> {
            if (failure != null) {
                to.completeExceptionally(failure);
            } else {
                to.complete(value);
            }
        });
    }

    /** A backend at the other end of this link. */
    LockBackend to(LockBackend store) {
        return new BrokenBackend(store) {
            @Override
            public CompletionStage<LockSession> openSession(SessionOptions options, SessionEvents events) {
                LockClock clock = options.runtime().clock();
                long sentAt = clock.nanoTime();
                return send(() -> super.openSession(options, events))
                        .thenApply(session -> new Session(session, clock, sentAt));
            }
        };
    }

    private final class Session extends BrokenSession {
        private final LockClock clock;
        private volatile long basis;

        Session(LockSession sound, LockClock clock, long basis) {
            super(sound);
            this.clock = clock;
            this.basis = basis;
        }

        @Override
        public long basis() {
            return basis;
        }

        @Override
        public Contender contend(LockRequest request) {
            LateContender late = new LateContender(request);
            Runnable sending = () -> late.sent(super.contend(request));
            if (!keeps(sending)) {
                return super.contend(request);
            }
            return late;
        }

        @Override
        public CompletionStage<Boolean> release(Grant grant) {
            return send(() -> super.release(grant));
        }

        @Override
        public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
            long sentAt = clock.nanoTime();
            return send(() -> super.renew(contenders)).thenApply(renewal -> {
                basis = Math.max(basis, sentAt); // counted from the request, however late it was delivered
                return new Renewal(sentAt, renewal.statuses());
            });
        }
    }

    /** A contender whose request is under way. */
    private final class LateContender implements Contender {
        private final LockRequest request;
        private final CompletableFuture<Answer> answered = new CompletableFuture<>();
        private final CompletableFuture<Grant> granted = new CompletableFuture<>();
        private final CompletableFuture<Boolean> released = new CompletableFuture<>();
        private volatile Contender sound;

        LateContender(LockRequest request) {
            this.request = request;
        }

        void sent(Contender contender) {
            sound = contender;
            forward(contender.answered(), answered);
            forward(contender.granted(), granted);
            forward(contender.released(), released);
        }

        @Override
        public LockRequest request() {
            return request;
        }

        @Override
        public CompletionStage<Answer> answered() {
            return answered;
        }

        @Override
        public CompletionStage<Grant> granted() {
            return granted;
        }

        @Override
        public CompletionStage<Boolean> released() {
            return released;
        }

        @Override
        public CompletionStage<Void> withdraw() {
            granted.complete(null);
            return send(() -> sound.withdraw());
        }
    }
}
