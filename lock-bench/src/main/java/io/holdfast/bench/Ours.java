// SPDX-License-Identifier: Apache-2.0
package io.holdfast.bench;

import io.holdfast.DistributedLock;
import io.holdfast.LockClient;

/** Holdfast as it is by default. */
final class Ours implements BenchLock.Client {
    private final LockClient client;

    private Ours(LockClient client) {
        this.client = client;
    }

    static BenchLock.Client open(String uri) {
        return new Ours(LockClient.open(uri));
    }

    @Override
    public BenchLock on(String name) {
        DistributedLock lock = client.lock(name);
        return new BenchLock() {
            @Override
            public void lock() {
                lock.lock();
            }

            @Override
            public void unlock() {
                lock.unlock();
            }
        };
    }

    @Override
    public void close() {
        client.close();
    }
}
