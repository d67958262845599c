// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;

/**
 * Who is told when a node changes or goes, in one session; thread-safe.
 *
 * <p>ZooKeeper's client keeps a watcher until its node changes, and has no way to take back one of several without asking the server.
 * So it is given one object for all nodes, which it keeps once a node, and who stops to listen goes from here: a thousand waits under
 * one long hold leave one watch.
 */
final class Watches {
    private final Requests requests;
    private final Watcher watcher = this::changed;
    private final Map<String, Set<Listener>> listeners = new ConcurrentHashMap<>();

    Watches(Requests requests) {
        this.requests = requests;
    }

    /** Told once of each watch that it asked for. */
    @FunctionalInterface
    interface Listener {
        void changed(WatchedEvent event);
    }

    /**
     * Reads a node and listens for what becomes of it.
     *
     * @return fails when it cannot be read, and then nobody listens: who asked has to look again
     */
    CompletableFuture<Requests.Node> set(String path, Listener listener) {
        // Before the request: the watch of another contender on the same node may go off before the answer to this one.
        listeners.compute(path, (same, known) -> {
            Set<Listener> all = known == null ? ConcurrentHashMap.newKeySet() : known;
            all.add(listener);
            return all;
        });
        return requests.read(path, watcher).whenComplete((found, failure) -> {
            if (failure != null) {
                remove(path, listener);
            }
        });
    }

    void remove(String path, Listener listener) {
        listeners.computeIfPresent(path, (same, known) -> {
            known.remove(listener);
            return known.isEmpty() ? null : known;
        });
    }

    /** How many listen. */
    int size() {
        return listeners.values().stream().mapToInt(Set::size).sum();
    }

    private void changed(WatchedEvent event) {
        if (event.getType() == Watcher.Event.EventType.None) {
            return; // about the connection; the watch stays
        }
        Set<Listener> told = listeners.remove(event.getPath());
        if (told != null) {
            told.forEach(listener -> listener.changed(event));
        }
    }
}
