// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.ForceOutcome;
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
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Faults in who gets the lock, and who hears of it. */
final class Lines {
    private static final CompletionStage<Void> DONE = CompletableFuture.completedFuture(null);

    private Lines() {}

    /** A try is granted although somebody holds: "take if free" in two steps, of which the second does not look. */
    static LockSession grantTriesToo(LockSession sound) {
        AtomicLong tokens = new AtomicLong(1L << 40);
        return new BrokenSession(sound) {
            @Override
            public Contender contend(LockRequest request) {
                Contender contender = super.contend(request);
                return request.enqueue()
                        ? contender
                        : new BrokenContender(contender) {
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

    /** A refused try stays in line, and leaves it when its turn comes. */
    static LockSession keepRefusedTries(LockSession sound) {
        return new BrokenSession(sound) {
            @Override
            public Contender contend(LockRequest request) {
                Contender contender = super.contend(
                        LockRequest.exclusive(request.name(), request.contenderId(), true, request.releasing()));
                if (request.enqueue()
                        || contender.granted().toCompletableFuture().isDone()) {
                    return contender;
                }
                contender.granted().thenAccept(grant -> contender.withdraw());
                return new BrokenContender(contender) {
                    @Override
                    public CompletionStage<Answer> answered() {
                        return CompletableFuture.completedFuture(Answer.BUSY);
                    }

                    @Override
                    public CompletionStage<Grant> granted() {
                        return CompletableFuture.completedFuture(null);
                    }

                    @Override
                    public CompletionStage<Void> withdraw() {
                        return DONE;
                    }
                };
            }
        };
    }

    /** Who leaves the line stays in it, and gets the lock when its turn comes. */
    static LockSession keepWhoLeaves(LockSession sound) {
        return new BrokenSession(sound) {
            @Override
            public Contender contend(LockRequest request) {
                Contender contender = super.contend(request);
                CompletableFuture<Grant> granted = new CompletableFuture<>();
                contender.granted().thenAccept(granted::complete);
                return granted.isDone()
                        ? contender
                        : new BrokenContender(contender) {
                            @Override
                            public CompletionStage<Grant> granted() {
                                return granted;
                            }

                            @Override
                            public CompletionStage<Void> withdraw() {
                                granted.complete(null);
                                return DONE;
                            }
                        };
            }
        };
    }

    /** A renewal shows who waits that it waits, and not that it holds: nobody makes up for a wake-up that was lost. */
    static LockSession lookAtNobodyWhoWaits(LockSession sound) {
        Set<Long> waited = ConcurrentHashMap.newKeySet();
        return new BrokenSession(sound) {
            @Override
            public Contender contend(LockRequest request) {
                Contender contender = super.contend(request);
                if (!contender.granted().toCompletableFuture().isDone()) {
                    waited.add(request.contenderId());
                }
                return contender;
            }

            @Override
            public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
                return super.renew(contenders).thenApply(renewal -> {
                    Map<Long, ContenderStatus> statuses = new HashMap<>(renewal.statuses());
                    statuses.replaceAll((id, status) -> status instanceof ContenderStatus.Holding && waited.contains(id)
                            ? ContenderStatus.UNKNOWN
                            : status);
                    return new Renewal(renewal.sentAt(), statuses);
                });
            }
        };
    }

    /** A waiter is told of a release; that a holder has died, nobody tells it. */
    static final class WakeAfterReleasesOnly implements Fault {
        private final Set<String> freedByHand = ConcurrentHashMap.newKeySet();

        @Override
        public LockBackend on(LockBackend sound) {
            return new BrokenBackend(sound) {
                @Override
                LockSession broken(LockSession session, SessionOptions options) {
                    return new Session(session);
                }

                @Override
                public CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong storeToken) {
                    freedByHand.add(name);
                    return super.forceRelease(name, storeToken);
                }
            };
        }

        private final class Session extends BrokenSession {
            private final Set<String> names = ConcurrentHashMap.newKeySet();
            private final Set<Long> waiting = ConcurrentHashMap.newKeySet();

            Session(LockSession sound) {
                super(sound);
            }

            @Override
            public Contender contend(LockRequest request) {
                names.add(request.name());
                if (request.releasing() != null) {
                    freedByHand.add(request.name());
                }
                Contender contender = super.contend(request);
                CompletableFuture<Grant> told = new CompletableFuture<>();
                waiting.add(request.contenderId());
                boolean atOnce = contender.granted().toCompletableFuture().isDone();
                contender.granted().thenAccept(grant -> {
                    if (atOnce || grant == null || freedByHand.contains(grant.name())) {
                        waiting.remove(request.contenderId());
                        told.complete(grant);
                    }
                });
                return new BrokenContender(contender) {
                    @Override
                    public CompletionStage<Grant> granted() {
                        return told;
                    }

                    @Override
                    public CompletionStage<Void> withdraw() {
                        freedByHand.add(request.name());
                        told.complete(null);
                        return super.withdraw();
                    }
                };
            }

            @Override
            public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
                return super.renew(contenders).thenApply(renewal -> {
                    Map<Long, ContenderStatus> statuses = new HashMap<>(renewal.statuses());
                    statuses.replaceAll((id, status) -> waiting.contains(id) ? ContenderStatus.WAITING : status);
                    return new Renewal(renewal.sentAt(), statuses);
                });
            }

            @Override
            public CompletionStage<Boolean> release(Grant grant) {
                freedByHand.add(grant.name());
                return super.release(grant);
            }

            @Override
            public CompletionStage<Void> close() {
                freedByHand.addAll(names);
                return super.close();
            }
        }
    }
}
