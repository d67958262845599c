// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.spi.Contender;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockClock;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionOptions;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** Clients, contenders and clocks that are taken for others. */
final class OneForAnother {
    private OneForAnother() {}

    /** Every session is known by the host's name. */
    static LockSession sessionsOfOneHost(LockSession sound) {
        return new BrokenSession(sound) {
            @Override
            public String id() {
                return "host-1";
            }
        };
    }

    /** The store's lock is reentrant for its session: another contender of it holds, too. */
    static LockSession contendersOfOneSession(LockSession sound) {
        Map<String, Grant> held = new ConcurrentHashMap<>();
        return new BrokenSession(sound) {
            @Override
            public Contender contend(LockRequest request) {
                Grant mine = held.get(request.name());
                Contender contender = super.contend(request);
                contender.granted().thenAccept(grant -> {
                    if (grant != null) {
                        held.put(request.name(), grant);
                    }
                });
                return mine == null || request.enqueue() ? contender : reentered(contender, mine);
            }

            @Override
            public CompletionStage<Boolean> release(Grant grant) {
                held.remove(grant.name());
                return super.release(grant);
            }
        };
    }

    private static Contender reentered(Contender contender, Grant mine) {
        return new BrokenContender(contender) {
            @Override
            public CompletionStage<Answer> answered() {
                return CompletableFuture.completedFuture(Answer.GRANTED);
            }

            @Override
            public CompletionStage<Grant> granted() {
                long id = request().contenderId();
                return super.granted()
                        .thenApply(
                                grant -> new Grant(mine.name(), id, mine.storeToken(), mine.basis(), mine.reference()));
            }
        };
    }

    /** A renewal goes by what the client remembers: that it held. */
    static LockSession theReleasedForTheHeld(LockSession sound) {
        Map<Long, Grant> remembered = new ConcurrentHashMap<>();
        return new BrokenSession(sound) {
            @Override
            public CompletionStage<Boolean> release(Grant grant) {
                remembered.put(grant.contenderId(), grant);
                return super.release(grant);
            }

            @Override
            public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
                return super.renew(contenders).thenApply(renewal -> {
                    Map<Long, ContenderStatus> statuses = new HashMap<>(renewal.statuses());
                    statuses.replaceAll(
                            (id, status) -> status instanceof ContenderStatus.Gone && remembered.containsKey(id)
                                    ? new ContenderStatus.Holding(remembered.get(id))
                                    : status);
                    return new Renewal(renewal.sentAt(), statuses);
                });
            }
        };
    }

    /** The end of a lease is written by the holder's time of day, and read by that of whoever comes. */
    static final class TheTimeOfDayOfOthers implements Fault {
        private final Map<String, Long> ends = new ConcurrentHashMap<>();

        @Override
        public LockBackend on(LockBackend sound) {
            return new BrokenBackend(sound) {
                @Override
                LockSession broken(LockSession session, SessionOptions options) {
                    LockClock clock = options.runtime().clock();
                    return new BrokenSession(session) {
                        @Override
                        public Contender contend(LockRequest request) {
                            Long end = ends.get(request.name());
                            if (end != null && end < clock.wallMillis()) {
                                sound.forceRelease(request.name(), OptionalLong.empty());
                            }
                            Contender contender = super.contend(request);
                            contender.granted().thenAccept(grant -> {
                                if (grant != null) {
                                    writes(grant.name());
                                }
                            });
                            return contender;
                        }

                        private void writes(String name) {
                            ends.put(name, clock.wallMillis() + options.lease().toMillis());
                        }

                        @Override
                        public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
                            contenders.stream()
                                    .filter(contender -> contender
                                            .granted()
                                            .toCompletableFuture()
                                            .isDone())
                                    .forEach(contender ->
                                            writes(contender.request().name()));
                            return super.renew(contenders);
                        }

                        @Override
                        public CompletionStage<Boolean> release(Grant grant) {
                            ends.remove(grant.name());
                            return super.release(grant);
                        }
                    };
                }
            };
        }
    }
}
