// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.LockConfigException;
import io.holdfast.spi.BackendConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.ACL;

/**
 * How a {@link ZooKeeperBackend} uses its ensemble, whoever made the connection; immutable.
 *
 * @param prefix the node under which everything of ours is, without the first slash; letters, digits and {@code . _ : / -}
 * @param connectTimeout how long opening a session may take; positive
 * @param operationTimeout how long one request may take; positive
 * @param tick the servers' {@code tickTime}; a session lasts eight of them at least
 * @param creatorOnly whether only who created a node may use it ({@code CREATOR_ALL_ACL}); false for everybody
 */
public record ZooKeeperSettings(
        String prefix, Duration connectTimeout, Duration operationTimeout, Duration tick, boolean creatorOnly) {
    static final String TICK = "tick";
    static final String ACL_KEY = "acl";
    static final Map<String, String> HELP = Map.of(
            TICK, "the servers' tickTime; a lease is at least 8 of them (2s)",
            ACL_KEY,
                    "'creator': our nodes are for our credentials only, the default with user and password; 'open': for everybody");

    /** So many ticks a session lasts at least: it is renewed six times, and a renewal is proved a tick later. */
    static final int TICKS_A_LEASE = 8;

    private static final Duration LONGEST = Duration.ofDays(1);
    private static final Duration SHORTEST = Duration.ofMillis(1);

    /** What a configuration without credentials has when it says nothing. */
    public static final ZooKeeperSettings DEFAULTS = new ZooKeeperSettings(
            "holdfast", Duration.ofSeconds(10), Duration.ofSeconds(3), Duration.ofSeconds(2), false);

    /**
     * Checks the parts.
     *
     * @param prefix see above
     * @param connectTimeout 1 ms to 1 day
     * @param operationTimeout 1 ms to 1 day
     * @param tick 1 ms to 1 hour
     * @param creatorOnly either
     * @throws LockConfigException when one is out of its range
     */
    public ZooKeeperSettings {
        Objects.requireNonNull(prefix, "prefix");
        if (!prefix.matches("[A-Za-z0-9._:-]+(/[A-Za-z0-9._:-]+)*") || prefix.matches("(.*/)?[.]{1,2}(/.*)?")) {
            throw new LockConfigException("setting 'prefix' is '" + prefix
                    + "'; it has letters, digits and . _ : - in steps" + " between slashes, and no step is . or ..");
        }
        if (prefix.equals("zookeeper") || prefix.startsWith("zookeeper/")) {
            throw new LockConfigException(
                    "setting 'prefix' is '" + prefix + "'; the node /zookeeper is ZooKeeper's own, use another");
        }
        BackendConfig.requireWithin("connect-timeout", connectTimeout, SHORTEST, LONGEST);
        BackendConfig.requireWithin("operation-timeout", operationTimeout, SHORTEST, LONGEST);
        BackendConfig.requireWithin(TICK, tick, SHORTEST, Duration.ofHours(1));
    }

    /** How long one session may be waited for: a connection that gives no answers leaves time for another one (rule OP-1). */
    Duration oneTry() {
        return connectTimeout.dividedBy(2);
    }

    static ZooKeeperSettings of(BackendConfig config) {
        String acl = config.text(ACL_KEY).orElse(config.user().isPresent() ? "creator" : "open");
        if (!acl.equals("creator") && !acl.equals("open")) {
            throw new LockConfigException("setting '" + ACL_KEY + "' is '" + acl + "'; it is 'creator' or 'open'");
        }
        return new ZooKeeperSettings(
                config.prefix(),
                config.connectTimeout(),
                config.operationTimeout(),
                config.duration(TICK, DEFAULTS.tick),
                acl.equals("creator"));
    }

    Duration shortestLease() {
        return tick.multipliedBy(TICKS_A_LEASE);
    }

    List<ACL> acl() {
        return creatorOnly ? ZooDefs.Ids.CREATOR_ALL_ACL : ZooDefs.Ids.OPEN_ACL_UNSAFE;
    }

    /**
     * The same with another prefix.
     *
     * @param value the prefix
     * @return a copy
     */
    public ZooKeeperSettings withPrefix(String value) {
        return new ZooKeeperSettings(value, connectTimeout, operationTimeout, tick, creatorOnly);
    }

    /**
     * The same with another time for opening a session.
     *
     * @param value positive
     * @return a copy
     */
    public ZooKeeperSettings withConnectTimeout(Duration value) {
        return new ZooKeeperSettings(prefix, value, operationTimeout, tick, creatorOnly);
    }

    /**
     * The same with another time for one request.
     *
     * @param value positive
     * @return a copy
     */
    public ZooKeeperSettings withOperationTimeout(Duration value) {
        return new ZooKeeperSettings(prefix, connectTimeout, value, tick, creatorOnly);
    }

    /**
     * The same for servers with another tick.
     *
     * @param value the servers' {@code tickTime}
     * @return a copy
     */
    public ZooKeeperSettings withTick(Duration value) {
        return new ZooKeeperSettings(prefix, connectTimeout, operationTimeout, value, creatorOnly);
    }

    /**
     * The same with other rights on our nodes.
     *
     * @param value true for the creator only
     * @return a copy
     */
    public ZooKeeperSettings withCreatorOnly(boolean value) {
        return new ZooKeeperSettings(prefix, connectTimeout, operationTimeout, tick, value);
    }
}
