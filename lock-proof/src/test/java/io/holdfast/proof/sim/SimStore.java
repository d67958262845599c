// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import java.util.List;

/** A store server, as far as locks are concerned: it runs on a node of its own and judges by that node's clock. */
abstract class SimStore {
    private final SimWorld world;
    private final SimNode node;
    private final SimRandom random;
    private final SimSettings settings;
    private final StoreWitness witness;
    private int elections;

    SimStore(SimWorld world, SimNode node, SimRandom random, SimSettings settings, StoreWitness witness) {
        this.world = world;
        this.node = node;
        this.random = random;
        this.settings = settings;
        this.witness = witness;
    }

    final SimWorld world() {
        return world;
    }

    final SimNode node() {
        return node;
    }

    final SimRandom random() {
        return random;
    }

    final SimSettings settings() {
        return settings;
    }

    final StoreWitness witness() {
        return witness;
    }

    /** Runs something on the store's node after a time of its own clock. */
    final SimEvent after(long nanos, String what, Runnable action) {
        return world.in(node, node.trueDelay(nanos), what, action);
    }

    final boolean isElecting() {
        return elections > 0;
    }

    /** What becomes of a request that has arrived. */
    SimLink.Admission admission(SimLink.Kind kind, SimLink link) {
        if (!isElecting()) {
            return SimLink.Admission.SERVED;
        }
        return random.chance(0.5) ? SimLink.Admission.IGNORED : SimLink.Admission.REFUSED;
    }

    /** Keeps a request until the process it was sent to runs again. */
    void hold(Runnable request) {
        throw new IllegalStateException("this store holds no requests back");
    }

    /** Without a leader nothing is decided; the new one starts all lease timers anew. */
    void election(boolean begins) {
        elections += begins ? 1 : -1;
        if (!isElecting()) {
            restartTimers();
        }
    }

    /** The server process dies; what it has on disk stays. */
    void crash() {
        node.crash();
    }

    /** The server process runs again, with its data. */
    void restart() {
        if (node.start()) {
            restartTimers();
        }
    }

    /** Gives every session a whole lease from now. */
    abstract void restartTimers();

    /** Removes the holder of a name, as an administrator would. */
    abstract void forceRelease(String name);

    /** Loses all data. */
    abstract void wipe();

    /** Everything of a contender or session that is in the store now, for people. */
    abstract List<String> contents();
}
