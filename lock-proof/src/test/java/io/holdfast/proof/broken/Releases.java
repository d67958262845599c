// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionOptions;
import java.util.Collection;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** Releases that free too much, or say so. */
final class Releases {
    private Releases() {}

    /** A release deletes whoever holds the name. */
    static LockBackend ofStrangers(LockBackend sound) {
        return new BrokenBackend(sound) {
            @Override
            LockSession broken(LockSession session, SessionOptions options) {
                return new BrokenSession(session) {
                    @Override
                    public CompletionStage<Boolean> release(Grant grant) {
                        return super.release(grant)
                                .thenCompose(gone -> gone
                                        ? CompletableFuture.completedFuture(true)
                                        : sound.forceRelease(grant.name(), OptionalLong.empty())
                                                .thenApply(outcome -> true));
                    }
                };
            }
        };
    }

    /** A withdrawal that was confirmed and comes again frees what its client has of the name by now. */
    static LockSession byAnOldWithdrawal(LockSession sound) {
        Map<String, Grant> latest = new ConcurrentHashMap<>();
        return new BrokenSession(sound) {
            @Override
            public Contender contend(LockRequest request) {
                Contender contender = super.contend(request);
                contender.granted().thenAccept(grant -> {
                    if (grant != null) {
                        latest.put(grant.name(), grant);
                    }
                });
                return new BrokenContender(contender) {
                    private final AtomicBoolean confirmed = new AtomicBoolean();

                    @Override
                    public CompletionStage<Void> withdraw() {
                        Grant now = latest.get(request.name());
                        return confirmed.getAndSet(true) && now != null
                                ? sound.release(now).thenApply(gone -> null)
                                : super.withdraw();
                    }
                };
            }

            @Override
            public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
                return super.renew(contenders.stream()
                        .map(each -> each instanceof BrokenContender wrapped ? wrapped.sound() : each)
                        .toList());
            }
        };
    }

    /** A release that finds its grant gone frees what its client has of the name by now. */
    static LockSession ofTheNameNotTheGrant(LockSession sound) {
        Map<String, Grant> latest = new ConcurrentHashMap<>();
        return new BrokenSession(sound) {
            @Override
            public Contender contend(LockRequest request) {
                Contender contender = super.contend(request);
                contender.granted().thenAccept(grant -> {
                    if (grant != null) {
                        latest.put(grant.name(), grant);
                    }
                });
                return contender;
            }

            @Override
            public CompletionStage<Boolean> release(Grant grant) {
                return super.release(grant)
                        .thenCompose(gone -> gone
                                ? CompletableFuture.completedFuture(true)
                                : super.release(latest.getOrDefault(grant.name(), grant)));
            }
        };
    }

    /** Every release says that it has released, the second one too. */
    static LockSession alwaysSucceed(LockSession sound) {
        return new BrokenSession(sound) {
            @Override
            public CompletionStage<Boolean> release(Grant grant) {
                return super.release(grant).thenApply(gone -> true);
            }
        };
    }

    /** A grant that is given up in the step of the next contend is said to have been gone before. */
    static LockSession areDeniedInTheStepOfTheNextContend(LockSession sound) {
        return new BrokenSession(sound) {
            @Override
            public Contender contend(LockRequest request) {
                Contender contender = super.contend(request);
                return request.releasing() == null
                        ? contender
                        : new BrokenContender(contender) {
                            @Override
                            public CompletionStage<Boolean> released() {
                                return super.released().thenApply(gone -> false);
                            }
                        };
            }
        };
    }
}
