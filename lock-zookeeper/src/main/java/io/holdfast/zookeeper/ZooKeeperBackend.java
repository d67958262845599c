// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.line.LineBackend;
import java.util.List;
import java.util.Objects;
import org.apache.curator.framework.CuratorFramework;

/**
 * Locks in an ensemble of Apache ZooKeeper, by Curator: contenders are ephemeral sequential nodes, each of which watches the one before.
 *
 * <p>Class A: a hold is valid only as long as writes of its session, which a quorum acknowledged, prove it. A contender's token is the
 * number of the transaction that created its node. Thread-safe; blocks in {@link #close()} only.
 */
public final class ZooKeeperBackend extends LineBackend {
    private final ZooKeeperLine line;

    ZooKeeperBackend(ZooKeeperLine line, BackendConfig config) {
        super(line, config);
        this.line = line;
    }

    ZooKeeperBackend(ZooKeeperLine line) {
        super(line);
        this.line = line;
    }

    /**
     * A backend over a Curator client of the caller's own, with the usual settings.
     *
     * @param curator a client that has been started; its retries do not matter to us, and it stays the caller's
     * @return a backend; closing it ends the sessions opened through it and leaves the client open
     */
    public static ZooKeeperBackend using(CuratorFramework curator) {
        return using(curator, ZooKeeperSettings.DEFAULTS);
    }

    /**
     * A backend over a Curator client of the caller's own. Its session timeout must not be shorter than the lease.
     *
     * @param curator as above
     * @param settings prefix, times and rights; what a {@link io.holdfast.LockConfig} says of them is not read
     * @return a backend; closing it ends the sessions opened through it and leaves the client open
     */
    public static ZooKeeperBackend using(CuratorFramework curator, ZooKeeperSettings settings) {
        Objects.requireNonNull(settings, "settings");
        String namespace = curator.getNamespace();
        String above = namespace == null || namespace.isEmpty() ? "/" : "/" + namespace + "/";
        return new ZooKeeperBackend(new ZooKeeperLine(
                new SharedLinks(curator),
                settings,
                new LockPaths(above + settings.prefix()),
                "zookeeper (a lent client)"));
    }

    List<ZooKeeperSession> sessions() {
        return line.sessions();
    }
}
