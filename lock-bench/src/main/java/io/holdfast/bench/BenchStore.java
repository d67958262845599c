// SPDX-License-Identifier: Apache-2.0
package io.holdfast.bench;

import io.holdfast.lab.server.StoreKind;
import java.util.Locale;

/** A store, the library that is used with it most, and its floor. */
enum BenchStore {
    REDIS(StoreKind.REDIS_7, "Redisson `RLock`") {
        @Override
        BenchLock.Client peer(String endpoint) {
            return OnRedis.lock(endpoint);
        }

        @Override
        BenchLock.Client floor(String endpoint) {
            return OnRedis.floor(endpoint);
        }
    },
    ZOOKEEPER(StoreKind.ZOOKEEPER_3_9, "Curator `InterProcessMutex`") {
        @Override
        BenchLock.Client peer(String endpoint) throws Exception {
            return OnZooKeeper.lock(endpoint);
        }

        @Override
        BenchLock.Client floor(String endpoint) throws Exception {
            return OnZooKeeper.floor(endpoint);
        }
    },
    ETCD(StoreKind.ETCD_3_5, "jetcd `Lock`") {
        @Override
        BenchLock.Client peer(String endpoint) {
            return OnEtcd.lock(endpoint);
        }

        @Override
        BenchLock.Client floor(String endpoint) {
            return OnEtcd.floor(endpoint);
        }
    },
    CONSUL(StoreKind.CONSUL_1_8, "consul-api, `acquire`") {
        @Override
        BenchLock.Client peer(String endpoint) {
            return OnConsul.lock(endpoint);
        }

        @Override
        BenchLock.Client floor(String endpoint) {
            return OnConsul.floor(endpoint);
        }
    };

    private final StoreKind kind;
    private final String peer;

    BenchStore(StoreKind kind, String peer) {
        this.kind = kind;
        this.peer = peer;
    }

    StoreKind kind() {
        return kind;
    }

    /** For people. */
    String peerTitle() {
        return peer;
    }

    String scheme() {
        return name().toLowerCase(Locale.ROOT);
    }

    abstract BenchLock.Client peer(String endpoint) throws Exception;

    abstract BenchLock.Client floor(String endpoint) throws Exception;
}
