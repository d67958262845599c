// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Which of a session's few keys for a name are in use: by a contender, or by an undo that is not confirmed.
 *
 * <p>Keys are used again, lowest first, because etcd keeps every deleted key until it is compacted, and each look at a line walks
 * over them. Thread-safe.
 */
final class Slots {
    private static final int PER_NAME = 8;

    private final ConcurrentMap<String, Integer> taken = new ConcurrentHashMap<>();

    /**
     * Takes a free slot.
     *
     * @param line whose
     * @return its number, or -1 when none is free
     */
    int take(String line) {
        int[] slot = {-1};
        taken.compute(line, (k, known) -> {
            int bits = known == null ? 0 : known;
            int free = Integer.numberOfTrailingZeros(~bits);
            if (free >= PER_NAME) {
                return known;
            }
            slot[0] = free;
            return bits | (1 << free);
        });
        return slot[0];
    }

    /** Gives a slot back, once etcd has confirmed that its key is gone and stays so. */
    void free(String line, int slot) {
        taken.computeIfPresent(line, (k, bits) -> {
            int left = bits & ~(1 << slot);
            return left == 0 ? null : left;
        });
    }
}
