// SPDX-License-Identifier: Apache-2.0
package io.holdfast.memory;

import java.util.HashMap;
import java.util.Map;

/**
 * The stores behind {@code memory:NAME}: one a name while a backend is open on it, then none.
 *
 * <p>A store made anew under a name goes on above every token that an earlier one gave (rule FT-1): one number for all names
 * remembers that, so names used once leave nothing.
 */
final class NamedStores {
    static final NamedStores JVM = new NamedStores();

    private final Map<String, Shared> stores = new HashMap<>();
    private long highestDropped;

    private static final class Shared {
        final MemoryStore store;
        int backends;

        Shared(MemoryStore store) {
            this.store = store;
        }
    }

    synchronized MemoryBackend open(String name, String prefix) {
        Shared shared =
                stores.computeIfAbsent(name, n -> new Shared(new MemoryStore("memory:" + n, null, highestDropped)));
        shared.backends++;
        return new MemoryBackend(shared.store, prefix, () -> closed(name, shared));
    }

    private synchronized void closed(String name, Shared shared) {
        if (--shared.backends == 0) {
            stores.remove(name);
            highestDropped = Math.max(highestDropped, shared.store.lastToken());
        }
    }

    synchronized int size() {
        return stores.size();
    }
}
