// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.LockException;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.LockRequest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.jspecify.annotations.Nullable;

/**
 * Where a contender stands in line: looks at the line, watches the node before its own until that goes, and its own when it stays.
 * Thread-safe.
 */
final class Place {
    private final Link link;
    private final LockRequest request;
    private final ContenderNode node;
    private final Standing standing;

    /** One object each, so that a watch that is set again replaces the one before. */
    private final Watches.Listener whenPredecessorChanges = this::predecessorChanged;

    private final Watches.Listener whenOwnNodeChanges = this::ownNodeChanged;

    // Guarded by this.
    private @Nullable String predecessor;
    private boolean lookPending;
    private boolean watchesItself;
    private boolean left;

    /** What the contender makes of its place. */
    interface Standing {
        /** Whether it is of interest where it stands: false once it holds, was given up or is over. */
        boolean isOpen();

        /** Whether it has been told that it is in line. */
        boolean isWaiting();

        /** Whether it waits or holds, and was not given up. */
        boolean isOfUse();

        void first(Requests.Node own);

        void inLine();

        void notFirst(Requests.Node own);

        void gone(String why);

        void failed(LockException why);
    }

    Place(Link link, LockRequest request, ContenderNode node, Standing standing) {
        this.link = link;
        this.request = request;
        this.node = node;
        this.standing = standing;
    }

    /** What was seen of the line. */
    void seen(@Nullable List<String> children, @Nullable Throwable failure) {
        Requests.Node own = node.get();
        if (own == null || !standing.isOpen()) {
            return;
        }
        synchronized (this) {
            lookPending = failure != null;
        }
        if (children == null) {
            notSeen(failure);
            return;
        }
        Line line = Line.of(children);
        int ahead = line.ahead(own.path().substring(node.container().length() + 1));
        if (ahead < 0) {
            standing.gone("its node was deleted");
        } else if (line.isNearItsEnd(ahead)) {
            standing.failed(new LockUnavailableException("store " + link.plan().store()
                    + ": ZooKeeper numbers what is under "
                    + node.container() + " up to 2147483647, and has come near that; delete that node while nobody uses"
                    + " the lock, or leave it unused for some minutes, after which the servers delete it"));
        } else if (ahead == 0) {
            standing.first(own);
        } else if (request.enqueue()) {
            standing.inLine();
            watch(node.container() + "/" + line.at(ahead - 1));
        } else {
            standing.notFirst(own);
        }
    }

    /** Whoever waits already keeps its place, and looks again with the next renewal or connection. */
    private void notSeen(@Nullable Throwable failure) {
        if (Failures.is(failure, Code.NONODE)) {
            standing.gone("its container was deleted");
        } else if (standing.isWaiting() || (request.enqueue() && Failures.is(failure, Code.CONNECTIONLOSS))) {
            standing.inLine();
        } else {
            standing.failed(link.plan().failures().of(failure, "look at the line"));
        }
    }

    private void watch(String path) {
        synchronized (this) {
            if (left) {
                return;
            }
            predecessor = path;
        }
        link.watches().set(path, whenPredecessorChanges).whenComplete((found, failure) -> {
            if (failure == null) {
                return;
            }
            if (Failures.is(failure, Code.NONODE)) {
                look(); // it left between the list and this
            } else {
                synchronized (this) {
                    lookPending = true;
                }
            }
        });
        stopIfLeft(path, whenPredecessorChanges);
    }

    /** It may have left between its decision to listen and its entry, when there was nothing to take back yet. */
    private void stopIfLeft(String path, Watches.Listener listener) {
        boolean over;
        synchronized (this) {
            over = left;
        }
        if (over) {
            link.watches().remove(path, listener);
        }
    }

    private void predecessorChanged(WatchedEvent event) {
        lookAgain(); // it may only have given up: who is first, the list says
    }

    /** What was asked on the old connection may be lost; the watches, too, where ZooKeeper's client is set to forget them. */
    void reconnected() {
        synchronized (this) {
            watchesItself = false;
        }
        lookAgain();
    }

    /** Something has changed. */
    private void lookAgain() {
        if (standing.isWaiting()) {
            look();
        }
    }

    private CompletableFuture<List<String>> look() {
        return link.requests().children(node.container()).whenComplete(this::seen);
    }

    /**
     * A renewal's second look. Sets the watch on its own node, once: what is held for less than a renewal interval costs no watch.
     *
     * @return completes when what was asked is answered, and what it means is known
     */
    CompletableFuture<?> check() {
        Requests.Node own = node.get();
        if (own == null || !standing.isOfUse()) {
            return CompletableFuture.completedFuture(null);
        }
        boolean looks;
        synchronized (this) {
            looks = lookPending && standing.isWaiting();
            if (!looks && watchesItself) {
                return CompletableFuture.completedFuture(null);
            }
            watchesItself |= !looks;
        }
        return looks ? look() : watchItself(own.path());
    }

    private CompletableFuture<?> watchItself(String path) {
        CompletableFuture<?> watched = link.watches()
                .set(path, whenOwnNodeChanges)
                .whenComplete((found, failure) -> {
                    if (failure == null) {
                        return;
                    }
                    synchronized (this) {
                        watchesItself = false;
                    }
                    if (Failures.is(failure, Code.NONODE)) {
                        standing.gone("its node was deleted");
                    }
                });
        stopIfLeft(path, whenOwnNodeChanges);
        return watched;
    }

    private void ownNodeChanged(WatchedEvent event) {
        if (event.getType() == EventType.NodeDeleted) {
            standing.gone("its node was deleted");
        } else if (event.getType() == EventType.NodeDataChanged) {
            watchItself(event.getPath());
        }
    }

    /** It is given up or over: nobody is to be told of it any more. */
    void leave() {
        String before;
        synchronized (this) {
            left = true;
            before = predecessor;
        }
        if (before != null) {
            link.watches().remove(before, whenPredecessorChanges);
        }
        Requests.Node own = node.get();
        if (own != null) {
            link.watches().remove(own.path(), whenOwnNodeChanges);
        }
    }
}
