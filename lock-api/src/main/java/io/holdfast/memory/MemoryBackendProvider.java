// SPDX-License-Identifier: Apache-2.0
package io.holdfast.memory;

import io.holdfast.LockConfigException;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockBackendProvider;
import io.holdfast.spi.StoreUri;
import java.util.Set;

/** Opens {@code memory:NAME}: all clients of the JVM that name the same NAME share one store. Thread-safe. */
public final class MemoryBackendProvider implements LockBackendProvider {
    /** Called by {@link java.util.ServiceLoader}. */
    public MemoryBackendProvider() {}

    @Override
    public Set<String> schemes() {
        return Set.of("memory");
    }

    @Override
    public LockBackend open(BackendConfig config) {
        StoreUri uri = config.uri();
        if (uri.path().isEmpty() || !uri.hosts().isEmpty()) {
            throw new LockConfigException(
                    "'" + uri + "' names no store: write memory:NAME, such as memory:orders; clients of"
                            + " this JVM that use the same NAME exclude each other");
        }
        return NamedStores.JVM.open(uri.path(), config.prefix());
    }
}
