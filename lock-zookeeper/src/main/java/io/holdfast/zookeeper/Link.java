// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.LockException;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.LockRuntime;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.framework.state.ConnectionStateListener;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.ZooKeeper;
import org.jspecify.annotations.Nullable;

/**
 * One session in the ensemble, for one lock client or, over a lent Curator client, for several; thread-safe.
 *
 * <p>It has a node of its own, and writing that is how it is renewed: a follower cut off from its leader goes on answering reads for
 * seconds after the leader has ended its sessions. When the session ends, or Curator gives it up, it is over for good: Curator's next
 * session is another link's.
 */
final class Link implements ConnectionStateListener {
    private final CuratorFramework curator;
    private final ZooKeeper handle;
    private final LinkPlan plan;
    private final Requests requests;
    private final Basis basis;
    private final String node;
    private final String label;
    private final Set<ZooKeeperSession> sessions = ConcurrentHashMap.newKeySet();
    private final Set<ZooKeeperContender> leftBehind = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean lost = new AtomicBoolean();
    private final AtomicInteger breaks = new AtomicInteger();

    Link(CuratorFramework curator, ZooKeeper handle, LinkPlan plan) {
        this.curator = curator;
        this.handle = handle;
        this.plan = plan;
        this.requests = new Requests(handle, plan, () -> lost("the session has expired"));
        Long opened = handle instanceof DialledHandle dialled ? dialled.openedAt() : null;
        this.basis = new Basis(plan.settings().tick(), opened);
        this.node = plan.paths().sessions() + "/" + UUID.randomUUID();
        this.label = plan.label();
    }

    /** Makes the session's node, and waits until its basis is young enough to begin with. */
    CompletableFuture<Link> prepare() {
        curator.getConnectionStateListenable().addListener(this);
        if (!handle.getState().isAlive()) { // it ended before anybody listened
            lost("the session has ended");
        }
        return write().thenCompose(written -> refresh(sessionTimeout())).thenApply(fresh -> this);
    }

    /** A basis is needed that is young: unknown for a session that somebody else opened, old after a slow connect. */
    CompletableFuture<Link> refresh(Duration lease) {
        if (!basis.isOlderThan(lease.dividedBy(3), now())) {
            return CompletableFuture.completedFuture(this);
        }
        return renewOnce().thenCompose(first -> afterATick(this::renewOnce)).thenCompose(second -> refresh(lease));
    }

    /**
     * Renews the session, and proves it: where one write leaves the basis far back, after renewals that failed, a second one follows a
     * tick later.
     *
     * @return completes with the time just before the first was sent
     */
    CompletableFuture<Long> renew() {
        return renewOnce()
                .thenCompose(sentAt -> basis.isOlderThan(plan.lease().dividedBy(2), now())
                        ? afterATick(this::renewOnce).thenApply(second -> sentAt)
                        : CompletableFuture.completedFuture(sentAt));
    }

