// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.spi.Contender;
import io.holdfast.spi.Contender.Answer;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockClock;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.StoredLock;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** Leases of one client that another client's request restarts in the store: the first one may be long dead. */
final class Prolonged implements Fault {
    /** What restarts them. */
    enum By {
        /** A renewal restarts every lease under the prefix: an update without "where it is mine". */
        ANY_RENEWAL,
        /** A renewal that finds its own grant gone restarts the lease of whoever holds the name. */
        A_LATE_RENEWAL,
        /** A try that finds the name held writes the key once more, with a new lease. */
        A_REFUSED_TRY,
        /** Looking restarts: a read that touches. */
        AN_INSPECTION
    }

    private final By by;
    private final Set<LockSession> open = ConcurrentHashMap.newKeySet();

    /** By name, the session of the latest grant. */
    private final Map<String, LockSession> holders = new ConcurrentHashMap<>();

    Prolonged(By by) {
        this.by = by;
    }

    private void prolong(String name) {
        LockSession holder = holders.get(name);
        if (holder != null) {
            holder.renew(List.of());
        }
    }

    @Override
    public LockBackend on(LockBackend sound) {
        return new BrokenBackend(sound) {
            @Override
            LockSession broken(LockSession session, SessionOptions options) {
                return new Session(session, options.runtime().clock());
            }

            @Override
            public CompletionStage<StoredLock> inspect(String name) {
                if (by == By.AN_INSPECTION) {
                    prolong(name);
                }
                return super.inspect(name);
            }
        };
    }

    private final class Session extends BrokenSession {
        private final LockSession sound;
        private final LockClock clock;

        /** Of this client's own renewals: it knows of no other. */
        private volatile long basis;

        Session(LockSession sound, LockClock clock) {
            super(sound);
            this.sound = sound;
            this.clock = clock;
            this.basis = sound.basis();
            open.add(sound);
        }

        @Override
        public long basis() {
            return basis;
        }

        @Override
        public Contender contend(LockRequest request) {
            Contender contender = super.contend(request);
            contender.granted().thenAccept(grant -> {
                if (grant != null) {
                    holders.put(request.name(), sound);
                }
            });
            contender.answered().thenAccept(answer -> {
                if (answer == Answer.BUSY && by == By.A_REFUSED_TRY) {
                    prolong(request.name());
                }
            });
            return contender;
        }

        @Override
        public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
            if (by == By.ANY_RENEWAL) {
                open.stream().filter(other -> other != sound).forEach(other -> other.renew(List.of()));
            }
            long sentAt = clock.nanoTime();
            return super.renew(contenders).whenComplete((renewal, failure) -> {
                if (failure == null) {
                    basis = sentAt;
                } else if (by == By.A_LATE_RENEWAL) {
                    contenders.forEach(contender -> prolong(contender.request().name()));
                }
            });
        }

        @Override
        public CompletionStage<Void> close() {
            open.remove(sound);
            return super.close();
        }
    }
}
