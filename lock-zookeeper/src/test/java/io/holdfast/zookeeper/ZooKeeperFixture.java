// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.LockConfig;
import io.holdfast.lab.server.ServerFixture;
import io.holdfast.lab.server.ServerSpec;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.LockBackend;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.client.ZKClientConfig;

/** A server of the kit's own behind a proxy, and what the kit may do to both. */
class ZooKeeperFixture extends ServerFixture {
    final String prefix;
    private final List<ZooKeeperBackend> backends = new CopyOnWriteArrayList<>();

    private final int tickMillis;

    ZooKeeperFixture(ServerSpec spec) {
        this(spec, 250);
    }

    /**
     * Starts a server.
     *
     * @param tickMillis the shorter, the shorter the leases that the kit waits for
     */
    ZooKeeperFixture(ServerSpec spec, int tickMillis) {
        // An administrator sees what a test's users have made for themselves.
        super(spec.durable().withCredentials().line("tickTime=" + tickMillis).start());
        this.tickMillis = tickMillis;
        this.prefix = "kit-" + UUID.randomUUID();
    }

    @Override
    public String url() {
        return "zookeeper://" + endpoints() + "?prefix=" + prefix + "&tick=" + tickMillis + "ms";
    }

    @Override
    public LockBackend open(LockConfig config) {
        ZooKeeperBackend backend = (ZooKeeperBackend) new ZooKeeperBackendProvider().open(BackendConfig.of(config));
        backends.add(backend);
        return backend;
    }

    /** How an administrator connects. */
    ZKClientConfig administratorsClient() {
        return new ZKClientConfig();
    }

    /** Who looks at the server past the backend. */
    Admin administrator() throws Exception {
        return new Admin(server().node(1).address(), administratorsClient())
                .withUser(server().credentials().admin(), server().credentials().adminPassword());
    }

    /** Allowed are empty containers, which the servers reap every minute. */
    @Override
    public List<String> residue() throws Exception {
        try (Admin admin = administrator()) {
            return admin.nodesUnder("/" + prefix);
        }
    }

    /** ZooKeeper's client keeps its session alive by itself. */
    @Override
    public boolean silenceExpires() {
        return false;
    }

    /** The servers end a session that its owner closes; who knows its password is its owner. */
    @Override
    public void expireSession(String label) throws Exception {
        for (ZooKeeperBackend backend : backends) {
            for (ZooKeeperSession session : backend.sessions()) {
                if (session.label().equals(label)) {
                    Admin.end(
                            server().node(1).address(),
                            administratorsClient(),
                            session.link().handle());
                }
            }
        }
    }

    @Override
    public void deleteHolder(String name) throws Exception {
        try (Admin admin = administrator()) {
            String container = new LockPaths("/" + prefix).of(name);
            String first =
                    Line.of(admin.zookeeper().getChildren(container, false)).first();
            if (first != null) {
                admin.zookeeper().delete(container + "/" + first, -1);
            }
        } catch (KeeperException.NoNodeException e) {
            throw new AssertionError("nobody has ever held '" + name + "'", e);
        }
    }
}