    private CompletableFuture<Long> renewOnce() {
        return isConnected() ? requests.limit(write(), "renew") : CompletableFuture.failedFuture(notConnected("renew"));
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
                        plan.settings().tick().toNanos());
        return done;
    }

    private CompletableFuture<Long> write() {
        long sentAt = now();
        CompletableFuture<Long> done = new CompletableFuture<>();
        requests.write(node, label).whenComplete((stat, failure) -> {
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
        return done;
    }

    private void create(CompletableFuture<Long> done) {
        long sentAt = now();
        requests.create(node, label, CreateMode.EPHEMERAL).whenComplete((made, failure) -> {
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

    // ---- what it is

    Requests requests() {
        return requests;
    }

    LinkPlan plan() {
        return plan;
    }

    LockRuntime runtime() {
        return plan.runtime();
    }

    long now() {
        return plan.runtime().clock().nanoTime();
    }

    String id() {
        return "0x" + Long.toHexString(handle.getSessionId());
    }

    ZooKeeper handle() {
        return handle;
    }

    CuratorFramework curator() {
        return curator;
    }

    /** What the servers agreed to. */
    Duration sessionTimeout() {
        return Duration.ofMillis(handle.getSessionTimeout());
    }

    long basis() {
        Long known = basis.get();
        if (known == null) {
            throw new IllegalStateException("a link without a basis was given to a session");
        }
        return known;
    }

    boolean isLost() {
        return lost.get();
    }

    /** Whether a request would be sent now. One made without a connection would wait in the client, to be sent later or not. */
    boolean isConnected() {
        return !lost.get() && handle.getState().isConnected();
    }

    LockException notConnected(String what) {
        return lost.get()
                ? new LockUnavailableException("store " + plan.store() + ", " + what + ": the session has ended")
                : plan.failures().notConnected(what);
    }

    // ---- who uses it

    void add(ZooKeeperSession session) {
        sessions.add(session);
        if (lost.get()) { // it may have missed the news
            session.lost("the session has ended");
        }
    }

    /** Whether nobody uses it any more. */
    boolean remove(ZooKeeperSession session) {
        sessions.remove(session);
        return sessions.isEmpty();
    }

    /** Contenders of a session that was closed while they could not be removed: with the next connection, or with the session. */
    void leaveBehind(List<ZooKeeperContender> unconfirmed) {
        leftBehind.addAll(unconfirmed);
        if (isConnected()) {
            removeLeftBehind();
        }
    }

    private void removeLeftBehind() {
        leftBehind.forEach(contender -> contender.withdraw().whenComplete((done, failure) -> {
            if (failure == null) {
                leftBehind.remove(contender);
            }
        }));
    }

    // ---- what Curator tells

    @Override
    public void stateChanged(CuratorFramework client, ConnectionState state) {
        switch (state) {
            case LOST -> lost("Curator gave the session up");
            case SUSPENDED -> suspended();
            case RECONNECTED, CONNECTED -> {
                removeLeftBehind();
                sessions.forEach(ZooKeeperSession::reconnected);
            }
            default -> {}
        }
    }

    private void suspended() {
        int broken = breaks.incrementAndGet();
        sessions.forEach(session -> session.suspended("the connection to the ensemble broke"));
        if (!plan.isShared()) {
            plan.runtime()
                    .scheduler()
                    .schedule(
                            () -> giveUp(broken),
                            plan.settings().operationTimeout().toNanos());
        }
    }

    /**
     * The connection has not come back for some time. A session that is of no use to anybody is not worth waiting for, and servers that
     * lost their data would never take it back: they refuse a client that has seen later transactions than they have.
     */
    private void giveUp(int broken) {
        boolean idle = !sessions.isEmpty() && sessions.stream().allMatch(ZooKeeperSession::isIdle);
        if (idle && broken == breaks.get() && !isConnected()) {
            lost("the connection broke while nothing was held or waited for");
        }
    }

    private void lost(String why) {
        if (lost.compareAndSet(false, true)) {
            curator.getConnectionStateListenable().removeListener(this);
            sessions.forEach(session -> session.lost(why));
        }
    }

    /** Ends it on this side, and removes its node if that is of use. */
    CompletableFuture<Boolean> end(boolean removeNode) {
        curator.getConnectionStateListenable().removeListener(this);
        return removeNode && isConnected()
                ? requests.limit(requests.delete(node), "close")
                : CompletableFuture.completedFuture(false);
    }

    /** Whether it is still the session that Curator uses. */
    boolean isCurrent() {
        return !lost.get() && handle.equals(handleOf(curator));
    }

    static @Nullable ZooKeeper handleOf(CuratorFramework curator) {
        try {
            return curator.getZookeeperClient().getZooKeeper();
        } catch (Exception e) { // Curator declares it; it means that there is none now
            return null;
        }
    }

    @Override
    public String toString() {
        return id() + " at " + plan.store();
    }
}
