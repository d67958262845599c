// SPDX-License-Identifier: Apache-2.0
package io.holdfast.bench;

import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.CreateMode;

/** Curator's mutex, and a node that Curator makes and deletes. */
final class OnZooKeeper implements BenchLock.Client {
    private final CuratorFramework client;
    private final boolean bare;

    private OnZooKeeper(CuratorFramework client, boolean bare) {
        this.client = client;
        this.bare = bare;
    }

    static BenchLock.Client lock(String endpoint) throws Exception {
        return new OnZooKeeper(open(endpoint), false);
    }

    static BenchLock.Client floor(String endpoint) throws Exception {
        OnZooKeeper floor = new OnZooKeeper(open(endpoint), true);
        floor.client.create().orSetData().forPath("/floor", new byte[0]);
        return floor;
    }

    private static CuratorFramework open(String endpoint) throws InterruptedException {
        CuratorFramework client = CuratorFrameworkFactory.newClient(endpoint, 30_000, 10_000, new RetryOneTime(100));
        client.start();
        if (!client.blockUntilConnected(10, TimeUnit.SECONDS)) {
            throw new IllegalStateException("no connection to " + endpoint);
        }
        return client;
    }

    @Override
    public BenchLock on(String name) {
        return bare ? bare("/floor/" + name + "-") : lock(new InterProcessMutex(client, "/peer/" + name));
    }

    private static BenchLock lock(InterProcessMutex mutex) {
        return new BenchLock() {
            @Override
            public void lock() throws Exception {
                mutex.acquire();
            }

            @Override
            public void unlock() throws Exception {
                mutex.release();
            }
        };
    }

    private BenchLock bare(String path) {
        return new BenchLock() {
            private String node = path;

            @Override
            public void lock() throws Exception {
                node = client.create().withMode(CreateMode.EPHEMERAL_SEQUENTIAL).forPath(path, new byte[0]);
            }

            @Override
            public void unlock() throws Exception {
                client.delete().forPath(node);
            }
        };
    }

    @Override
    public void close() {
        client.close();
    }
}
