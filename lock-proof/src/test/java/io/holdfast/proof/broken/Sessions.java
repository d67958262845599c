// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.ForceOutcome;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/** Sessions that end too little or too much, and clients that are taken for one. */
final class Sessions {
    private static final int LONGEST_WAY_NANOS = 1_000_000;

    private Sessions() {}

    /** Closing a session ends nothing in the store. */
    static LockSession areForgottenNotEnded(LockSession sound) {
        return new BrokenSession(sound) {
            @Override
            public CompletionStage<Void> close() {
                return CompletableFuture.completedFuture(null);
            }
        };
    }

    /** Closing a session ends the connection, and with it every session on it. */
    static LockBackend endTogether(LockBackend sound) {
        List<LockSession> open = new CopyOnWriteArrayList<>();
        return new BrokenBackend(sound) {
            @Override
            LockSession broken(LockSession session, SessionOptions options) {
                open.add(session);
                return new BrokenSession(session) {
                    @Override
                    public CompletionStage<Void> close() {
                        open.forEach(LockSession::close);
                        return super.close();
                    }
                };
            }
        };
    }

    /** A session is known by its label, in the whole store: closing it ends every other one of that label. */
    static final class EndWithTheirNamesakes implements Fault {
        private final Map<String, Set<LockSession>> open = new ConcurrentHashMap<>();

        @Override
        public LockBackend on(LockBackend sound) {
            return new BrokenBackend(sound) {
                @Override
                LockSession broken(LockSession session, SessionOptions options) {
                    Set<LockSession> namesakes =
                            open.computeIfAbsent(options.label(), label -> ConcurrentHashMap.newKeySet());
                    namesakes.add(session);
                    return new BrokenSession(session) {
                        @Override
                        public CompletionStage<Void> close() {
                            namesakes.remove(session);
                            namesakes.forEach(LockSession::close);
                            return super.close();
                        }
                    };
                }
            };
        }
    }

    /** A contend that is under way while its session ends takes the lock all the same, for nobody. */
    static LockBackend areOutlivedByTheirContends(LockBackend sound) {
        return new BrokenBackend(sound) {
            @Override
            LockSession broken(LockSession session, SessionOptions options) {
                return new BrokenSession(session) {
                    private volatile boolean ended;

                    @Override
                    public Contender contend(LockRequest request) {
                        return new BrokenContender(super.contend(request)) {
                            @Override
                            public void start() {
                                LockSupport.parkNanos(
                                        ThreadLocalRandom.current().nextInt(LONGEST_WAY_NANOS));
                                if (ended) {
                                    takeForNobody(sound, options, request);
                                }
                                super.start();
                            }
                        };
                    }

                    @Override
                    public CompletionStage<Void> close() {
                        ended = true;
                        return super.close();
                    }
                };
            }
        };
    }

    /** A session that was closed still sends what it is asked for, and the store knows nothing of its end. */
    static LockBackend contendAfterTheirEnd(LockBackend sound) {
        return new BrokenBackend(sound) {
            @Override
            LockSession broken(LockSession session, SessionOptions options) {
                return new BrokenSession(session) {
                    private volatile boolean ended;

                    @Override
                    public Contender contend(LockRequest request) {
                        if (ended) {
                            takeForNobody(sound, options, request);
                        }
                        return super.contend(request);
                    }

                    @Override
                    public CompletionStage<Void> close() {
                        return super.close().thenAccept(done -> ended = true);
                    }
                };
            }
        };
    }

    private static void takeForNobody(LockBackend sound, SessionOptions options, LockRequest request) {
        sound.openSession(options, new SessionEvents() {
                    @Override
                    public void sessionLost(String why) {}

                    @Override
                    public void grantLost(Grant grant, String why) {}
                })
                .thenAccept(session -> session.contend(request).start());
    }

    /** Who holds is told by the connection: two clients on one connection are one owner. */
    static LockBackend areOneOwner(LockBackend sound) {
        Map<String, Grant> held = new ConcurrentHashMap<>();
        return new BrokenBackend(sound) {
            @Override
            LockSession broken(LockSession session, SessionOptions options) {
                return new BrokenSession(session) {
                    @Override
                    public Contender contend(LockRequest request) {
                        Contender contender = super.contend(request);
                        Grant connections = held.get(request.name());
                        if (connections != null && !request.enqueue()) {
                            return new Reentered(contender, connections);
                        }
                        contender.granted().thenAccept(grant -> {
                            if (grant != null) {
                                held.put(request.name(), grant);
                            }
                        });
                        return contender;
                    }

                    @Override
                    public CompletionStage<Boolean> release(Grant grant) {
                        held.computeIfPresent(
                                grant.name(), (name, now) -> now.storeToken() == grant.storeToken() ? null : now);
                        return super.release(grant);
                    }
                };
            }
        };
    }

    /** A contender that is given what another one of its connection holds. */
    private static final class Reentered extends BrokenContender {
        private final Grant connections;

        Reentered(Contender sound, Grant connections) {
            super(sound);
            this.connections = connections;
        }

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
                                    connections.name(),
                                    request().contenderId(),
                                    connections.storeToken(),
                                    connections.basis(),
                                    connections.reference()));
        }
    }

    /** The first forced release of a store starts a thread that nobody ends. */
    static final class LeaveAThread implements Fault {
        private final CountDownLatch end = new CountDownLatch(1);
        private boolean started;

        @Override
        public LockBackend on(LockBackend sound) {
            return new BrokenBackend(sound) {
                @Override
                public CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong storeToken) {
                    start();
                    return super.forceRelease(name, storeToken);
                }
            };
        }

        private synchronized void start() {
            if (!started) {
                started = true;
                Thread poller = new Thread(this::poll, "holdfast-poller-of-a-broken-backend");
                poller.setDaemon(true);
                poller.start();
            }
        }

        private void poll() {
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void close() {
            end.countDown();
        }
    }

    /** A lock that was forced open leaves a key of its own behind. */
    static final class LeaveAKey implements Fault {
        private final Set<String> left = ConcurrentHashMap.newKeySet();

        @Override
        public LockBackend on(LockBackend sound) {
            return new BrokenBackend(sound) {
                @Override
                public CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong storeToken) {
                    left.add("token-of-" + name);
                    return super.forceRelease(name, storeToken);
                }
            };
        }

        @Override
        public List<String> residue() {
            return List.copyOf(left);
        }
    }
}
