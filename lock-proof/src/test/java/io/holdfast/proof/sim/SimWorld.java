// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import java.util.ArrayDeque;
import java.util.PriorityQueue;

/**
 * True time and everything that is going to happen, on one thread.
 *
 * <p>Events run in the order of their time, then of their making. A node that is paused keeps its events back; one that crashed
 * loses them. The first violation ends the run.
 */
final class SimWorld {
    private static final int TRACE_LINES = 4000;

    private final PriorityQueue<SimEvent> queue = new PriorityQueue<>(1024);
    private final ArrayDeque<String> trace = new ArrayDeque<>();
    private final boolean tracing;
    private Runnable afterEach = () -> {};
    private long now;
    private long sequence;
    private long events;
    private long hash = 17;
    private Violation violation;

    SimWorld(boolean tracing) {
        this.tracing = tracing;
    }

    /** Nanoseconds since the beginning, as no node can read it. */
    long now() {
        return now;
    }

    /** Has a judge look after each event. */
    void afterEach(Runnable look) {
        afterEach = look;
    }

    SimEvent in(SimNode node, long delay, String what, Runnable action) {
        SimEvent event = new SimEvent(now + Math.max(0, delay), sequence++, node, what, action);
        queue.add(event);
        return event;
    }

    SimEvent at(long time, String what, Runnable action) {
        return in(null, time - now, what, action);
    }

    /** Puts an event of a resumed node back, a little later. */
    void putBack(SimEvent held, long delay) {
        queue.add(new SimEvent(now + delay, sequence++, held.node, held.what, held.action));
    }

    /** Runs what happens until a time, or to the first violation. */
    void run(long until) {
        while (violation == null && !queue.isEmpty() && queue.peek().time <= until) {
            SimEvent event = queue.poll();
            now = event.time;
            if (event.isCancelled() || event.isStale()) {
                continue;
            }
            if (event.node != null && event.node.isPaused()) {
                event.node.hold(event);
                continue;
            }
            step(event);
        }
        if (violation == null) {
            now = Math.max(now, until);
        }
    }

    private void step(SimEvent event) {
        events++;
        int node = event.node == null ? -1 : event.node.index();
        hash = SimRandom.mix(hash ^ event.time) + 31L * event.what.hashCode() + node;
        if (tracing) {
            note((event.node == null ? "world" : event.node.name()) + " . " + event.what);
        }
        try {
            event.action.run();
        } catch (RuntimeException | AssertionError e) {
            fail("SIM", "an event threw: " + event.what, e);
        }
        afterEach.run();
    }

    boolean isTracing() {
        return tracing;
    }

    /** Adds a line to the trace; callers build it only while {@link #isTracing()}. */
    void note(String line) {
        if (trace.size() == TRACE_LINES) {
            trace.removeFirst();
        }
        trace.addLast(String.format("%14.6f s  %s", now / 1e9, line));
    }

    /** Reports a broken rule; the first one counts. */
    void fail(String rule, String what) {
        fail(rule, what, null);
    }

    void fail(String rule, String what, Throwable cause) {
        if (violation == null) {
            violation = new Violation(rule, now, what, cause);
        }
    }

    Violation violation() {
        return violation;
    }

    long events() {
        return events;
    }

    long hash() {
        return hash;
    }

    ArrayDeque<String> trace() {
        return trace;
    }
}
