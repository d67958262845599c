// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.LockConfig;
import io.holdfast.spi.LockBackend;
import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.StoreFaults;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;

/** A memory store that is reached through backends with one fault. */
final class BrokenFixture implements LockBackendFixture {
    private static final AtomicInteger STORES = new AtomicInteger();

    private final String url = "memory:broken-" + STORES.incrementAndGet();
    private final Link link = new Link();
    private final Fault fault;

    /** Keeps the store and its tokens there between the tests, and looks into it. */
    private final LockBackend eye = Fault.sound(config());

    BrokenFixture(Fault fault) {
        this.fault = fault;
    }

    @Override
    public String url() {
        return url;
    }

    @Override
    public boolean recognisesCopies() {
        return true;
    }

    @Override
    public LockBackend open(LockConfig config) {
        return fault.open(config, link);
    }

    @Override
    public List<String> residue() {
        List<String> left = new ArrayList<>(fault.residue());
        eye.list().toCompletableFuture().join().forEach(lock -> left.add(lock.toString()));
        return left;
    }

    @Override
    public StoreFaults faults() {
        return new StoreFaults() {
            @Override
            public void deleteHolder(String name) {
                // By the keys that the broken backends make of names.
                try (LockBackend administrator = fault.open(config(), new Link())) {
                    administrator
                            .forceRelease(name, OptionalLong.empty())
                            .toCompletableFuture()
                            .join();
                }
            }

            @Override
            public void expireSession(String label) throws Exception {
                fault.expireSession(label);
            }

            @Override
            public void holdRequests() throws Exception {
                if (!fault.isLinked()) {
                    StoreFaults.super.holdRequests();
                }
                link.hold();
            }

            @Override
            public void heal() {
                link.heal();
            }
        };
    }

    @Override
    public void close() {
        fault.close();
        eye.close();
    }
}
