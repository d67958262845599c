// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import java.util.ArrayList;
import java.util.List;

/**
 * A machine: its clocks, and whether it runs.
 *
 * <p>Its monotonic clock has an origin and a rate of its own. While it is paused its clock runs on and its events wait, as with
 * SIGSTOP. When it goes on, they run in an order that need not be the one in which they came: threads and sockets wake up
 * together.
 */
final class SimNode {
    private static final long MILLION = 1_000_000;
    private static final long RESUME_SPREAD = 3 * MILLION;

    private final SimWorld world;
    private final SimRandom random;
    private final String name;
    private final int index;
    private final long origin;
    private final long ratePpm;
    private final List<SimEvent> held = new ArrayList<>();
    private long wallStepMillis;
    private int pauses;
    private int crashes;
    private int incarnation;
    private long lastResumed = Long.MIN_VALUE / 2;

    SimNode(SimWorld world, SimRandom random, String name, int index, long ratePpm) {
        this.world = world;
        this.random = random;
        this.name = name;
        this.index = index;
        this.ratePpm = ratePpm;
        // Anywhere, also where it wraps around: nanoTime is compared by subtraction only.
        this.origin = random.chance(0.3) ? Long.MAX_VALUE - random.between(0, 3_600_000_000_000L) : random.next();
    }

    String name() {
        return name;
    }

    int index() {
        return index;
    }

    int incarnation() {
        return incarnation;
    }

    boolean isPaused() {
        return pauses > 0;
    }

    boolean isUp() {
        return crashes == 0;
    }

    boolean isRunning() {
        return isUp() && !isPaused();
    }

    /** When it last went on after a pause, or started, in true time. */
    long lastResumed() {
        return lastResumed;
    }

    /** The monotonic clock. */
    long nanoTime() {
        return origin + elapsed();
    }

    long wallMillis() {
        return 1_700_000_000_000L + elapsed() / MILLION + wallStepMillis;
    }

    /** The wall clock in microseconds, as Redis reads it. */
    long wallMicros() {
        return 1_700_000_000_000_000L + elapsed() / 1_000 + wallStepMillis * 1_000;
    }

    private long elapsed() {
        long now = world.now();
        return now + now / MILLION * ratePpm + now % MILLION * ratePpm / MILLION;
    }

    /** How long a duration of this clock takes in true time, rounded up. */
    long trueDelay(long nanos) {
        if (nanos <= 0 || ratePpm == 0) {
            return Math.max(0, nanos);
        }
        return (long) Math.ceil(nanos / (1 + ratePpm / (double) MILLION));
    }

    void stepWall(long millis) {
        wallStepMillis += millis;
    }

    void hold(SimEvent event) {
        held.add(event);
    }

    /** Stops it; pauses may overlap. */
    void pause() {
        pauses++;
    }

    void resume() {
        pauses--;
        if (pauses > 0) {
            return;
        }
        lastResumed = world.now();
        List<SimEvent> waiting = List.copyOf(held);
        held.clear();
        for (SimEvent event : waiting) {
            if (!event.isCancelled() && !event.isStale()) {
                world.putBack(event, random.between(0, RESUME_SPREAD));
            }
        }
    }

    /** Loses everything that was planned on it; crashes may overlap. */
    void crash() {
        crashes++;
        incarnation++;
        held.clear();
    }

    /** Starts it, unless another crash keeps it down. */
    boolean start() {
        crashes--;
        lastResumed = world.now();
        return crashes == 0;
    }

    @Override
    public String toString() {
        return name;
    }
}
