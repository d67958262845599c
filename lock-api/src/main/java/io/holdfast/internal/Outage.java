// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

import io.holdfast.spi.LockClock;
import org.jspecify.annotations.Nullable;

/** Since when the store has answered nothing, so that waits without limit end some day (rule WA-6). Thread-safe. */
final class Outage {
    private final EngineClient client;
    private final LockClock clock;
    private final long timeoutNanos;

    // Guarded by this.
    private boolean on;
    private long since;

    /** Whether to look at waits is scheduled. */
    private boolean watching;

    Outage(EngineClient client, long timeoutNanos) {
        this.client = client;
        this.clock = client.clock();
        this.timeoutNanos = timeoutNanos;
    }

    /** A request failed, or its outcome is unknown. */
    void noticed(@Nullable Throwable why) {
        client.counters().failures.increment();
        boolean watch;
        synchronized (this) {
            if (!on) {
                on = true;
                since = clock.nanoTime();
            }
            watch = !watching;
            watching = true;
        }
        if (watch) {
            watchLater();
        }
    }

    /** The store has answered. */
    synchronized void over() {
        on = false;
    }

    synchronized boolean isOn() {
        return on;
    }

    /** Whether a wait that began at a time has met nothing but the outage for the whole timeout. */
    synchronized boolean lasted(long waitSince, long now) {
        long from = since - waitSince > 0 ? since : waitSince;
        return on && now - from >= timeoutNanos;
    }

    private void watchLater() {
        client.schedule(this::watch, Math.max(1_000_000L, Math.min(timeoutNanos / 20, 1_000_000_000L)));
    }

    private void watch() {
        synchronized (this) {
            if (!on || client.isClosed()) {
                watching = false;
                return;
            }
        }
        client.eachName(n -> n.deliver(n::outageGoesOn));
        watchLater();
    }
}
