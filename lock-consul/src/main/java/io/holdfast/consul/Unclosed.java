// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.spi.LockRuntime;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Sessions that are over in this process, and of which Consul has not confirmed the end. The engine gives up after a lease, since a
 * store ends a session by itself then; Consul keeps what that had locked, which nobody would look for before the next client opens. So
 * the end is asked for again, after each lease, for as long as the backend is open (rule LK-1). The threads are those of the session's
 * own client, which may be closed, and end or refuse: then the next renewal of any other session takes it over. Thread-safe.
 */
final class Unclosed {
    /** By session, when its end is asked for at the latest, on its client's monotonic clock, in nanoseconds. */
    private final Map<ConsulSession, Long> due = new ConcurrentHashMap<>();

    private volatile boolean closed;

    /** A session's end was not confirmed. */
    void left(ConsulSession session) {
        if (!closed && due.putIfAbsent(session, nextTime(session)) == null) {
            later(session);
        }
    }

    void ended(ConsulSession session) {
        due.remove(session);
    }

    /** A session was renewed: Consul answers, and there are threads. What should have been asked for before now is. */
    void goOn(LockRuntime living) {
        due.forEach((session, time) -> {
            boolean overdue = session.options().runtime().clock().nanoTime() - time > lease(session);
            // Whoever writes the next time asks, and nobody beside.
            if (overdue && due.replace(session, time, nextTime(session))) {
                Tasks.run(living, () -> end(session, living), why -> {});
            }
        });
    }

    /** The backend is closed: whoever opens the next one sees what is left. */
    void close() {
        closed = true;
        due.clear();
    }

    private static long lease(ConsulSession session) {
        return session.lease().toNanos();
    }

    private static long nextTime(ConsulSession session) {
        return session.options().runtime().clock().nanoTime() + lease(session);
    }

    private void later(ConsulSession session) {
        LockRuntime own = session.options().runtime();
        Tasks.later(own, () -> end(session, own), lease(session), why -> {});
    }

    private void end(ConsulSession session, LockRuntime by) {
        if (due.computeIfPresent(session, (same, time) -> nextTime(session)) == null) {
            return;
        }
        try {
            session.end(by);
        } catch (RuntimeException | Error e) {
            later(session); // not served, as before, or its time has ended
        }
    }
}
