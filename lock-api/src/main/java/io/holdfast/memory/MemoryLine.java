// SPDX-License-Identifier: Apache-2.0
package io.holdfast.memory;

import java.util.Iterator;
import java.util.LinkedHashSet;
import org.jspecify.annotations.Nullable;

/** The contenders for one name in the order of their arrival; the first one holds. Guarded by the store's lock. */
final class MemoryLine {
    final LockKey key;
    private final LinkedHashSet<MemoryContender> places = new LinkedHashSet<>(4);

    /** The look at the holder's lease, on behalf of the first that waits; null while nobody waits. */
    @Nullable
    ExpiryWatch watch;

    MemoryLine(LockKey key) {
        this.key = key;
    }

    boolean isEmpty() {
        return places.isEmpty();
    }

    int size() {
        return places.size();
    }

    void add(MemoryContender contender) {
        places.add(contender);
    }

    void remove(MemoryContender contender) {
        places.remove(contender);
    }

    @Nullable
    MemoryContender first() {
        Iterator<MemoryContender> all = places.iterator();
        return all.hasNext() ? all.next() : null;
    }

    @Nullable
    MemoryContender second() {
        if (places.size() < 2) {
            return null;
        }
        Iterator<MemoryContender> all = places.iterator();
        all.next();
        return all.next();
    }
}
