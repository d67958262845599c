// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

/** Which parts of the world are disturbed by faults now, or were a while ago. */
final class Weather {
    private static final long NEVER = Long.MIN_VALUE / 2;

    private final int[] active;
    private final long[] lastEnd;
    private final SimWorld world;

    Weather(SimWorld world, int clients) {
        this.world = world;
        this.active = new int[clients + 1];
        this.lastEnd = new long[clients + 1];
        java.util.Arrays.fill(lastEnd, NEVER);
    }

    /** A fault of one client begins or ends; of everybody, when {@code client} is negative. */
    void disturb(int client, boolean begins) {
        int part = client < 0 ? active.length - 1 : client;
        active[part] += begins ? 1 : -1;
        lastEnd[part] = world.now();
    }

    /** Whether a client and the store have been undisturbed for a time. */
    boolean calmFor(int client, long nanos) {
        return calm(client, nanos) && calm(active.length - 1, nanos);
    }

    /** Whether nobody has been disturbed for a time. */
    boolean calmFor(long nanos) {
        for (int i = 0; i < active.length; i++) {
            if (!calm(i, nanos)) {
                return false;
            }
        }
        return true;
    }

    /** Since when nobody has been disturbed; now, while somebody is. */
    long calmSince() {
        long since = NEVER;
        for (int i = 0; i < active.length; i++) {
            since = Math.max(since, active[i] > 0 ? world.now() : lastEnd[i]);
        }
        return since;
    }

    private boolean calm(int part, long nanos) {
        return active[part] == 0 && world.now() - lastEnd[part] >= nanos;
    }
}
