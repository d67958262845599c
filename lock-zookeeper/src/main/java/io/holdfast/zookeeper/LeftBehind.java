// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * Contenders that could not be removed when their lock client closed, in a session of the ensemble that lives on: without a removal they
 * would stand in line, or hold, as long as that does. Thread-safe.
 */
final class LeftBehind {
    private final LinkPlan plan;
    private final BooleanSupplier connected;
    private final Runnable emptied;
    private final Set<ZooKeeperContender> contenders = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean planned = new AtomicBoolean();

    /**
     * Nobody yet.
     *
     * @param connected whether a request would be sent now
     * @param emptied told each time the last one has gone
     */
    LeftBehind(LinkPlan plan, BooleanSupplier connected, Runnable emptied) {
        this.plan = plan;
        this.connected = connected;
        this.emptied = emptied;
    }

    void add(List<ZooKeeperContender> unconfirmed) {
        contenders.addAll(unconfirmed);
        sweep(); // after the entry: a connection that comes back just now finds the entry, or is seen here
    }

    boolean isEmpty() {
        return contenders.isEmpty();
    }

    /** Removes them all; what fails is tried again, at the latest with the next connection. */
    void sweep() {
        if (connected.getAsBoolean()) {
            contenders.forEach(contender -> contender.remove().whenComplete((done, failure) -> {
                if (failure != null) {
                    sweepLater();
                } else if (contenders.remove(contender) && contenders.isEmpty()) {
                    emptied.run();
                }
            }));
        }
    }

    private void sweepLater() {
        if (planned.compareAndSet(false, true)) {
            try {
                plan.runtime()
                        .scheduler()
                        .schedule(
                                this::again, plan.settings().operationTimeout().toNanos());
            } catch (RuntimeException | Error refused) { // a scheduler that was closed: the next connection sweeps
                planned.set(false);
            }
        }
    }

    private void again() {
        planned.set(false);
        sweep();
    }
}
