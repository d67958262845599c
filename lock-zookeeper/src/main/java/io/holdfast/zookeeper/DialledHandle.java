// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.spi.LockClock;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Collection;
import org.apache.curator.utils.ZookeeperFactory;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ConnectStringParser;
import org.apache.zookeeper.client.HostProvider;
import org.apache.zookeeper.client.StaticHostProvider;
import org.apache.zookeeper.client.ZKClientConfig;
import org.jspecify.annotations.Nullable;

/** A connection to ZooKeeper that knows when its session was asked for, which is its first basis (rule ME-2). */
@SuppressWarnings("try") // ZooKeeper's own close may be interrupted
final class DialledHandle extends ZooKeeper {
    private final Attempts attempts;

    private DialledHandle(
            String servers, int timeout, Watcher watcher, Attempts attempts, @Nullable ZKClientConfig config)
            throws IOException {
        super(servers, timeout, watcher, false, attempts, config);
        this.attempts = attempts;
    }

    /** What Curator makes its handles with. */
    static ZookeeperFactory factory(LockClock clock, @Nullable TlsIdentity identity) {
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
                Attempts attempts =
                        new Attempts(clock, identity, new ConnectStringParser(servers).getServerAddresses());
                return new DialledHandle(servers, timeout, watcher, attempts, config);
            }
        };
    }

    /** Curator makes no other connection of a handle that it has closed; of the next handle it makes one, and the file again. */
    @Override
    public synchronized void close() throws InterruptedException {
        try {
            super.close();
        } finally {
            attempts.end();
        }
    }

    /** Just before the connection over which the session came to be was made; null before there is one. */
    @Nullable
    Long openedAt() {
        return attempts.opened();
    }

    /** Hosts in ZooKeeper's order; it asks for one just before each attempt to connect. */
    private static final class Attempts implements HostProvider {
        private final LockClock clock;
        private final @Nullable TlsIdentity identity;
        private final StaticHostProvider hosts;

        // Guarded by this.
        private long latest;
        private @Nullable Long opened;
        private boolean ended;

        Attempts(LockClock clock, @Nullable TlsIdentity identity, Collection<InetSocketAddress> servers) {
            this.clock = clock;
            this.identity = identity;
            this.hosts = new StaticHostProvider(servers);
        }

        @Override
        public int size() {
            return hosts.size();
        }

        @Override
        public InetSocketAddress next(long spinDelay) {
            InetSocketAddress host = hosts.next(spinDelay);
            synchronized (this) {
                if (identity != null && !ended) {
                    identity.lay();
                }
                latest = clock.nanoTime();
            }
            return host;
        }

        @Override
        public void onConnected() {
            synchronized (this) {
                if (opened == null) { // later ones connect to the session that is there
                    opened = latest;
                }
            }
            if (identity != null) {
                identity.remove();
            }
            hosts.onConnected();
        }

        @Override
        public boolean updateServerList(Collection<InetSocketAddress> servers, InetSocketAddress current) {
            return hosts.updateServerList(servers, current);
        }

        synchronized void end() {
            ended = true;
            if (identity != null) {
                identity.remove();
            }
        }

        synchronized @Nullable Long opened() {
            return opened;
        }
    }
}
