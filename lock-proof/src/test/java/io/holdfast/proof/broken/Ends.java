// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.LockConfig;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.Contender;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.StoredLock;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;

/** What a backend does after its end, or that of one of its clients. */
final class Ends {
    private Ends() {}

    /** A pool that is closed throws exceptions of its own. */
    static LockBackend throwTheirOwn(LockBackend sound) {
        AtomicBoolean closed = new AtomicBoolean();
        return new BrokenBackend(sound) {
            @Override
            public CompletionStage<StoredLock> inspect(String name) {
                return inThePool(super.inspect(name));
            }

            @Override
            public CompletionStage<List<StoredLock>> list() {
                return inThePool(super.list());
            }

            private <T> CompletionStage<T> inThePool(CompletionStage<T> answer) {
                return closed.get() ? CompletableFuture.failedFuture(new IllegalStateException("pool closed")) : answer;
            }

            @Override
            public void close() {
                closed.set(true);
                super.close();
            }
        };
    }

    /** A store client connects again by itself when it is used after its end. */
    static final class OpenAgain implements Fault {
        @Override
        public LockBackend on(LockBackend sound) {
            throw new UnsupportedOperationException("it opens more than one");
        }

        @Override
        public LockBackend open(LockConfig config, Link link) {
            AtomicBoolean closed = new AtomicBoolean();
            return new BrokenBackend(link.to(Fault.sound(config))) {
                @Override
                public CompletionStage<LockSession> openSession(SessionOptions options, SessionEvents events) {
                    return closed.get()
                            ? Fault.sound(config).openSession(options, events)
                            : super.openSession(options, events);
                }

                @Override
                public void close() {
                    closed.set(true);
                    super.close();
                }
            };
        }
    }

    /** One timer renews for all clients of a connection, and the first client's end ends it. */
    static LockBackend stopTheRenewalsOfOthers(LockBackend sound) {
        AtomicBoolean stopped = new AtomicBoolean();
        return new BrokenBackend(sound) {
            @Override
            LockSession broken(LockSession session, SessionOptions options) {
                return new BrokenSession(session) {
                    @Override
                    public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
                        return stopped.get()
                                ? CompletableFuture.failedFuture(new LockUnavailableException("the timer has ended"))
                                : super.renew(contenders);
                    }

                    @Override
                    public CompletionStage<Void> close() {
                        stopped.set(true);
                        return super.close();
                    }
                };
            }
        };
    }

    /** A place in line has a lease that no renewal restarts. */
    static LockSession ofPlacesComeAlthoughTheyAreRenewed(LockSession sound) {
        Map<Long, Long> since = new HashMap<>();
        return new BrokenSession(sound) {
            @Override
            public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
                synchronized (since) {
                    for (Contender contender : contenders) {
                        long id = contender.request().contenderId();
                        long begun = since.computeIfAbsent(id, first -> System.nanoTime());
                        boolean waits =
                                !contender.granted().toCompletableFuture().isDone();
                        if (waits && System.nanoTime() - begun > lease().toNanos() / 2) {
                            contender.withdraw();
                        }
                    }
                }
                return super.renew(contenders);
            }
        };
    }
}
