// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.curator.utils.ZookeeperFactory;
import org.apache.zookeeper.AsyncCallback.ChildrenCallback;
import org.apache.zookeeper.AsyncCallback.Create2Callback;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.data.ACL;
import org.jspecify.annotations.Nullable;

/**
 * A connection with threads that sleep at the worst of times: its user's thread always until what it has created is answered, and the
 * thread of answers for a second between a contender's creation and what was seen of the line.
 */
@SuppressWarnings("try") // ZooKeeper's own close may be interrupted
final class SleepyHandle extends ZooKeeper {
    private static final int LONG = 20;

    private final Thread sleeper;
    private final AtomicBoolean stoodStill = new AtomicBoolean();
    private volatile CountDownLatch answered = new CountDownLatch(0);

    private SleepyHandle(String servers, int timeout, Watcher watcher, Thread sleeper) throws IOException {
        super(servers, timeout, watcher);
        this.sleeper = sleeper;
    }

    /** Makes handles on which this thread sleeps. */
    static ZookeeperFactory factory() {
        Thread sleeper = Thread.currentThread();
        return new ZookeeperFactory() {
            @Override
            public ZooKeeper newZooKeeper(String servers, int timeout, Watcher watcher, boolean readOnly)
                    throws Exception {
                return newZooKeeper(servers, timeout, watcher, readOnly, null);
            }

            @Override
            public ZooKeeper newZooKeeper(
                    String servers, int timeout, Watcher watcher, boolean readOnly, @Nullable ZKClientConfig config)
                    throws Exception {
                return new SleepyHandle(servers, timeout, watcher, sleeper);
            }
        };
    }

    @Override
    public void create(String path, byte[] data, List<ACL> acl, CreateMode mode, Create2Callback done, Object context) {
        CountDownLatch latch = new CountDownLatch(1);
        boolean sleeps = Thread.currentThread() == sleeper;
        if (sleeps) {
            answered = latch;
        }
        Create2Callback told = (rc, asked, ctx, name, stat) -> {
            done.processResult(rc, asked, ctx, name, stat);
            latch.countDown();
            if (rc == 0 && mode == CreateMode.EPHEMERAL_SEQUENTIAL && stoodStill.compareAndSet(false, true)) {
                await(new CountDownLatch(1), 1);
            }
        };
        super.create(path, data, acl, mode, told, context);
        if (sleeps && mode == CreateMode.CONTAINER) {
            await(latch, LONG);
        }
    }

    @Override
    public void getChildren(String path, boolean watch, ChildrenCallback done, Object context) {
        super.getChildren(path, watch, done, context);
        if (Thread.currentThread() == sleeper) {
            await(answered, LONG);
        }
    }

    private static void await(CountDownLatch latch, int seconds) {
        try {
            latch.await(seconds, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
