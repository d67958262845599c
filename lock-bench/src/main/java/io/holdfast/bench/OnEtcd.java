// SPDX-License-Identifier: Apache-2.0
package io.holdfast.bench;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.support.Observers;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * jetcd's lock, under a lease for each thread, which the client keeps alive, since etcd gives a name again to the lease that has it; and
 * two transactions by jetcd, each of one write.
 */
final class OnEtcd implements BenchLock.Client {
    private static final long LEASE_SECONDS = 30;

    private final Client client;
    private final boolean bare;
    private final Queue<Long> leases = new ConcurrentLinkedQueue<>();

    private OnEtcd(Client client, boolean bare) {
        this.client = client;
        this.bare = bare;
    }

    static BenchLock.Client lock(String endpoint) {
        return new OnEtcd(open(endpoint), false);
    }

    static BenchLock.Client floor(String endpoint) {
        return new OnEtcd(open(endpoint), true);
    }

    private static Client open(String endpoint) {
        return Client.builder().endpoints("http://" + endpoint).build();
    }

    private long lease() throws Exception {
        long lease = client.getLeaseClient().grant(LEASE_SECONDS).get().getID();
        leases.add(lease);
        client.getLeaseClient().keepAlive(lease, Observers.observer(answer -> {}));
        return lease;
    }

    @Override
    public BenchLock on(String name) throws Exception {
        return bare ? bare(bytes("floor/" + name), lease()) : lock(bytes("peer/" + name), lease());
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, StandardCharsets.UTF_8);
    }

    private BenchLock lock(ByteSequence name, long lease) {
        return new BenchLock() {
            private ByteSequence held = name;

            @Override
            public void lock() throws Exception {
                held = client.getLockClient().lock(name, lease).get().getKey();
            }

            @Override
            public void unlock() throws Exception {
                client.getLockClient().unlock(held).get();
            }
        };
    }

    private BenchLock bare(ByteSequence key, long lease) {
        Op put = Op.put(key, key, PutOption.builder().withLeaseId(lease).build());
        Op delete = Op.delete(key, DeleteOption.DEFAULT);
        return new BenchLock() {
            @Override
            public void lock() throws Exception {
                client.getKVClient().txn().Then(put).commit().get();
            }

            @Override
            public void unlock() throws Exception {
                client.getKVClient().txn().Then(delete).commit().get();
            }
        };
    }

    @Override
    public void close() {
        for (long lease : leases) {
            client.getLeaseClient().revoke(lease).join();
        }
        client.close();
    }
}
