// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The contenders of one name, in the order in which Consul created them; the first one holds. One whose session has ended keeps its
 * place until somebody has made sure that it cannot hold any more ({@link Deaths}).
 *
 * @param entries in their order
 */
record Line(List<KeyEntry> entries) {
    private static final Comparator<KeyEntry> ORDER =
            Comparator.comparingLong(KeyEntry::created).thenComparing(KeyEntry::key);

    /** Of what an answer shows: a key that no session holds, and that is not of our writing, contends for nothing. */
    static Line of(Collection<KeyEntry> shown, String start) {
        Map<String, KeyEntry> newest = new HashMap<>();
        for (KeyEntry entry : shown) {
            if (entry.key().startsWith(start) && (!entry.isDead() || LockKeys.isContender(entry))) {
                newest.put(entry.key(), entry);
            }
        }
        List<KeyEntry> line = new ArrayList<>(newest.values());
        line.sort(ORDER);
        return new Line(line);
    }

    /** Whether somebody before a place is dead. */
    boolean hasDeadBefore(int place) {
        return place > 0 && entries.subList(0, place).stream().anyMatch(KeyEntry::isDead);
    }

    /**
     * The place of a contender.
     *
     * @param session who made it; a key that another session holds is not this contender's
     * @return 0 for the holder, -1 when it is not in line
     */
    int place(String key, String session) {
        for (int i = 0; i < entries.size(); i++) {
            KeyEntry entry = entries.get(i);
            if (entry.key().equals(key)) {
                return entry.session().equals(session) ? i : -1;
            }
        }
        return -1;
    }
}
