// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.spi.LockClock;
import io.holdfast.spi.LockScheduler.Scheduled;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
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

    /** One that is still unanswered, and younger than that, is not sent twice: slow servers are asked three times an interval. */
    private static final int SHARED_UNANSWERED_WITHIN = 20;

    /** The wall clock may run ahead by so much of a lease, and by its grain, before the machine counts as suspended (rule ME-5). */
    private static final int MARGIN = 100;

    private static final long WALL_CLOCK_GRAIN = 2_000_000L;

    private final Requests requests;
    private final LinkPlan plan;
    private final Connection connection;
    private final Basis basis;
    private final String path;
    private final long tickNanos;

    // Guarded by this.
    /** Null when the next renewal needs a write of its own. */
    private @Nullable Write latest;

    private boolean deleted;

    private record Write(long sentAt, long wallOffset, CompletableFuture<Long> acknowledged) {}

    /** What it is written over. */
    interface Connection {
        /** Whether a request would be sent now. */
        boolean isConnected();

        /** It has answered: what was agreed with the servers when it was made may not be what was agreed before. */
        void answered();

        /**
         * A write was acknowledged.
         *
         * @param basis from when the session's lease is counted now
         */
        void kept(long basis);

        /** It has been silent for so long that another one is wanted. */
        void replace();
    }

    /**
     * A session's node, which is not there yet.
     *
     * @param connection of the session
     * @param opened when the session was asked for; null when somebody else opened it
     */
    SessionNode(Requests requests, LinkPlan plan, Connection connection, @Nullable Long opened) {
        this.requests = requests;
        this.plan = plan;
        this.connection = connection;
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

    /** A write that is sent now: once it is acknowledged, everything that was sent before is done, or never will be. */
    CompletableFuture<Long> proof() {
        return sharedSince(clock().nanoTime()).acknowledged();
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
        return renewedWithin(lease).thenCompose(first -> confirmed(lease)).thenCompose(second -> refresh(lease));
    }

    /**
     * Renews the session, and proves it: where one write leaves the basis far back, after renewals that failed, a
     * second one follows a tick later.
     *
     * @return completes with the time just before the first was sent; fails when that is not answered within half a lease (rule KE-3)
     */
    CompletableFuture<Long> renew(Duration lease) {
        return renewedWithin(lease)
                .thenCompose(sentAt -> basis.isOlderThan(lease.dividedBy(2), clock().nanoTime())
                        ? confirmed(lease).thenApply(second -> sentAt)
                        : CompletableFuture.completedFuture(sentAt));
    }

    private CompletableFuture<Long> renewedWithin(Duration lease) {
        boolean answered;
        synchronized (this) {
            if (latest != null && ranAhead(latest, lease)) {
                latest = null;
            }
            answered = latest == null || latest.acknowledged().isDone();
        }
        long age = lease.toNanos() / (answered ? SHARED_WITHIN : SHARED_UNANSWERED_WITHIN);
        return renewedSince(clock().nanoTime() - age, lease);
    }

    /** While the machine was suspended the servers' clocks went on and ours did not: the write is older than it seems. */
    private boolean ranAhead(Write write, Duration lease) {
        return wallOffset() - write.wallOffset() > lease.toNanos() / MARGIN + WALL_CLOCK_GRAIN;
    }

    private long wallOffset() {
        return clock().wallMillis() * 1_000_000L - clock().nanoTime();
    }

    /**
     * Waits for a write that was sent since then, for half a lease. A connection that has been silent for a little less is replaced: one
     * that died without a sign would be given up by ZooKeeper's client after two thirds, which is too late (rule KE-1).
     */
    private CompletableFuture<Long> renewedSince(long time, Duration lease) {
        if (!connection.isConnected()) {
            return CompletableFuture.failedFuture(plan.failures().notConnected("renew"));
        }
        Write shared = sharedSince(time);
        replaceWhenSilent(shared, shared.sentAt() + lease.toNanos() / 5 * 2, lease);
        return requests.limit(shared.acknowledged(), "renew", lease.dividedBy(2));
    }

    private void replaceWhenSilent(Write write, long due, Duration lease) {
        long grace = lease.toNanos() / 20;
        Runnable look = () -> {
            if (write.acknowledged().isDone()) {
                return;
            }
            long now = clock().nanoTime();
            if (now - due > grace) { // this process stood still, and what has arrived meanwhile is yet to be read
                replaceWhenSilent(write, now + grace, lease);
            } else {
                connection.replace();
            }
        };
        Scheduled looking = plan.runtime().scheduler().schedule(look, Math.max(0, due - clock().nanoTime()));
        write.acknowledged().whenComplete((sentAt, failure) -> looking.cancel());
    }

    /** A write that was sent since then, on this connection: one that another client has sent, or a new one. */
    private synchronized Write sharedSince(long time) {
        Write shared = latest;
        if (shared == null
                || shared.sentAt() - time < 0
                || shared.acknowledged().isCompletedExceptionally()) {
            shared = write();
            latest = shared;
        }
        return shared;
    }

    /** What has been acknowledged until now is confirmed by a write that is sent a tick from now, at the earliest. */
    private CompletableFuture<Long> confirmed(Duration lease) {
        long earliest = clock().nanoTime() + tickNanos;
        CompletableFuture<Long> done = new CompletableFuture<>();
        plan.runtime()
                .scheduler()
                .schedule(
                        () -> renewedSince(earliest, lease).whenComplete((value, failure) -> {
                            if (failure == null) {
                                done.complete(value);
                            } else {
                                done.completeExceptionally(failure);
                            }
                        }),
                        tickNanos);
        return done;
    }

    /** Also when nobody waits for it any more: it was acknowledged. */
    private void acknowledged(long sentAt, CompletableFuture<Long> done) {
        connection.answered(); // first: a lease that the servers no longer grant is not to be prolonged
        basis.acknowledged(sentAt, clock().nanoTime());
        Long proven = basis.get();
        if (proven != null) {
            connection.kept(proven); // before who waits for the renewal goes on
        }
        done.complete(sentAt);
    }

    private Write write() {
        long sentAt = clock().nanoTime();
        CompletableFuture<Long> done = new CompletableFuture<>();
        CompletableFuture<Stat> answer = requests.write(path, plan.label());
        Write sent = new Write(sentAt, wallOffset(), done);
        answer.whenComplete((stat, failure) -> {
            if (failure == null) {
                acknowledged(sentAt, done);
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
                acknowledged(sentAt, done);
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
