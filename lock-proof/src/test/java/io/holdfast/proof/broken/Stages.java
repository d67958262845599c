// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.LockUnavailableException;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.StagedContender;
import io.holdfast.spi.StoredLock;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/** Stages that complete in the wrong place, or never. */
final class Stages {
    /** Long enough for the caller to have hung its callback on the stage. */
    private static final long REPLY_MILLIS = 100;

    private static final int CONNECTIONS = 10;

    private Stages() {}

    /** The answer to a release is delivered under the lock that every call into the backend takes. */
    static LockBackend completeUnderALock(LockBackend sound) {
        ReentrantLock lock = new ReentrantLock();
        return new BrokenBackend(sound) {
            @Override
            LockSession broken(LockSession session, SessionOptions options) {
                return new BrokenSession(session) {
                    @Override
                    public CompletionStage<Boolean> release(Grant grant) {
                        CompletableFuture<Boolean> reply = new CompletableFuture<>();
                        super.release(grant).thenAccept(gone -> CompletableFuture.delayedExecutor(
                                        REPLY_MILLIS, TimeUnit.MILLISECONDS)
                                .execute(() -> deliver(lock, reply, gone)));
                        return reply;
                    }
                };
            }

            @Override
            public CompletionStage<StoredLock> inspect(String name) {
                lock.lock();
                try {
                    return super.inspect(name);
                } finally {
                    lock.unlock();
                }
            }
        };
    }

    private static void deliver(ReentrantLock lock, CompletableFuture<Boolean> reply, boolean gone) {
        lock.lock();
        try {
            reply.complete(gone);
        } finally {
            lock.unlock();
        }
    }

    /** A refused try hears that it was refused; that it will not be granted, it never hears. */
    static LockSession stayOpenAfterARefusal(LockSession sound) {
        return new BrokenSession(sound) {
            @Override
            public Contender contend(LockRequest request) {
                return new BrokenContender(super.contend(request)) {
                    @Override
                    public CompletionStage<Grant> granted() {
                        CompletableFuture<Grant> granted = new CompletableFuture<>();
                        super.granted().thenAccept(grant -> {
                            if (grant != null || request.enqueue()) {
                                granted.complete(grant);
                            }
                        });
                        return granted;
                    }
                };
            }
        };
    }

    /** A renewal builds a list of what it asks for, and an empty one is no request that the store knows. */
    static LockSession failWithoutContenders(LockSession sound) {
        return new BrokenSession(sound) {
            @Override
            public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
                return contenders.isEmpty()
                        ? CompletableFuture.failedFuture(new LockUnavailableException("the store says: syntax error"))
                        : super.renew(contenders);
            }
        };
    }

    /** Each wait has a connection of a pool for itself; what finds none waits, too. */
    static LockBackend shareAFewConnections(LockBackend sound) {
        AtomicInteger waits = new AtomicInteger();
        return new BrokenBackend(sound) {
            @Override
            LockSession broken(LockSession session, SessionOptions options) {
                return new BrokenSession(session) {
                    @Override
                    public Contender contend(LockRequest request) {
                        if (waits.get() >= CONNECTIONS) {
                            return new Unsent(request);
                        }
                        Contender contender = super.contend(request);
                        if (!contender.granted().toCompletableFuture().isDone()) {
                            waits.incrementAndGet();
                            contender.granted().thenRun(waits::decrementAndGet);
                        }
                        return contender;
                    }

                    @Override
                    public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
                        return waits.get() >= CONNECTIONS ? new CompletableFuture<>() : super.renew(contenders);
                    }
                };
            }
        };
    }

    /** Waits for a connection. */
    private static final class Unsent extends StagedContender {
        Unsent(LockRequest request) {
            super(request);
        }

        @Override
        public CompletionStage<Void> withdraw() {
            granted.complete(null);
            answered.complete(Answer.BUSY);
            return CompletableFuture.completedFuture(null);
        }
    }
}
