// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.spi.Contender;
import io.holdfast.spi.Contender.Answer;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.SessionOptions;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What is kept in the JVM of contenders that are over. */
final class Kept {
    private static final int BUFFER = 1 << 18;

    private Kept() {}

    /** A buffer for each session, in a list from which none is taken. */
    static LockBackend everySession(LockBackend sound) {
        List<byte[]> kept = new CopyOnWriteArrayList<>();
        return new BrokenBackend(sound) {
            @Override
            LockSession broken(LockSession session, SessionOptions options) {
                kept.add(new byte[BUFFER]);
                return session;
            }

            @Override
            public String toString() {
                return kept.size() + " buffers";
            }
        };
    }

    /** Every contender stays in a list of its session. */
    static LockSession everyContender(LockSession sound) {
        Queue<Contender> all = new ConcurrentLinkedQueue<>();
        return new BrokenSession(sound) {
            @Override
            public Contender contend(LockRequest request) {
                Contender contender = super.contend(request);
                all.add(contender);
                return contender;
            }

            @Override
            public String toString() {
                return super.toString() + " " + all.size();
            }
        };
    }

    /** Each grant has a thread that looks after it until its session or the grant itself ends. */
    static LockSession aThreadForEachGrant(LockSession sound) {
        Map<Long, Thread> keepers = new ConcurrentHashMap<>();
        return new BrokenSession(sound) {
            @Override
            public Contender contend(LockRequest request) {
                Contender contender = super.contend(request);
                contender.granted().thenAccept(grant -> {
                    if (grant != null) {
                        keepers.put(grant.contenderId(), keeper(grant));
                    }
                });
                return contender;
            }

            @Override
            public CompletionStage<Boolean> release(Grant grant) {
                end(keepers.remove(grant.contenderId()));
                return super.release(grant);
            }

            @Override
            public CompletionStage<Void> close() {
                keepers.keySet().forEach(id -> end(keepers.remove(id)));
                return super.close();
            }
        };
    }

    private static Thread keeper(Grant grant) {
        Thread keeper = new Thread(
                () -> {
                    try {
                        new CountDownLatch(1).await(1, TimeUnit.MINUTES);
                    } catch (InterruptedException e) {
                        // its grant is over
                    }
                },
                "keeper of " + grant.name());
        keeper.setDaemon(true);
        keeper.start();
        return keeper;
    }

    private static void end(Thread keeper) {
        if (keeper != null) {
            keeper.interrupt();
        }
    }

    /** Who waits is watched by a thread of its own, which nobody ends. */
    static final class AThreadPerWaiter implements Fault {
        private final CountDownLatch end = new CountDownLatch(1);

        @Override
        public LockBackend on(LockBackend sound) {
            return new BrokenBackend(sound) {
                @Override
                LockSession broken(LockSession session, SessionOptions options) {
                    return new BrokenSession(session) {
                        @Override
                        public Contender contend(LockRequest request) {
                            Contender contender = super.contend(request);
                            contender.answered().thenAccept(answer -> {
                                if (answer == Answer.WAITING) {
                                    watch();
                                }
                            });
                            return contender;
                        }
                    };
                }
            };
        }

        private void watch() {
            Thread watcher = new Thread(
                    () -> {
                        try {
                            end.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    },
                    "watch-of-a-broken-backend");
            watcher.setDaemon(true);
            watcher.start();
        }

        @Override
        public void close() {
            end.countDown();
        }
    }
}
