// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/** What is kept once for a connection, and is each client's own. */
final class Connections {
    private Connections() {}

    /** The lease is a setting of the connection, made with the first session. */
    static LockBackend takeTheFirstLease(LockBackend sound) {
        AtomicReference<Duration> first = new AtomicReference<>();
        return new BrokenBackend(sound) {
            @Override
            public CompletionStage<LockSession> openSession(SessionOptions options, SessionEvents events) {
                first.compareAndSet(null, options.lease());
                return super.openSession(new SessionOptions(first.get(), options.label(), options.runtime()), events);
            }
        };
    }

    /** The name by which a connection introduces itself stands for whoever speaks over it. */
    static LockBackend takeTheFirstLabel(LockBackend sound) {
        AtomicReference<String> first = new AtomicReference<>();
        return new BrokenBackend(sound) {
            @Override
            public CompletionStage<LockSession> openSession(SessionOptions options, SessionEvents events) {
                first.compareAndSet(null, options.label());
                return super.openSession(new SessionOptions(options.lease(), first.get(), options.runtime()), events);
            }
        };
    }

    /** The connection has a heartbeat, which keeps all that was opened over it. */
    static LockBackend keepAllWhoseEndIsNotKnown(LockBackend sound) {
        Set<LockSession> open = ConcurrentHashMap.newKeySet();
        return new BrokenBackend(sound) {
            @Override
            LockSession broken(LockSession session, SessionOptions options) {
                open.add(session);
                return new BrokenSession(session) {
                    @Override
                    public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
                        open.stream().filter(other -> other != session).forEach(other -> other.renew(List.of()));
                        return super.renew(contenders);
                    }

                    @Override
                    public CompletionStage<Void> close() {
                        open.remove(session);
                        return super.close();
                    }
                };
            }
        };
    }

    /** There is one field for who listens. */
    static LockBackend tellTheLastWhoCame(LockBackend sound) {
        AtomicReference<SessionEvents> last = new AtomicReference<>();
        return new BrokenBackend(sound) {
            @Override
            public CompletionStage<LockSession> openSession(SessionOptions options, SessionEvents events) {
                last.set(events);
                return super.openSession(options, new SessionEvents() {
                    @Override
                    public void sessionLost(String why) {
                        last.get().sessionLost(why);
                    }

                    @Override
                    public void grantLost(Grant grant, String why) {
                        last.get().grantLost(grant, why);
                    }
                });
            }
        };
    }

    /** A session without locks seems to need no heartbeat. */
    static LockSession sparesTheIdle(LockSession sound, SessionOptions options) {
        return new BrokenSession(sound) {
            @Override
            public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
                return contenders.isEmpty()
                        ? CompletableFuture.completedFuture(
                                new Renewal(options.runtime().clock().nanoTime(), Map.of()))
                        : super.renew(contenders);
            }
        };
    }

    /** What the connection was called is asked of the connection. */
    static LockBackend forgetTheirAddress(LockBackend sound) {
        return new BrokenBackend(sound) {
            private volatile boolean closed;

            @Override
            public String store() {
                return closed ? "(not connected)" : super.store();
            }

            @Override
            public void close() {
                closed = true;
                super.close();
            }
        };
    }
}
