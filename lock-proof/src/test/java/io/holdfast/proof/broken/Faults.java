// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.spi.Contender;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The ways in which a backend can be broken that the kit must find, each as one change of a sound one. */
final class Faults {
    private Faults() {}

    /** A try is granted although somebody holds: "take if free" in two steps, of which the second does not look. */
    static LockSession doubleGrant(LockBackend backend, LockSession sound) {
        AtomicLong tokens = new AtomicLong(1L << 40);
        return new BrokenSession(sound) {
            @Override
            public Contender contend(LockRequest request) {
                Contender contender = super.contend(request);
                if (request.enqueue()) {
                    return contender;
                }
                return new BrokenContender(contender) {
                    @Override
                    public CompletionStage<Answer> answered() {
                        return CompletableFuture.completedFuture(Answer.GRANTED);
                    }

                    @Override
                    public CompletionStage<Grant> granted() {
                        return super.granted()
                                .thenApply(grant -> grant != null
                                        ? grant
                                        : new Grant(
                                                request.name(),
                                                request.contenderId(),
                                                tokens.incrementAndGet(),
                                                sound.basis(),
                                                null));
                    }
                };
            }
        };
    }

    /** Every grant of a name has the same token: a counter that goes with the lock's own entry. */
    static LockSession tokenReused(LockBackend backend, LockSession sound) {
        return new BrokenSession(sound) {
            private final Map<Long, Grant> truth = new HashMap<>();

            private Grant shown(Grant grant) {
                if (grant == null) {
                    return null;
                }
                truth.put(grant.contenderId(), grant);
                return new Grant(grant.name(), grant.contenderId(), 1, grant.basis(), grant.reference());
            }

            @Override
            public Contender contend(LockRequest request) {
                Grant given = request.releasing();
                return new BrokenContender(super.contend(LockRequest.exclusive(
                        request.name(),
                        request.contenderId(),
                        request.enqueue(),
                        given == null ? null : truth.get(given.contenderId())))) {
                    @Override
                    public CompletionStage<Grant> granted() {
                        return super.granted().thenApply(grant -> shown(grant));
                    }
                };
            }

            @Override
            public CompletionStage<Boolean> release(Grant grant) {
                return super.release(truth.getOrDefault(grant.contenderId(), grant));
            }
        };
    }

    /** A release deletes whoever holds the name. */
    static LockSession releasesStrangers(LockBackend backend, LockSession sound) {
        return new BrokenSession(sound) {
            @Override
            public CompletionStage<Boolean> release(Grant grant) {
                return super.release(grant)
                        .thenCompose(gone -> gone
                                ? CompletableFuture.completedFuture(true)
                                : backend.forceRelease(grant.name(), OptionalLong.empty())
                                        .thenApply(outcome -> true));
            }
        };
    }

    /** A waiter is never told that its turn has come, and a renewal does not look. */
    static LockSession losesWakeUps(LockBackend backend, LockSession sound) {
        return new BrokenSession(sound) {
            private final Map<Long, Boolean> waiting = new HashMap<>();

            @Override
            public Contender contend(LockRequest request) {
                Contender contender = super.contend(request);
                if (!contender.answered().toCompletableFuture().join().equals(Contender.Answer.WAITING)) {
                    return contender;
                }
                waiting.put(request.contenderId(), true);
                return new BrokenContender(contender) {
                    @Override
                    public CompletionStage<Grant> granted() {
                        CompletableFuture<Grant> never = new CompletableFuture<>();
                        super.granted().thenAccept(grant -> {
                            if (grant == null) {
                                never.complete(null);
                            }
                        });
                        return never;
                    }
                };
            }

            @Override
            public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
                return super.renew(contenders).thenApply(renewal -> {
                    Map<Long, ContenderStatus> told = new HashMap<>(renewal.statuses());
                    told.replaceAll((id, status) -> waiting.containsKey(id) ? ContenderStatus.WAITING : status);
                    return new Renewal(renewal.sentAt(), told);
                });
            }
        };
    }

    /** A watchdog of the client library renews as long as the process lives, whatever the engine says. */
    static LockSession neverExpires(LockBackend backend, LockSession sound) {
        ScheduledExecutorService watchdog = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "watchdog-of-a-broken-backend");
            thread.setDaemon(true);
            return thread;
        });
        watchdog.scheduleAtFixedRate(() -> sound.renew(List.of()), 50, 50, TimeUnit.MILLISECONDS);
        return new BrokenSession(sound) {
            @Override
            public CompletionStage<Void> close() {
                watchdog.shutdownNow();
                return super.close();
            }
        };
    }
}
