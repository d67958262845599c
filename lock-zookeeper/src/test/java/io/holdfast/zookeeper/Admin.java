// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.HostProvider;
import org.apache.zookeeper.client.StaticHostProvider;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.data.Stat;

/** A plain connection to a server, which looks and acts past the backend. */
final class Admin implements AutoCloseable {
    private static final int SESSION_MILLIS = 10_000;

    private final ZooKeeper zookeeper;

    Admin(InetSocketAddress server) throws Exception {
        this(server, new ZKClientConfig());
    }

    Admin(InetSocketAddress server, ZKClientConfig client) throws Exception {
        this.zookeeper = connected(latch -> new ZooKeeper(text(server), SESSION_MILLIS, latch, client));
    }

    @FunctionalInterface
    private interface Connecting {
        ZooKeeper connect(Watcher watcher) throws Exception;
    }

    private static ZooKeeper connected(Connecting connecting) throws Exception {
        CountDownLatch connected = new CountDownLatch(1);
        ZooKeeper made = connecting.connect(event -> {
            if (event.getState() == Watcher.Event.KeeperState.SyncConnected) {
                connected.countDown();
            }
        });
        if (!connected.await(20, TimeUnit.SECONDS)) {
            made.close();
            throw new AssertionError("the server does not answer its administrator");
        }
        return made;
    }

    /** Ends the session of another connection, as the servers do when its lease has passed. */
    static void end(InetSocketAddress server, ZKClientConfig client, ZooKeeper other) throws Exception {
        HostProvider only = new StaticHostProvider(List.of(server));
        connected(latch -> new ZooKeeper(
                        text(server),
                        SESSION_MILLIS,
                        latch,
                        other.getSessionId(),
                        other.getSessionPasswd(),
                        false,
                        only,
                        client))
                .close();
    }

    private static String text(InetSocketAddress server) {
        return server.getHostString() + ":" + server.getPort();
    }

    ZooKeeper zookeeper() {
        return zookeeper;
    }

    Admin withUser(String user, String password) {
        zookeeper.addAuthInfo("digest", (user + ":" + password).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        return this;
    }

    /** Every node under a path that is not an empty container. */
    List<String> nodesUnder(String path) throws Exception {
        List<String> found = new ArrayList<>();
        try {
            List<String> children = zookeeper.getChildren(path, false);
            for (String child : children) {
                found.addAll(nodesUnder(path + "/" + child));
            }
            Stat stat = zookeeper.exists(path, false);
            if (stat != null && stat.getEphemeralOwner() != 0 && !isContainer(stat)) {
                found.add(path);
            }
        } catch (KeeperException.NoNodeException e) {
            // It went while we looked.
        }
        return found;
    }

    private static boolean isContainer(Stat stat) {
        return stat.getEphemeralOwner() == Long.MIN_VALUE;
    }

    /** How many contend for a name. */
    int contenders(String container) throws Exception {
        try {
            return zookeeper.getChildren(container, false).size();
        } catch (KeeperException.NoNodeException e) {
            return 0;
        }
    }

    @Override
    public void close() {
        try {
            zookeeper.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
