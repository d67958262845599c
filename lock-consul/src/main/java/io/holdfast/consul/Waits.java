// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How the contenders in line, of all sessions of a backend, learn that their turn has come: so many by a blocking query of their
 * own, the others by one that they share. An agent takes no more than 200 connections of one address: when a query fails, its
 * contender shares from then on, and connections of their own come back one by one while the shared query is answered. Thread-safe.
 */
final class Waits {
    private final Agent agent;
    private final LockKeys keys;
    private final int connections;

    // Guarded by this.
    private final Map<ConsulContender, PredecessorWatch> own = new HashMap<>();
    private final Set<ConsulContender> sharing = new LinkedHashSet<>();
    private @Nullable SharedWatch shared;
    private int allowed;

    Waits(Agent agent, LockKeys keys, int connections) {
        this.agent = agent;
        this.keys = keys;
        this.connections = connections;
        this.allowed = connections;
    }

    /** A contender is in line, and not first. Idempotent: each renewal says so again, for a watch that found no thread. */
    void begin(ConsulContender contender) {
        Watch fresh;
        synchronized (this) {
            if (!contender.isWaiting() || own.containsKey(contender)) {
                return; // given up meanwhile, and end() may have come before
            }
            fresh = own.size() < allowed && !sharing.contains(contender) ? give(contender) : share(contender);
        }
        run(fresh, contender);
    }

    private static void run(@Nullable Watch fresh, @Nullable ConsulContender contender) {
        if (fresh != null && contender != null) {
            Tasks.run(contender.session().options().runtime(), fresh, why -> fresh.refused());
        }
    }

    /** No thread is to be had for a watch: whoever needs it begins another one with its next renewal. */
    synchronized void refused(Watch watch) {
        own.values().remove(watch);
        if (watch == shared) {
            shared = null;
        }
    }

    /** Guarded by this. */
    private Watch give(ConsulContender contender) {
        PredecessorWatch watch = new PredecessorWatch(agent, contender, this);
        own.put(contender, watch);
        return watch;
    }

    /** Guarded by this. */
    private @Nullable Watch share(ConsulContender contender) {
        sharing.add(contender);
        if (shared != null) {
            return null; // its query ends with the change that this contender made to the line
        }
        shared = new SharedWatch(agent, keys, this);
        return shared;
    }

    synchronized List<ConsulContender> sharing() {
        return List.copyOf(sharing);
    }

    /** A query of a contender's own has failed: its connection may be one too many. */
    void fold(ConsulContender contender) {
        Watch fresh;
        synchronized (this) {
            if (own.remove(contender) == null) {
                return; // it was given up, or holds
            }
            allowed = own.size();
            fresh = share(contender);
        }
        run(fresh, contender);
    }

    /** The shared query was answered: one more may have a connection of its own. */
    void calm() {
        ConsulContender next = null;
        Watch fresh = null;
        synchronized (this) {
            if (allowed < connections) {
                allowed++;
            }
            if (own.size() < allowed && sharing.size() > 1) { // the last one keeps the shared query going
                Iterator<ConsulContender> longest = sharing.iterator();
                next = longest.next();
                longest.remove();
                fresh = give(next);
            }
        }
        run(fresh, next);
    }

    /** It waits no more; whoever has shared for longest takes its connection. Idempotent. */
    void end(ConsulContender contender) {
        Watch done;
        Watch fresh = null;
        ConsulContender next = null;
        SharedWatch unused = null;
        synchronized (this) {
            done = own.remove(contender);
            sharing.remove(contender);
            if (done != null && !sharing.isEmpty()) {
                Iterator<ConsulContender> longest = sharing.iterator();
                next = longest.next();
                longest.remove();
                fresh = give(next);
            }
            if (sharing.isEmpty()) {
                unused = shared;
                shared = null;
            }
        }
        if (done != null) {
            done.stop();
        }
        if (unused != null) {
            unused.stop();
        }
        run(fresh, next);
    }
}
