// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import org.jspecify.annotations.Nullable;

/**
 * One request, or several one after the other, that can be broken off from another thread: whoever waits for the answer is let go
 * at once. Thread-safe.
 */
final class Call {
    // Guarded by this.
    private @Nullable Runnable ending;
    private @Nullable String broken;
    private int reached;

    /**
     * A request is about to leave, or to go its next step.
     *
     * @param end ends it, from any thread, and does nothing once it is over
     */
    void sending(Runnable end) {
        String why;
        synchronized (this) {
            ending = end;
            why = broken;
        }
        if (why != null) {
            end.run(); // it was broken off before it began
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

    /** The answer is there. */
    synchronized void answered() {
        ending = null;
    }

    /** Closes the connection under whatever is on its way, and lets nothing follow. */
    void breakOff(String why) {
        Runnable on;
        synchronized (this) {
            if (broken == null) {
                broken = why;
            }
            on = ending;
        }
        if (on != null) {
            on.run();
        }
    }

    /** Why it was broken off; null when it was not. */
    synchronized @Nullable String broken() {
        return broken;
    }
}
