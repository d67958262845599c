// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.LockUnavailableException;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.Contender;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockClock;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** Leases that are longer, shorter or other than the client thinks. */
final class Leases {
    private Leases() {}

    /** A watchdog of the client library renews as long as the process lives, whatever the engine says. */
    static LockSession areRenewedByAWatchdog(LockSession sound) {
        ScheduledExecutorService watchdog = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "watchdog-of-a-broken-backend");
            thread.setDaemon(true);
            return thread;
        });
        watchdog.scheduleAtFixedRate(() -> sound.renew(List.of()), 50, 50, TimeUnit.MILLISECONDS);
        return new BrokenSession(sound) {
            @Override
            public CompletionStage<Void> close() {
                watchdog.shutdownNow();
                return super.close();
            }
        };
    }

    /** A watchdog that begins with a wait, and which the end of the wait does not end. */
    static LockSession areRenewedOnceTheyWaited(LockSession sound) {
        return new BrokenSession(sound) {
            private LockSession watched; // guarded by this

            @Override
            public synchronized Contender contend(LockRequest request) {
                Contender contender = super.contend(request);
                if (watched == null
                        && !contender.granted().toCompletableFuture().isDone()) {
                    watched = areRenewedByAWatchdog(sound);
                }
                return contender;
            }

            @Override
            public synchronized CompletionStage<Void> close() {
                return watched == null ? super.close() : watched.close();
            }
        };
    }

    /** The store is not told the lease, and takes its own. */
    static LockBackend areTheStoresOwn(LockBackend sound) {
        return inTheStoreAre(sound, lease -> Duration.ofHours(1));
    }

    /** The bound of a takeover is declared as if there were no lease to wait for. */
    static LockBackend endSoonerThanTheyDo(LockBackend sound) {
        return new BrokenBackend(sound) {
            @Override
            public Capabilities capabilities() {
                Capabilities declared = super.capabilities();
                return Capabilities.of(declared.scope())
                        .guarantee(declared.guarantee())
                        .queues(declared.queues())
                        .sharedAcrossProcesses(declared.sharedAcrossProcesses())
                        .leases(Duration.ofSeconds(2), declared.maximumLease(), declared.leaseStep())
                        .renewals(declared.holdingRenewals(), declared.waitingRenewals())
                        .takeover(0, Duration.ofSeconds(1))
                        .build();
            }
        };
    }

    /** The store is told whole units of a lease, rounded down. */
    static LockBackend areShorterInTheStore(LockBackend sound) {
        Duration shortest = sound.capabilities().minimumLease();
        return inTheStoreAre(sound, lease -> {
            Duration rounded = lease.multipliedBy(3).dividedBy(4);
            return rounded.compareTo(shortest) < 0 ? shortest : rounded;
        });
    }

    private static LockBackend inTheStoreAre(LockBackend sound, UnaryOperator<Duration> change) {
        return new BrokenBackend(sound) {
            @Override
            public CompletionStage<LockSession> openSession(SessionOptions options, SessionEvents events) {
                SessionOptions other =
                        new SessionOptions(change.apply(options.lease()), options.label(), options.runtime());
                return super.openSession(other, events).thenApply(session -> new BrokenSession(session) {
                    @Override
                    public Duration lease() {
                        return options.lease();
                    }
                });
            }
        };
    }

    /** On a session store, a grant moves the session's basis. */
    static LockSession beginAtTheGrant(LockSession sound, SessionOptions options) {
        LockClock clock = options.runtime().clock();
        return new BrokenSession(sound) {
            private volatile long granted = sound.basis();

            @Override
            public Contender contend(LockRequest request) {
                Contender contender = super.contend(request);
                contender.granted().thenAccept(grant -> granted = clock.nanoTime());
                return contender;
            }

            @Override
            public long basis() {
                return Math.max(granted, super.basis());
            }
        };
    }

    /** A renewed lease counts from when the answer came. */
    static LockSession beginAtTheReply(LockSession sound, SessionOptions options) {
        LockClock clock = options.runtime().clock();
        return new BrokenSession(sound) {
            private volatile long basis = sound.basis();

            @Override
            public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
                return super.renew(contenders).thenApply(renewal -> {
                    basis = clock.nanoTime();
                    return renewal;
                });
            }

            @Override
            public long basis() {
                return basis;
            }
        };
    }

    /** An opened session's lease counts from when the answer came. */
    static LockSession beginAtTheReplyOfTheOpening(LockSession sound, SessionOptions options) {
        long answered = options.runtime().clock().nanoTime();
        return new BrokenSession(sound) {
            private volatile boolean renewed;

            @Override
            public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
                return super.renew(contenders).thenApply(renewal -> {
                    renewed = true;
                    return renewal;
                });
            }

            @Override
            public long basis() {
                return renewed ? super.basis() : answered;
            }
        };
    }

    /** A renewal is taken for done when it is written to the socket; none reaches the store. */
    static LockSession areRenewedInNameOnly(LockSession sound, SessionOptions options) {
        LockClock clock = options.runtime().clock();
        return new BrokenSession(sound) {
            private volatile long basis = sound.basis();

            @Override
            public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
                basis = clock.nanoTime();
                return CompletableFuture.completedFuture(new Renewal(basis, Map.of()));
            }

            @Override
            public long basis() {
                return basis;
            }
        };
    }

    /** A renewal of what has expired says that it is held: "set" where "set if mine" is meant. */
    static LockSession areRevived(LockSession sound, SessionOptions options) {
        LockClock clock = options.runtime().clock();
        Map<Long, Grant> had = new ConcurrentHashMap<>();
        return new BrokenSession(sound) {
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
                return super.renew(contenders).handle((renewal, gone) -> {
                    if (renewal != null) {
                        return renewal;
                    }
                    Map<Long, ContenderStatus> revived = new HashMap<>();
                    for (Contender contender : contenders) {
                        Grant grant = had.get(contender.request().contenderId());
                        if (grant != null) {
                            revived.put(grant.contenderId(), new ContenderStatus.Holding(grant));
                        }
                    }
                    if (revived.isEmpty()) {
                        throw new LockUnavailableException("session " + id() + " has ended");
                    }
                    return new Renewal(clock.nanoTime(), revived);
                });
            }
        };
    }

    /** The first renewal of a grant asks a replica that has not heard of it, and calls it gone. */
    static LockSession areLookedUpInAStaleReplica(LockSession sound) {
        Map<Long, Boolean> seen = new ConcurrentHashMap<>();
        return new BrokenSession(sound) {
            @Override
            public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
                return super.renew(contenders).thenApply(renewal -> {
                    Map<Long, ContenderStatus> statuses = new HashMap<>(renewal.statuses());
                    statuses.replaceAll((id, status) ->
                            status instanceof ContenderStatus.Holding && seen.putIfAbsent(id, true) == null
                                    ? ContenderStatus.GONE
                                    : status);
                    return new Renewal(renewal.sentAt(), statuses);
                });
            }
        };
    }
}
