// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.curator.utils.ZookeeperFactory;
import org.apache.zookeeper.AsyncCallback.Create2Callback;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.data.ACL;
import org.jspecify.annotations.Nullable;

/** A connection on which a contender's creation is answered with an error, carried out or not. */
@SuppressWarnings("try") // ZooKeeper's own close may be interrupted
final class FaultyHandle implements ZookeeperFactory {
    private final AtomicReference<@Nullable Fault> next = new AtomicReference<>();

    private volatile boolean withoutQuorum;

    private record Fault(int code, boolean done) {}

    /**
     * What the next contender hears.
     *
     * @param code ZooKeeper's
     * @param done whether its node is made all the same
     */
    void answerNext(int code, boolean done) {
        next.set(new Fault(code, done));
    }

    /** Whether it says that the server it is connected to has lost its quorum. */
    void withoutQuorum(boolean value) {
        withoutQuorum = value;
    }

    @Override
    public ZooKeeper newZooKeeper(String servers, int timeout, Watcher watcher, boolean readOnly) throws Exception {
        return newZooKeeper(servers, timeout, watcher, readOnly, null);
    }

    @Override
    public ZooKeeper newZooKeeper(
            String servers, int timeout, Watcher watcher, boolean readOnly, @Nullable ZKClientConfig config)
            throws Exception {
        return new ZooKeeper(servers, timeout, watcher) {
            @Override
            public States getState() {
                return withoutQuorum ? States.CONNECTEDREADONLY : super.getState();
            }

            @Override
            public void create(
                    String path, byte[] data, List<ACL> acl, CreateMode mode, Create2Callback told, Object context) {
                Fault fault = mode == CreateMode.EPHEMERAL_SEQUENTIAL ? next.getAndSet(null) : null;
                if (fault == null) {
                    super.create(path, data, acl, mode, told, context);
                } else if (fault.done) {
                    super.create(
                            path,
                            data,
                            acl,
                            mode,
                            (rc, asked, ctx, name, stat) -> told.processResult(fault.code, asked, ctx, null, null),
                            context);
                } else {
                    // As ZooKeeper's client does: on another thread than the caller's.
                    CompletableFuture.runAsync(() -> told.processResult(fault.code, path, context, null, null));
                }
            }
        };
    }
}
