// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import java.util.Map;
import java.util.TreeMap;

/**
 * The ids of the contenders that are over, so that a late copy of a request of theirs creates nothing (rule UO-2): for a store that
 * keeps its sessions in the process, as {@code memory:} does.
 *
 * <p>It keeps ranges: a client counts its ids up, so a session that has used a million of them needs one range, and one more for
 * each contender that is not over. Not thread-safe.
 */
public final class SpentIds {
    private final TreeMap<Long, Long> lastByFirst = new TreeMap<>();

    /** None yet. */
    public SpentIds() {}

    /**
     * Whether a contender of this id is over.
     *
     * @param id any number
     * @return true once it was added
     */
    public boolean contains(long id) {
        Map.Entry<Long, Long> below = lastByFirst.floorEntry(id);
        return below != null && below.getValue() >= id;
    }

    /**
     * A contender is over: nothing that names it may have an effect any more.
     *
     * @param id any number; one that was added before changes nothing
     */
    public void add(long id) {
        if (contains(id)) {
            return;
        }
        long first = id;
        Map.Entry<Long, Long> below = lastByFirst.lowerEntry(id);
        if (below != null && below.getValue() == id - 1) {
            first = below.getKey();
        }
        long last = id;
        if (id != Long.MAX_VALUE) {
            Long above = lastByFirst.remove(id + 1);
            last = above == null ? id : above;
        }
        lastByFirst.put(first, last);
    }

    int ranges() {
        return lastByFirst.size();
    }
}
