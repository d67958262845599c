// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.ForceOutcome;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.StoredLock;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** Something wakes a waiter beside the one whose turn it is, and being woken is taken for the grant. */
final class WrongTurns implements Fault {
    /** What wakes one too many. */
    enum By {
        /** The place before one's own is gone, so it must be one's turn. */
        THE_END_OF_A_WAITER,
        /** Administrators wake everybody. */
        A_FORCED_RELEASE,
        /** Each of a session's places wakes the next one when it goes. */
        THE_END_OF_A_HOLDER
    }

    private final By by;

    /** By name, in the order of their places; guarded by this. */
    private final Map<String, Queue<Waiter>> lines = new HashMap<>();

    WrongTurns(By by) {
        this.by = by;
    }

    private synchronized Waiter waits(Waiter waiter) {
        lines.computeIfAbsent(waiter.request().name(), name -> new ArrayDeque<>())
                .add(waiter);
        return waiter;
    }

    private synchronized Waiter firstOf(String name) {
        Queue<Waiter> line = lines.getOrDefault(name, new ArrayDeque<>());
        line.removeIf(waiter -> waiter.granted.isDone());
        return line.peek();
    }

    private void wakeOneMore(LockBackend store, String name) {
        Waiter next = firstOf(name);
        StoredLock held = store.inspect(name).toCompletableFuture().join();
        if (next != null && held.isHeld()) {
            next.takes(held);
        }
    }

    @Override
    public LockBackend on(LockBackend sound) {
        return new BrokenBackend(sound) {
            @Override
            LockSession broken(LockSession session, SessionOptions options) {
                return new Session(session, sound);
            }

            @Override
            public CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong storeToken) {
                return super.forceRelease(name, storeToken).thenApply(outcome -> {
                    if (by == By.A_FORCED_RELEASE) {
                        wakeOneMore(sound, name);
                    }
                    return outcome;
                });
            }
        };
    }

    private final class Session extends BrokenSession {
        private final LockSession sound;
        private final LockBackend store;
        private final Set<Contender> contenders = ConcurrentHashMap.newKeySet();

        Session(LockSession sound, LockBackend store) {
            super(sound);
            this.sound = sound;
            this.store = store;
        }

        @Override
        public Contender contend(LockRequest request) {
            Contender contender = super.contend(request);
            boolean waits = !contender.granted().toCompletableFuture().isDone();
            Contender shown = waits ? waits(new Waiter(contender, sound)) : contender;
            contenders.add(shown);
            return shown;
        }

        @Override
        public CompletionStage<Boolean> release(Grant grant) {
            contenders.removeIf(contender -> contender.request().contenderId() == grant.contenderId());
            return super.release(grant);
        }

        @Override
        public CompletionStage<Void> close() {
            Set<Contender> ended = Set.copyOf(contenders);
            contenders.clear();
            Map<Contender, Boolean> waited = new HashMap<>();
            ended.forEach(contender -> waited.put(
                    contender, !contender.granted().toCompletableFuture().isDone()));
            return super.close()
                    .thenRun(() -> waited.forEach((contender, waiting) -> {
                        if (waiting ? by == By.THE_END_OF_A_WAITER : by == By.THE_END_OF_A_HOLDER) {
                            wakeOneMore(store, contender.request().name());
                        }
                    }));
        }
    }

    private static final class Waiter extends BrokenContender {
        private final LockSession session;
        private final CompletableFuture<Grant> granted = new CompletableFuture<>();

        Waiter(Contender sound, LockSession session) {
            super(sound);
            this.session = session;
            sound.granted().whenComplete((grant, failure) -> granted.complete(grant));
        }

        void takes(StoredLock held) {
            granted.complete(
                    new Grant(held.name(), request().contenderId(), held.storeToken() + 1, session.basis(), null));
        }

        @Override
        public CompletionStage<Grant> granted() {
            return granted;
        }

        @Override
        public CompletionStage<Void> withdraw() {
            granted.complete(null);
            return super.withdraw();
        }
    }
}
