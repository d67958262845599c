// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import org.apache.http.client.methods.HttpUriRequest;
import org.jspecify.annotations.Nullable;

/**
 * One request, or several one after the other, that can be broken off from another thread: whoever waits for the answer is let go
 * at once. Thread-safe.
 */
final class Call {
    // Guarded by this.
    private @Nullable HttpUriRequest sent;
    private @Nullable String broken;
    private int reached;

    /** A request is about to leave. */
    void sending(HttpUriRequest request) {
        String why;
        synchronized (this) {
            sent = request;
            why = broken;
        }
        if (why != null) {
            request.abort(); // it was broken off before it began
        }
    }

    /** A request of it may have reached somebody. */
    synchronized void hasReached() {
        reached++;
    }

    /** How many of its requests may have reached somebody, answered or not. */
    synchronized int reached() {
        return reached;
    }

    /** The answer is there; what comes later must not hit the connection's next request. */
    synchronized void answered() {
        sent = null;
    }

    /** Closes the connection under whatever is on its way, and lets nothing follow. */
    void breakOff(String why) {
        HttpUriRequest on;
        synchronized (this) {
            if (broken == null) {
                broken = why;
            }
            on = sent;
        }
        if (on != null) {
            on.abort();
        }
    }

    /** Why it was broken off; null when it was not. */
    synchronized @Nullable String broken() {
        return broken;
    }
}
