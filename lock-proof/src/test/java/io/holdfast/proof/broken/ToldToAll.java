// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.spi.Contender;
import io.holdfast.spi.Contender.Answer;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The store's message that a grant is gone ends every client that listens, whoever had it. */
final class ToldToAll implements Fault {
    private final List<SessionEvents> listening = new CopyOnWriteArrayList<>();

    @Override
    public LockBackend on(LockBackend sound) {
        return new BrokenBackend(sound) {
            @Override
            public CompletionStage<LockSession> openSession(SessionOptions options, SessionEvents events) {
                listening.add(events);
                return super.openSession(options, new SessionEvents() {
                    @Override
                    public void sessionLost(String why) {
                        events.sessionLost(why);
                    }

                    @Override
                    public void grantLost(Grant grant, String why) {
                        listening.forEach(each -> each.sessionLost(why));
                    }
                });
            }
        };
    }

    /** The news that a grant is gone go to who stands behind it in line, too: by the number of its request. */
    static Fault whoWait() {
        Map<String, Map<SessionEvents, Boolean>> inLine = new ConcurrentHashMap<>();
        return sound -> new BrokenBackend(sound) {
            @Override
            public CompletionStage<LockSession> openSession(SessionOptions options, SessionEvents events) {
                SessionEvents heard = new SessionEvents() {
                    @Override
                    public void sessionLost(String why) {
                        events.sessionLost(why);
                    }

                    @Override
                    public void grantLost(Grant grant, String why) {
                        events.grantLost(grant, why);
                        inLine.getOrDefault(grant.name(), Map.of())
                                .keySet()
                                .forEach(each -> each.grantLost(grant, why));
                    }
                };
                return super.openSession(options, heard).thenApply(session -> joins(session, events));
            }

            private LockSession joins(LockSession session, SessionEvents events) {
                return new BrokenSession(session) {
                    @Override
                    public Contender contend(LockRequest request) {
                        Contender contender = super.contend(request);
                        contender.answered().thenAccept(answer -> {
                            if (answer == Answer.WAITING) {
                                inLine.computeIfAbsent(request.name(), name -> new ConcurrentHashMap<>())
                                        .put(events, true);
                            }
                        });
                        return contender;
                    }
                };
            }
        };
    }
}
