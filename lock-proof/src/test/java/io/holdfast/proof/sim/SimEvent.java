// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

/** Something that happens at a time, on a node or to the world. */
final class SimEvent implements Comparable<SimEvent> {
    final long time;
    final long sequence;
    /** Null for an event of the world itself: a fault, a look of a judge. */
    final SimNode node;

    final int incarnation;
    final String what;
    final Runnable action;
    private boolean cancelled;

    SimEvent(long time, long sequence, SimNode node, String what, Runnable action) {
        this.time = time;
        this.sequence = sequence;
        this.node = node;
        this.incarnation = node == null ? 0 : node.incarnation();
        this.what = what;
        this.action = action;
    }

    void cancel() {
        cancelled = true;
    }

    boolean isCancelled() {
        return cancelled;
    }

    /** Whether its node has crashed since it was planned. */
    boolean isStale() {
        return node != null && node.incarnation() != incarnation;
    }

    @Override
    public int compareTo(SimEvent other) {
        int byTime = Long.compare(time, other.time);
        return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
    }
}
