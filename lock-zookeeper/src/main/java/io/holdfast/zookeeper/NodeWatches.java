// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.jspecify.annotations.Nullable;

/**
 * The two watches of one contender: on the node before its own until that changes, and on its own node while it stays. Thread-safe; calls
 * out under no lock.
 */
final class NodeWatches {
    private final Watches watches;
    private final Told told;

    /** One object each, so that a watch that is set again replaces the one before. */
    private final Watches.Listener whenPredecessorChanges;

    private final Watches.Listener whenOwnNodeChanges = this::ownNodeChanged;

    // Guarded by this.
    private @Nullable String predecessor;
    private @Nullable String own;
    private boolean ended;

    /** What the contender hears. */
    interface Told {
        /** The node before its own has changed, or went before it was watched: who is first, the list says. */
        void moved();

        /** The node before its own could not be watched. */
        void notWatched();

        /** Its own node was deleted. */
        void deleted();
    }

    NodeWatches(Watches watches, Told told) {
        this.watches = watches;
        this.told = told;
        this.whenPredecessorChanges = event -> told.moved();
    }

    /** Watches the node before its own, in place of the one that was watched before. */
    void before(String path) {
        String former;
        synchronized (this) {
            former = predecessor;
            predecessor = path;
        }
        if (former != null && !former.equals(path)) {
            watches.remove(former, whenPredecessorChanges);
        }
        watches.set(path, whenPredecessorChanges).whenComplete((found, failure) -> {
            if (Failures.is(failure, Code.NONODE)) {
                told.moved(); // it left between the list and this
            } else if (failure != null) {
                told.notWatched();
            }
        });
    }

    void notBefore() {
        String former;
        synchronized (this) {
            former = predecessor;
            predecessor = null;
        }
        if (former != null) {
            watches.remove(former, whenPredecessorChanges);
        }
    }

    /**
     * Watches its own node, once: what is held for less than a renewal interval costs no watch.
     *
     * @return completes when what was asked is answered, and what it means is told; never fails
     */
    CompletableFuture<?> itself(String path) {
        synchronized (this) {
            if (ended || own != null) {
                return CompletableFuture.completedFuture(null);
            }
            own = path;
        }
        return watch(path);
    }

    private CompletableFuture<?> watch(String path) {
        CompletableFuture<?> watched = watches.set(path, whenOwnNodeChanges).handle((found, failure) -> {
            if (failure != null) {
                itselfAnew();
                if (Failures.is(failure, Code.NONODE)) {
                    told.deleted();
                }
            }
            return null;
        });
        // It may have ended between the decision to listen and the entry, when there was nothing to take back yet.
        if (isEnded()) {
            watches.remove(path, whenOwnNodeChanges);
        }
        return watched;
    }

    /** The watch on its own node may be lost: the next renewal sets it again. */
    synchronized void itselfAnew() {
        own = null;
    }

    private void ownNodeChanged(WatchedEvent event) {
        if (event.getType() == EventType.NodeDeleted) {
            told.deleted();
        } else if (event.getType() == EventType.NodeDataChanged) {
            watch(event.getPath());
        }
    }

    /**
     * Nobody is to be told of it any more.
     *
     * @param path its own node; null when that is not known
     */
    void end(@Nullable String path) {
        synchronized (this) {
            ended = true;
        }
        notBefore();
        if (path != null) {
            watches.remove(path, whenOwnNodeChanges);
        }
    }

    private synchronized boolean isEnded() {
        return ended;
    }
}
