// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.spi.Contender;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionOptions;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One hand-over in a thousand is told to two: whoever is next gets the lock, and so does another who waits. The tokens of both are
 * in order, and whoever has it by right cannot pass it on before the other has done: nothing but the overlap shows it.
 */
final class OneInAThousand implements Fault {
    private static final int SELDOM = 1_000;
    private static final int MOST_SECONDS = 1;
    private static final Object FALSE = new Object();

    private final Fault spread = new Spread();
    private final AtomicLong handOvers = new AtomicLong();
    private final Set<Waiting> waiting = ConcurrentHashMap.newKeySet();

    /** By the true grant's token: done when the false one beside it has been released. */
    private final Map<Long, CompletableFuture<Void>> beside = new ConcurrentHashMap<>();

    /** Leaves room for a token between any two. */
    private static final class Spread extends TokenFault {
        @Override
        long token(Grant grant, AtomicLong ofClient) {
            return 2 * grant.storeToken();
        }
    }

    @Override
    public LockBackend on(LockBackend sound) {
        return new BrokenBackend(spread.on(sound)) {
            @Override
            LockSession broken(LockSession session, SessionOptions options) {
                return new Session(session);
            }
        };
    }

    private void granted(Grant grant) {
        if (handOvers.incrementAndGet() % SELDOM != 0) {
            return;
        }
        waiting.stream()
                .filter(other -> other.request().name().equals(grant.name()))
                .findAny()
                .ifPresent(other -> {
                    beside.put(
                            grant.storeToken(),
                            new CompletableFuture<Void>().completeOnTimeout(null, MOST_SECONDS, TimeUnit.SECONDS));
                    other.grantBeside(grant);
                });
    }

    private CompletionStage<Void> alone(Grant grant) {
        CompletionStage<Void> other = beside.remove(grant.storeToken());
        return other == null ? CompletableFuture.completedFuture(null) : other;
    }

    private static boolean isFalse(Grant grant) {
        return grant != null && grant.reference() == FALSE;
    }

    private void over(Grant falseGrant) {
        CompletableFuture<Void> right = beside.get(falseGrant.storeToken() - 1);
        if (right != null) {
            right.complete(null);
        }
    }

    private final class Session extends BrokenSession {
        private final Map<Long, Grant> falsely = new ConcurrentHashMap<>();

        Session(LockSession sound) {
            super(sound);
        }

        @Override
        public Contender contend(LockRequest request) {
            Grant releasing = request.releasing();
            if (!isFalse(releasing)) {
                return new Waiting(super.contend(request), this);
            }
            over(releasing);
            LockRequest alone = LockRequest.exclusive(request.name(), request.contenderId(), request.enqueue(), null);
            return new BrokenContender(new Waiting(super.contend(alone), this)) {
                @Override
                public CompletionStage<Boolean> released() {
                    return CompletableFuture.completedFuture(true);
                }
            };
        }

        @Override
        public CompletionStage<Boolean> release(Grant grant) {
            if (isFalse(grant)) {
                falsely.remove(grant.contenderId());
                over(grant);
                return CompletableFuture.completedFuture(true);
            }
            return alone(grant).thenCompose(nobody -> super.release(grant));
        }

        @Override
        public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
            return super.renew(contenders).thenApply(renewal -> {
                Map<Long, ContenderStatus> statuses = new HashMap<>(renewal.statuses());
                statuses.replaceAll((id, status) ->
                        falsely.containsKey(id) ? new ContenderStatus.Holding(falsely.get(id)) : status);
                return new Renewal(renewal.sentAt(), statuses);
            });
        }
    }

    private final class Waiting extends BrokenContender {
        private final CompletableFuture<Grant> told = new CompletableFuture<>();
        private final Session session;

        Waiting(Contender sound, Session session) {
            super(sound);
            this.session = session;
            if (sound.request().enqueue()) {
                waiting.add(this);
            }
            sound.granted().whenComplete((grant, failure) -> {
                waiting.remove(this);
                if (failure != null) {
                    told.completeExceptionally(failure);
                } else if (told.complete(grant) && grant != null) {
                    OneInAThousand.this.granted(grant);
                }
            });
        }

        /** Its place is left, so that only the false grant is its own. */
        void grantBeside(Grant grant) {
            Grant wrong =
                    new Grant(grant.name(), request().contenderId(), grant.storeToken() + 1, session.basis(), FALSE);
            waiting.remove(this);
            session.falsely.put(request().contenderId(), wrong);
            if (told.complete(wrong)) {
                sound().withdraw();
            } else {
                session.falsely.remove(request().contenderId());
                over(wrong);
            }
        }

        @Override
        public CompletionStage<Grant> granted() {
            return told;
        }
    }
}
