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
 * own, the others by one that they share. An agent takes no more than 200 connections of one client. Thread-safe.
 */
final class Waits {
    private final Agent agent;
    private final LockKeys keys;
    private final int connections;

    // Guarded by this.
    private final Map<ConsulContender, PredecessorWatch> own = new HashMap<>();
    private final Set<ConsulContender> sharing = new LinkedHashSet<>();
    private @Nullable SharedWatch shared;

    Waits(Agent agent, LockKeys keys, int connections) {
        this.agent = agent;
        this.keys = keys;
        this.connections = connections;
    }

    /** A contender is in line, and not first. */
    void begin(ConsulContender contender) {
        Watch fresh;
        synchronized (this) {
            if (!contender.isWaiting()) {
                return; // given up meanwhile, and end() may have come before
            }
            fresh = own.size() < connections ? give(contender) : share(contender);
        }
        if (fresh != null) {
            contender.session().execute(fresh);
        }
    }

    /** Guarded by this. */
    private Watch give(ConsulContender contender) {
        PredecessorWatch watch = new PredecessorWatch(agent, contender);
        own.put(contender, watch);
        return watch;
    }

    /** Guarded by this. */
    private @Nullable Watch share(ConsulContender contender) {
        sharing.add(contender);
        if (shared != null) {
            return null; // its query ends with the change that this contender made to the line
        }
        shared = new SharedWatch(agent, keys, this::sharing);
        return shared;
    }

    private synchronized List<ConsulContender> sharing() {
        return List.copyOf(sharing);
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
        if (fresh != null && next != null) {
            next.session().execute(fresh);
        }
    }
}
