// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.LockException;
import io.holdfast.spi.LockRuntime;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Sessions that are over in this process, and of which Consul has not confirmed the end. The engine gives up after a lease, since a
 * store ends a session by itself then; Consul keeps what that had locked, which nobody would look for before the next client opens. So
 * the end is asked for again, after each lease, for as long as the backend is open (rule LK-1). Thread-safe.
 */
final class Unclosed {
    private final Set<ConsulSession> sessions = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** A session's end was not confirmed. */
    void left(ConsulSession session) {
        if (!closed && sessions.add(session)) {
            later(session);
        }
    }

    void ended(ConsulSession session) {
        sessions.remove(session);
    }

    /** The backend is closed: whoever opens the next one sees what is left. */
    void close() {
        closed = true;
        sessions.clear();
    }

    private void later(ConsulSession session) {
        LockRuntime runtime = session.options().runtime();
        long lease = session.lease().toNanos();
        runtime.scheduler().schedule(() -> runtime.executor().execute(() -> end(session)), lease);
    }

    private void end(ConsulSession session) {
        if (!sessions.contains(session)) {
            return;
        }
        try {
            session.end();
        } catch (LockException e) {
            later(session); // not served, as before
        }
    }
}
