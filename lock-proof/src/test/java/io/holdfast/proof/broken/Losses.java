// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.spi.Contender;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Nobody looks whether a grant is still there: its forced release is not noticed. */
final class Losses extends BrokenBackend {
    private static final int LATE_MILLIS = 100;

    Losses(LockBackend sound) {
        super(sound);
    }

    /** What is told of the loss comes once more, late, and names whatever grant of the name the client has then. */
    static LockBackend comeLateToo(LockBackend sound) {
        Map<String, Grant> latest = new ConcurrentHashMap<>();
        return new BrokenBackend(sound) {
            @Override
            public CompletionStage<LockSession> openSession(SessionOptions options, SessionEvents events) {
                return super.openSession(options, new SessionEvents() {
                    @Override
                    public void sessionLost(String why) {
                        events.sessionLost(why);
                    }

                    @Override
                    public void grantLost(Grant grant, String why) {
                        events.grantLost(grant, why);
                        CompletableFuture.delayedExecutor(LATE_MILLIS, TimeUnit.MILLISECONDS)
                                .execute(() -> events.grantLost(latest.getOrDefault(grant.name(), grant), why));
                    }
                });
            }

            @Override
            LockSession broken(LockSession session, SessionOptions options) {
                return new BrokenSession(session) {
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
                };
            }
        };
    }

    @Override
    public CompletionStage<LockSession> openSession(SessionOptions options, SessionEvents events) {
        return super.openSession(options, new SessionEvents() {
            @Override
            public void sessionLost(String why) {
                events.sessionLost(why);
            }

            @Override
            public void grantLost(Grant grant, String why) {}
        });
    }

    @Override
    LockSession broken(LockSession session, SessionOptions options) {
        Map<Long, Grant> had = new ConcurrentHashMap<>();
        return new BrokenSession(session) {
            @Override
            public Contender contend(LockRequest request) {
                Contender contender = super.contend(request);
                contender.granted().thenAccept(grant -> {
                    if (grant != null) {
                        had.put(grant.contenderId(), grant);
                    }
                });
                return contender;
            }

            @Override
            public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
                return super.renew(contenders).thenApply(renewal -> {
                    Map<Long, ContenderStatus> statuses = new HashMap<>(renewal.statuses());
                    statuses.replaceAll(
                            (id, status) -> had.containsKey(id) ? new ContenderStatus.Holding(had.get(id)) : status);
                    return new Renewal(renewal.sentAt(), statuses);
                });
            }
        };
    }
}
