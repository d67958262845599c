// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.client;

import io.holdfast.LockListener;
import io.holdfast.LockLoss;
import io.holdfast.ReleaseOutcome;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A listener that writes every call down, does what the test tells it to, and counts how many calls it is in at once. */
final class Recorder implements LockListener {
    final List<String> events = new CopyOnWriteArrayList<>();
    private final Consumer<String> act;
    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();

    Recorder(Consumer<String> act) {
        this.act = act;
    }

    /** The largest number of calls that were under way together. */
    int mostAtOnce() {
        return most.get();
    }

    private void hear(String event) {
        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
        events.add(event);
        try {
            act.accept(event);
        } finally {
            inside.decrementAndGet();
        }
    }

    @Override
    public void contended(String name) {
        hear("contended " + name);
    }

    @Override
    public void acquired(String name, long fencingToken) {
        hear("acquired " + name);
    }

    @Override
    public void renewed(String name, long fencingToken) {
        hear("renewed " + name);
    }

    @Override
    public void suspect(String name, long fencingToken) {
        hear("suspect " + name);
    }

    @Override
    public void safe(String name, long fencingToken) {
        hear("safe " + name);
    }

    @Override
    public void lost(LockLoss loss) {
        hear("lost " + loss.name());
    }

    @Override
    public void released(String name, long fencingToken, ReleaseOutcome outcome) {
        hear("released " + name);
    }
}
