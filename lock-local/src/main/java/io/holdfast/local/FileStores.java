// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import java.util.HashMap;
import java.util.Map;

/** The directories in use in this class loader: backends with equal settings share one {@link FileStore} and its thread. */
final class FileStores {
    static final FileStores JVM = new FileStores();

    private final Map<FileSettings, Shared> stores = new HashMap<>();

    private static final class Shared {
        final FileStore store;
        int backends;

        Shared(FileStore store) {
            this.store = store;
        }
    }

    synchronized FileBackend open(FileSettings settings) {
        Shared shared = stores.computeIfAbsent(
                settings, s -> new Shared(new FileStore(s, LockDirectory.Surroundings.system())));
        shared.backends++;
        return new FileBackend(shared.store, () -> closed(shared));
    }

    private synchronized void closed(Shared shared) {
        if (--shared.backends == 0) {
            stores.remove(shared.store.settings());
        }
    }
}
