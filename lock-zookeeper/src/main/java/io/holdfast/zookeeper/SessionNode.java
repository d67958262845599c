// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.spi.LockClock;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;

/**
 * A session's own node, whose writing renews the session; thread-safe. Clients that share a session share its writes, too: however
 * many they are, the servers see little more than one a renewal interval.
 */
final class SessionNode {
    /** A write that is so much younger than a lease is as good as another one: three quarters of a renewal interval. */
    private static final int SHARED_WITHIN = 8;

    /** The wall clock may run ahead by so much of a lease, and by its grain, before the machine counts as suspended (rule ME-5). */
    private static final int MARGIN = 100;

    private static final long WALL_CLOCK_GRAIN = 2_000_000L;

    private final Requests requests;
    private final LinkPlan plan;
    private final BooleanSupplier connected;
    private final Basis basis;
    private final String path;
    private final long tickNanos;

    // Guarded by this.
    /** Null when the next renewal needs a write of its own. */
    private @Nullable Write latest;

    private boolean deleted;

    private record Write(long sentAt, long wallOffset, CompletableFuture<Long> acknowledged) {}

    /**
     * A session's node, which is not there yet.
     *
     * @param connected whether a request would be sent now
     * @param opened when the session was asked for; null when somebody else opened it
     */
    SessionNode(Requests requests, LinkPlan plan, BooleanSupplier connected, @Nullable Long opened) {
        this.requests = requests;
        this.plan = plan;
        this.connected = connected;
        this.basis = new Basis(plan.settings().tick(), opened);
        this.path = plan.paths().sessions() + "/" + UUID.randomUUID();
        this.tickNanos = plan.settings().tick().toNanos();
    }

    private LockClock clock() {
        return plan.runtime().clock();
    }

    long basis() {
        Long known = basis.get();
        if (known == null) {
            throw new IllegalStateException("a link without a basis was given to a session");
        }
        return known;
    }

    /** Makes the node. */
    CompletableFuture<Long> make() {
        return write().acknowledged();
    }

    /** Deletes it for good: a renewal on its way, which would find it missing, does not make it again. */
    CompletableFuture<Boolean> delete() {
        CompletableFuture<Boolean> gone;
        synchronized (this) {
            deleted = true;
            gone = requests.delete(path);
        }
        return requests.limit(gone, "close");
    }

    /** A write of the connection that broke proves nothing about the next one. */
    synchronized void connectionBroke() {
        latest = null;
    }

    /** A basis is needed that is young: unknown for a session that somebody else opened, old after a slow connect. */
    CompletableFuture<Boolean> refresh(Duration lease) {
        if (!basis.isOlderThan(lease.dividedBy(3), clock().nanoTime())) {
            return CompletableFuture.completedFuture(true);
        }
        return renewedWithin(lease)
                .thenCompose(first -> afterATick(() -> renewedSince(first + tickNanos)))
                .thenCompose(second -> refresh(lease));
    }

    /**
     * Renews the session, and proves it: where one write leaves the basis far back, after renewals that failed, a second one follows a
     * tick later.
     *
     * @return completes with the time just before the first was sent
     */
    CompletableFuture<Long> renew(Duration lease) {
        return renewedWithin(lease)
                .thenCompose(sentAt -> basis.isOlderThan(lease.dividedBy(2), clock().nanoTime())
                        ? afterATick(() -> renewedSince(sentAt + tickNanos)).thenApply(second -> sentAt)
                        : CompletableFuture.completedFuture(sentAt));
    }

    private CompletableFuture<Long> renewedWithin(Duration lease) {
        synchronized (this) {
            if (latest != null && ranAhead(latest, lease)) {
                latest = null;
            }
        }
        return renewedSince(clock().nanoTime() - lease.toNanos() / SHARED_WITHIN);
    }

    /** While the machine was suspended the servers' clocks went on and ours did not: the write is older than it seems. */
    private boolean ranAhead(Write write, Duration lease) {
        return wallOffset() - write.wallOffset() > lease.toNanos() / MARGIN + WALL_CLOCK_GRAIN;
    }

    private long wallOffset() {
        return clock().wallMillis() * 1_000_000L - clock().nanoTime();
    }

    /** A write that was sent since then, on this connection: one that another client has sent, or a new one. */
    private CompletableFuture<Long> renewedSince(long time) {
        if (!connected.getAsBoolean()) {
            return CompletableFuture.failedFuture(plan.failures().notConnected("renew"));
        }
        Write shared;
        synchronized (this) {
            shared = latest;
            if (shared == null
                    || shared.sentAt() - time < 0
                    || shared.acknowledged().isCompletedExceptionally()) {
                shared = write();
                latest = shared;
            }
        }
        return requests.limit(shared.acknowledged(), "renew");
    }

    private <T> CompletableFuture<T> afterATick(Supplier<CompletableFuture<T>> next) {
        CompletableFuture<T> done = new CompletableFuture<>();
        plan.runtime()
                .scheduler()
                .schedule(
                        () -> next.get().whenComplete((value, failure) -> {
                            if (failure == null) {
                                done.complete(value);
                            } else {
                                done.completeExceptionally(failure);
                            }
                        }),
                        tickNanos);
        return done;
    }

    private Write write() {
        long sentAt = clock().nanoTime();
        CompletableFuture<Long> done = new CompletableFuture<>();
        CompletableFuture<Stat> answer = requests.write(path, plan.label());
        Write sent = new Write(sentAt, wallOffset(), done);
        answer.whenComplete((stat, failure) -> {
            if (failure == null) {
                // Also when nobody waits for it any more: it was acknowledged.
                basis.acknowledged(sentAt);
                done.complete(sentAt);
            } else if (Failures.is(failure, Code.NONODE)) {
                create(done);
            } else {
                done.completeExceptionally(failure);
            }
        });
        return sent;
    }

    private void create(CompletableFuture<Long> done) {
        long sentAt = clock().nanoTime();
        CompletableFuture<Requests.Node> creating;
        synchronized (this) { // sent before the deletion, or not at all
            creating = deleted
                    ? CompletableFuture.failedFuture(plan.failures().notConnected("renew"))
                    : requests.create(path, plan.label(), CreateMode.EPHEMERAL);
        }
        creating.whenComplete((made, failure) -> {
            if (failure == null || Failures.is(failure, Code.NODEEXISTS)) {
                basis.acknowledged(sentAt);
                done.complete(sentAt);
            } else if (Failures.is(failure, Code.NONODE)) {
                requests.containers(plan.paths().sessions()).whenComplete((ready, why) -> {
                    if (why == null) {
                        create(done);
                    } else {
                        done.completeExceptionally(why);
                    }
                });
            } else {
                done.completeExceptionally(failure);
            }
        });
    }
}
