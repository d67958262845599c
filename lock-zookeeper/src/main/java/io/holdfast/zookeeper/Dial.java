// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.LockClosedException;
import io.holdfast.LockConfigException;
import io.holdfast.LockDeniedException;
import io.holdfast.LockException;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.DurationFormat;
import io.holdfast.spi.LockScheduler.Scheduled;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.imps.CuratorFrameworkState;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.framework.state.ConnectionStateListener;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.ZooKeeper.States;
import org.jspecify.annotations.Nullable;

/** Waits for a Curator client's connection, and makes the link of the session it finds there; for the time of one try at most. */
final class Dial implements ConnectionStateListener {
    private static final long PAUSE_NANOS = 50_000_000L;

    private final CuratorFramework curator;
    private final LinkPlan plan;
    private final CompletableFuture<Link> result = new CompletableFuture<>();
    private final AtomicBoolean connected = new AtomicBoolean();

    /** Whether nobody looks at the client's handle any more. Guarded by this. */
    private boolean over;

    /** Why the latest link could not be made ready; null when there was no connection yet. */
    private volatile @Nullable LockException latest;

    Dial(CuratorFramework curator, LinkPlan plan) {
        this.curator = curator;
        this.plan = plan;
    }

    /**
     * Begins to wait.
     *
     * @param start starts the Curator client, if it is ours
     * @return completes with a link that can be used, and exceptionally with one of our exceptions
     */
    CompletableFuture<Link> begin(Runnable start) {
        Scheduled limit = plan.runtime()
                .scheduler()
                .schedule(this::tooLate, plan.settings().oneTry().toNanos());
        result.whenComplete((link, failure) -> {
            limit.cancel();
            curator.getConnectionStateListenable().removeListener(this);
        });
        try {
            curator.getConnectionStateListenable().addListener(this);
            start.run();
            if (curator.getState() != CuratorFrameworkState.STARTED) {
                throw new IllegalStateException("it is " + curator.getState() + ", start it first");
            }
            if (curator.getZookeeperClient().isConnected()) {
                connected();
            }
        } catch (RuntimeException e) { // a Curator client that was not started, or is closed
            fail(new LockConfigException(
                    "store " + plan.store() + ", open: the Curator client cannot be used (" + e.getMessage() + ")"));
        }
        return result;
    }

    /**
     * Ends it without a link, and the client with it, if it is ours. First nobody may look at its handle any more: whoever asks a Curator
     * client that is closed, and has had no connection for long, gets a new handle, whose threads nobody ends.
     */
    private void fail(LockException why) {
        synchronized (this) {
            over = true;
        }
        result.completeExceptionally(why);
    }

    private synchronized @Nullable ZooKeeper handle() {
        return over ? null : Link.handleOf(curator);
    }

    /** Somebody found out why nobody is reached, and that waiting will not help. */
    void giveUp(String why) {
        fail(new LockConfigException("store " + plan.store() + ", open: " + why));
    }

    /** Nobody waits for it any more. */
    void abandon() {
        fail(new LockClosedException("the backend of " + plan.store() + " is closed; open another one"));
    }

    @Override
    public void stateChanged(CuratorFramework client, ConnectionState state) {
        if (state == ConnectionState.CONNECTED || state == ConnectionState.RECONNECTED) {
            connected();
        }
    }

    private void connected() {
        ZooKeeper handle = handle();
        if (handle == null || !connected.compareAndSet(false, true)) {
            return;
        }
        Link link = new Link(curator, handle, plan);
        link.prepare().whenComplete((ready, failure) -> {
            if (failure == null && result.complete(link)) {
                return;
            }
            link.end(true); // nobody will use it
            if (failure == null) {
                return;
            }
            LockException why = plan.failures().of(failure, "open");
            if (why instanceof LockDeniedException) {
                fail(why);
            } else {
                latest = why;
                plan.runtime().scheduler().schedule(this::again, PAUSE_NANOS);
            }
        });
    }

    /** The connection broke, or the session ended, before the link was ready: there is time for another. */
    private void again() {
        connected.set(false);
        if (!result.isDone() && curator.getZookeeperClient().isConnected()) {
            connected();
        }
    }

    private void tooLate() {
        ZooKeeper handle = connected.get() ? null : handle();
        if (handle != null && handle.getState() == States.AUTH_FAILED) {
            fail(new LockDeniedException(
                    "store " + plan.store() + ", open: the servers refused the credentials; check the JAAS settings"));
        }
        fail(new LockUnavailableException("store " + plan.store() + ", open: not reached within "
                + DurationFormat.show(plan.settings().oneTry())
                + "; check that the servers run and are reachable"));
    }
}
