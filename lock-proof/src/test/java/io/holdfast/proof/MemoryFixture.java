// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof;

import io.holdfast.memory.MemoryBackendProvider;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.LockBackend;
import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.StoreFaults;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;

/** A memory store of its own for one run of the kit. */
final class MemoryFixture implements LockBackendFixture {
    private static final AtomicInteger STORES = new AtomicInteger();

    private final String url = "memory:proof-" + STORES.incrementAndGet();

    /** Keeps the store there between the tests, and looks into it. */
    private final LockBackend eye = new MemoryBackendProvider().open(BackendConfig.of(config()));

    @Override
    public String url() {
        return url;
    }

    @Override
    public List<String> residue() {
        return eye.list().toCompletableFuture().join().stream()
                .map(Object::toString)
                .toList();
    }

    @Override
    public boolean recognisesCopies() {
        return true;
    }

    @Override
    public StoreFaults faults() {
        return new StoreFaults() {
            @Override
            public void deleteHolder(String name) {
                eye.forceRelease(name, OptionalLong.empty())
                        .toCompletableFuture()
                        .join();
            }
        };
    }

    @Override
    public void close() {
        eye.close();
    }
}
