// SPDX-License-Identifier: Apache-2.0
package io.holdfast.bench;

/**
 * Who is measured: Holdfast, the library beside it on each store, and the floor, which is the bare requests that a lock cannot do without.
 */
enum Contestant {
    HOLDFAST("Holdfast") {
        @Override
        BenchLock.Client open(BenchStore store, String endpoint) {
            return Ours.open(store.scheme() + "://" + endpoint);
        }
    },
    PEER("peer") {
        @Override
        BenchLock.Client open(BenchStore store, String endpoint) throws Exception {
            return store.peer(endpoint);
        }
    },
    FLOOR("floor") {
        @Override
        BenchLock.Client open(BenchStore store, String endpoint) throws Exception {
            return store.floor(endpoint);
        }
    };

    private final String title;

    Contestant(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    abstract BenchLock.Client open(BenchStore store, String endpoint) throws Exception;
}
