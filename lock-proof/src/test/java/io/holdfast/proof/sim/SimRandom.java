// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import java.util.List;

/** A seeded stream of random numbers (SplitMix64), the same on every JVM. Not thread-safe. */
final class SimRandom {
    private static final long GAMMA = 0x9E3779B97F4A7C15L;

    private final long seed;
    private long state;

    SimRandom(long seed) {
        this.seed = seed;
        this.state = mix(seed);
    }

    /** A stream of its own, so that what one part of the world draws does not shift what another one gets. */
    SimRandom fork(long salt) {
        return new SimRandom(mix(seed ^ mix(salt + GAMMA)));
    }

    long next() {
        state += GAMMA;
        return mix(state);
    }

    /** A number from 0 to {@code bound} - 1. */
    int below(int bound) {
        return (int) Long.remainderUnsigned(next(), bound);
    }

    /** A number from {@code low} to {@code high}, both included. */
    long between(long low, long high) {
        return low + Long.remainderUnsigned(next(), high - low + 1);
    }

    boolean chance(double probability) {
        return probability > 0 && fraction() < probability;
    }

    /** An exponentially distributed duration, cut off at ten times its mean. */
    long around(long mean) {
        return (long) (mean * Math.min(10, -StrictMath.log(1 - fraction())));
    }

    <T> T pick(List<T> from) {
        return from.get(below(from.size()));
    }

    private double fraction() {
        return (next() >>> 11) * 0x1.0p-53;
    }

    static long mix(long z) {
        long x = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        x = (x ^ (x >>> 27)) * 0x94D049BB133111EBL;
        return x ^ (x >>> 31);
    }
}
