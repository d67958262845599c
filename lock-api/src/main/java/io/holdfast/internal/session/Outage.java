// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.session;

import io.holdfast.internal.context.Durations;
import io.holdfast.internal.context.Engine;
import io.holdfast.spi.LockClock;
import org.jspecify.annotations.Nullable;

/** Since when the store has answered nothing, so that waits without limit end some day (rule WA-6). Thread-safe. */
public final class Outage {
    private final Engine engine;
    private final LockClock clock;
    private final long timeoutNanos;
    private final Runnable whenItGoesOn;

    // Guarded by this.
    private boolean on;
    private long since;
    private boolean answered;
    private long answeredAt;

    /** Whether to look at waits is scheduled. */
    private boolean watching;

    Outage(Engine engine, Runnable whenItGoesOn) {
        this.engine = engine;
        this.clock = engine.clock();
        this.timeoutNanos = Durations.saturatedNanos(engine.settings().outageTimeout());
        this.whenItGoesOn = whenItGoesOn;
    }

    /** A request failed, or its outcome is unknown. */
    public void noticed(@Nullable Throwable why) {
        engine.counters().failures.increment();
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
    public synchronized void over() {
        on = false;
        answered = true;
        answeredAt = clock.nanoTime();
    }

    /** Whether the store has answered anything, of whatever lock, after a time. */
    public synchronized boolean answeredSince(long time) {
        return answered && answeredAt - time > 0;
    }

    public synchronized boolean isOn() {
        return on;
    }

    /** Whether a wait that began at a time has met nothing but the outage for the whole timeout. */
    public synchronized boolean lasted(long waitSince, long now) {
        long from = since - waitSince > 0 ? since : waitSince;
        return on && now - from >= timeoutNanos;
    }

    private void watchLater() {
        engine.schedule(this::watch, Math.max(1_000_000L, Math.min(timeoutNanos / 20, 1_000_000_000L)));
    }

    private void watch() {
        synchronized (this) {
            if (!on || engine.isClosed()) {
                watching = false;
                return;
            }
        }
        whenItGoesOn.run();
        watchLater();
    }
}
