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
import org.jspecify.annotations.Nullable;

/**
 * How a {@link ZooKeeperBackend} uses its ensemble, whoever made the connection; immutable.
 */
public final class ZooKeeperSettings {
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

    private final String prefix;
    private final Duration connectTimeout;
    private final Duration operationTimeout;
    private final Duration tick;
    private final boolean creatorOnly;

    private ZooKeeperSettings(
            String prefix, Duration connectTimeout, Duration operationTimeout, Duration tick, boolean creatorOnly) {
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
        this.prefix = prefix;
        this.connectTimeout = connectTimeout;
        this.operationTimeout = operationTimeout;
        this.tick = tick;
        this.creatorOnly = creatorOnly;
    }

    /** How long one session may be waited for: a connection that gives no answers leaves time for another one (rule OP-1). */
    Duration oneTry() {
        return BackendConfig.oneTry(connectTimeout, operationTimeout);
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
     * @param value letters, digits and {@code . _ : -} in steps joined by single slashes; no step is {@code .} or {@code ..}, and the first
     *     is not {@code zookeeper}
     * @return a copy
     * @throws LockConfigException when it is not such
     */
    public ZooKeeperSettings withPrefix(String value) {
        return new ZooKeeperSettings(value, connectTimeout, operationTimeout, tick, creatorOnly);
    }

    /**
     * The same with another time for opening a session.
     *
     * @param value 1 ms to 1 day
     * @return a copy
     * @throws LockConfigException when it is out of its range
     */
    public ZooKeeperSettings withConnectTimeout(Duration value) {
        return new ZooKeeperSettings(prefix, value, operationTimeout, tick, creatorOnly);
    }

    /**
     * The same with another time for one request.
     *
     * @param value 1 ms to 1 day
     * @return a copy
     * @throws LockConfigException when it is out of its range
     */
    public ZooKeeperSettings withOperationTimeout(Duration value) {
        return new ZooKeeperSettings(prefix, connectTimeout, value, tick, creatorOnly);
    }

    /**
     * The same for servers with another tick.
     *
     * @param value 1 ms to 1 hour
     * @return a copy
     * @throws LockConfigException when it is out of its range
     */
    public ZooKeeperSettings withTick(Duration value) {
        return new ZooKeeperSettings(prefix, connectTimeout, operationTimeout, value, creatorOnly);
    }

    /**
     * The same with other rights on our nodes.
     *
     * @param value true when only the credentials that created a node may use it, false for everybody
     * @return a copy
     */
    public ZooKeeperSettings withCreatorOnly(boolean value) {
        return new ZooKeeperSettings(prefix, connectTimeout, operationTimeout, tick, value);
    }

    /**
     * The node under which everything of ours is, without the first slash; letters, digits and {@code . _ : / -}.
     *
     * @return as set, or as {@link #DEFAULTS} has it
     */
    public String prefix() {
        return prefix;
    }

    /**
     * How long opening a session may take; positive.
     *
     * @return as set, or as {@link #DEFAULTS} has it
     */
    public Duration connectTimeout() {
        return connectTimeout;
    }

    /**
     * How long one request may take; positive.
     *
     * @return as set, or as {@link #DEFAULTS} has it
     */
    public Duration operationTimeout() {
        return operationTimeout;
    }

    /**
     * The servers' {@code tickTime}; a lease is at least eight of them.
     *
     * @return as set, or as {@link #DEFAULTS} has it
     */
    public Duration tick() {
        return tick;
    }

    /**
     * Whether only the credentials that created a node may use it ({@code CREATOR_ALL_ACL}); false for everybody.
     *
     * @return as set, or as {@link #DEFAULTS} has it
     */
    public boolean creatorOnly() {
        return creatorOnly;
    }

    private List<Object> parts() {
        return List.of(prefix, connectTimeout, operationTimeout, tick, creatorOnly);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ZooKeeperSettings settings && parts().equals(settings.parts());
    }

    @Override
    public int hashCode() {
        return parts().hashCode();
    }

    @Override
    public String toString() {
        return "ZooKeeperSettings[prefix=" + prefix + ", connectTimeout=" + connectTimeout + ", operationTimeout="
                + operationTimeout + ", tick=" + tick + ", creatorOnly=" + creatorOnly + "]";
    }
}
