// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.LockException;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.LockRuntime;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.framework.state.ConnectionStateListener;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.ZooKeeper.States;
import org.jspecify.annotations.Nullable;

/**
 * One session in the ensemble, for one lock client or, over a lent Curator client, for several; thread-safe.
 *
 * <p>It has a node of its own, and writing that is how it is renewed: a follower cut off from its leader goes on answering reads for
 * seconds after the leader has ended its sessions. When the session ends, or Curator gives it up, it is over for good: Curator's next
 * session is another link's.
 */
final class Link implements ConnectionStateListener, SessionNode.Connection {
    private final CuratorFramework curator;
    private final ZooKeeper handle;
    private final LinkPlan plan;
    private final Requests requests;
    private final Watches watches;
    private final SessionNode node;
    private final LeftBehind leftBehind;
    private final Set<ZooKeeperSession> sessions = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean lost = new AtomicBoolean();
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicInteger breaks = new AtomicInteger();

    Link(CuratorFramework curator, ZooKeeper handle, LinkPlan plan) {
        this.curator = curator;
        this.handle = handle;
        this.plan = plan;
        this.requests = new Requests(handle, plan, () -> lost("the session has expired"));
        this.watches = new Watches(requests);
        Long opened = handle instanceof DialledHandle dialled ? dialled.openedAt() : null;
        this.node = new SessionNode(requests, plan, this, opened);
        this.leftBehind = new LeftBehind(plan, this::isConnected, this::finishIfEnded);
    }

    /** Makes the session's node, and waits until its basis is young enough to begin with. */
    CompletableFuture<Link> prepare() {
        curator.getConnectionStateListenable().addListener(this);
        if (!handle.getState().isAlive()) { // it ended before anybody listened
            lost("the session has ended");
        }
        return node.make().thenCompose(made -> refresh(sessionTimeout()));
    }

    /** A basis is needed that is young enough for a lease. */
    CompletableFuture<Link> refresh(Duration lease) {
        return node.refresh(lease).thenApply(fresh -> this);
    }

    /**
     * Renews the session for one that needs it for so long.
     *
     * @return completes with the time just before the write was sent that did so
     */
    CompletableFuture<Long> renew(Duration lease) {
        return node.renew(lease);
    }

    /** Completes once all that was sent before is done, or never will be, and the server that we ask knows of it. */
    CompletableFuture<Long> proof() {
        return isConnected() ? node.proof() : CompletableFuture.failedFuture(notConnected("prove"));
    }

    // ---- what it is

    Requests requests() {
        return requests;
    }

    Watches watches() {
        return watches;
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
        return node.basis();
    }

    boolean isLost() {
        return lost.get();
    }

    /**
     * Whether a request would be sent now. One made without a connection would wait in the client, to be sent later or not. A server
     * without its quorum, whom a lent client may be content with, does not count: it shows what was never agreed to.
     */
    @Override
    public boolean isConnected() {
        return !lost.get() && handle.getState() == States.CONNECTED;
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

    /** Contenders of a session that was closed while they could not be removed, from an ensemble session that others use. */
    void leaveBehind(List<ZooKeeperContender> unconfirmed) {
        leftBehind.add(unconfirmed);
    }

    // ---- what Curator tells

    @Override
    public void stateChanged(CuratorFramework client, ConnectionState state) {
        switch (state) {
            case LOST -> {
                // Curator tells on a thread of its own: this may be the end of the session before ours, told late.
                if (!handle.getState().isAlive()) {
                    lost("Curator gave the session up");
                }
            }
            case SUSPENDED -> suspended();
            case RECONNECTED, CONNECTED -> {
                answered();
                leftBehind.sweep();
                finishIfEnded();
                sessions.forEach(ZooKeeperSession::reconnected);
            }
            default -> {}
        }
    }

    /**
     * With each connection client and servers agree anew on the session's timeout. Servers whose maximum was lowered end the session
     * sooner than a lease that was agreed to before: whoever has such a lease has lost the session now (rule ME-8).
     */
    @Override
    public void answered() {
        Duration agreed = sessionTimeout();
        if (handle.getState().isAlive()) {
            sessions.stream()
                    .filter(session -> agreed.compareTo(session.lease()) < 0)
                    .forEach(session -> session.shortened(agreed));
        }
    }

    /** A later write has confirmed it. */
    @Override
    public void kept(long basis) {
        sessions.forEach(session -> session.kept(basis));
    }

    /** Closing a connection may wait for the thread that serves it. Where no thread is to be had, that is better than not to. */
    @Override
    public void replace() {
        try {
            plan.runtime().executor().execute(this::closeConnection);
        } catch (RuntimeException | Error refused) {
            closeConnection();
        }
    }

    private void closeConnection() {
        try {
            if (isConnected()) {
                handle.getTestable().closeSocket();
            }
        } catch (IOException e) {
            // It is closed, then.
        }
    }

    private void suspended() {
        int broken = breaks.incrementAndGet();
        node.connectionBroke(); // before its sessions hear of it, who renew at once
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

    /**
     * Ends it on this side, and takes what it has in a session of the ensemble that lives on: now, or with the next connection.
     *
     * @param sessionLivesOn whether others use the ensemble's session
     */
    CompletableFuture<Boolean> end(boolean sessionLivesOn) {
        if (sessionLivesOn && !lost.get()) {
            ended.set(true);
            return finish();
        }
        curator.getConnectionStateListenable().removeListener(this);
        return CompletableFuture.completedFuture(false);
    }

    private void finishIfEnded() {
        if (ended.get()) {
            finish();
        }
    }

    /** Its node goes last: until then this listens for the connection that is needed. */
    private CompletableFuture<Boolean> finish() {
        if (!isConnected() || !leftBehind.isEmpty()) {
            return CompletableFuture.completedFuture(false);
        }
        return node.delete().whenComplete((deleted, failure) -> {
            if (failure == null) {
                curator.getConnectionStateListenable().removeListener(this);
            }
        });
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
