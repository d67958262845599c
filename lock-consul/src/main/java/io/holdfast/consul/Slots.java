// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * The numbers that a session's contenders for a name have in their keys. They are few and used again, because Consul keeps every
 * deleted key for a while, and looking at a line walks over these. One whose undo is not confirmed is not free. Thread-safe.
 */
final class Slots {
    static final int COUNT = 8;

    /** By name, those in use; guarded by this. */
    private final Map<String, BitSet> taken = new HashMap<>();

    /**
     * Takes one.
     *
     * @param preferred where to begin: not where the one before was, so that whoever watches that one sees its end
     * @return -1 when none is free
     */
    synchronized int take(String name, long preferred) {
        BitSet used = taken.computeIfAbsent(name, n -> new BitSet(COUNT));
        for (int i = 0; i < COUNT; i++) {
            int slot = (int) Math.floorMod(preferred + i, (long) COUNT);
            if (!used.get(slot)) {
                used.set(slot);
                return slot;
            }
        }
        return -1;
    }

    synchronized void free(String name, int slot) {
        taken.computeIfPresent(name, (n, used) -> {
            used.clear(slot);
            return used.isEmpty() ? null : used;
        });
    }
}
