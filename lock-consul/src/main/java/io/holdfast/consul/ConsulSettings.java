// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.LockConfigException;
import io.holdfast.spi.BackendConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link ConsulBackend} uses its servers, whoever made the connection; immutable.
 */
public final class ConsulSettings {
    static final String POLL_INTERVAL = "poll-interval";
    static final String WAIT_CONNECTIONS = "wait-connections";
    static final String SHORTEST_LEASE = "session-ttl-min";
    static final String DATACENTER = "datacenter";
    static final Map<String, String> HELP = Map.of(
            POLL_INTERVAL, "how long a blocking query lasts, and a lost wake-up may cost (5s)",
            WAIT_CONNECTIONS, "how many waiting contenders have a connection of their own; the others share one (8)",
            SHORTEST_LEASE, "the servers' session_ttl_min, below which they take no lease (10s)",
            DATACENTER, "the agent's datacenter, by name; another one knows no sessions of the agent");

    /** Consul takes no longer time for a session. */
    static final Duration LONGEST_LEASE = Duration.ofDays(1);

    private static final Duration LONGEST = Duration.ofDays(365);
    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final int MOST_CONNECTIONS = 1000;

    /** What a configuration has when it says nothing. */
    public static final ConsulSettings DEFAULTS = new ConsulSettings(
            "holdfast",
            Duration.ofSeconds(10),
            Duration.ofSeconds(3),
            Duration.ofSeconds(5),
            8,
            Duration.ofSeconds(10),
            Optional.empty());

    private final String prefix;
    private final Duration connectTimeout;
    private final Duration operationTimeout;
    private final Duration pollInterval;
    private final int waitConnections;
    private final Duration shortestLease;
    private final Optional<String> datacenter;

    private ConsulSettings(
            String prefix,
            Duration connectTimeout,
            Duration operationTimeout,
            Duration pollInterval,
            int waitConnections,
            Duration shortestLease,
            Optional<String> datacenter) {
        Objects.requireNonNull(prefix, "prefix");
        // A server would shorten a path with "..", ".", or nothing between slashes, and so leave the prefix.
        if (!prefix.matches("(?!\\.{1,2}(/|$))[A-Za-z0-9._:-]+(/(?!\\.{1,2}(/|$))[A-Za-z0-9._:-]+)*")) {
            throw new LockConfigException("setting 'prefix' is '" + prefix
                    + "'; it has letters, digits and . _ : - only, in segments joined by single slashes");
        }
        BackendConfig.requireWithin("connect-timeout", connectTimeout, SHORTEST, LONGEST);
        BackendConfig.requireWithin("operation-timeout", operationTimeout, SHORTEST, LONGEST);
        BackendConfig.requireWithin(POLL_INTERVAL, pollInterval, Duration.ofSeconds(1), Duration.ofMinutes(10));
        BackendConfig.requireWithin(SHORTEST_LEASE, shortestLease, SHORTEST, LONGEST_LEASE);
        if (waitConnections < 0 || waitConnections > MOST_CONNECTIONS) {
            throw new LockConfigException("setting '" + WAIT_CONNECTIONS + "' is " + waitConnections
                    + "; it is at least 0 and at most " + MOST_CONNECTIONS);
        }
        datacenter.ifPresent(name -> {
            if (!name.matches("[A-Za-z0-9_-]+")) {
                throw new LockConfigException(
                        "setting '" + DATACENTER + "' is '" + name + "'; it has letters, digits, _ and - only");
            }
        });
        this.prefix = prefix;
        this.connectTimeout = connectTimeout;
        this.operationTimeout = operationTimeout;
        this.pollInterval = pollInterval;
        this.waitConnections = waitConnections;
        this.shortestLease = shortestLease;
        this.datacenter = datacenter;
    }

    /** How long one try at opening may take (rule OP-1). */
    Duration oneTry() {
        return BackendConfig.oneTry(connectTimeout, operationTimeout);
    }

    static ConsulSettings of(BackendConfig config) {
        return new ConsulSettings(
                config.prefix(),
                config.connectTimeout(),
                config.operationTimeout(),
                config.duration(POLL_INTERVAL, DEFAULTS.pollInterval),
                config.integer(WAIT_CONNECTIONS, DEFAULTS.waitConnections, 0, MOST_CONNECTIONS),
                config.duration(SHORTEST_LEASE, DEFAULTS.shortestLease),
                config.text(DATACENTER));
    }

    /**
     * The same with another prefix.
     *
     * @param value one or more segments of letters, digits and {@code . _ : -}, joined by single slashes; none is {@code .} or {@code ..}
     * @return a copy
     * @throws LockConfigException when it is not such
     */
    public ConsulSettings withPrefix(String value) {
        return new ConsulSettings(
                value, connectTimeout, operationTimeout, pollInterval, waitConnections, shortestLease, datacenter);
    }

    /**
     * The same with another time for opening a session.
     *
     * @param value 1 ms to 365 days
     * @return a copy
     * @throws LockConfigException when it is out of its range
     */
    public ConsulSettings withConnectTimeout(Duration value) {
        return new ConsulSettings(
                prefix, value, operationTimeout, pollInterval, waitConnections, shortestLease, datacenter);
    }

    /**
     * The same with another time for one request.
     *
     * @param value 1 ms to 365 days
     * @return a copy
     * @throws LockConfigException when it is out of its range
     */
    public ConsulSettings withOperationTimeout(Duration value) {
        return new ConsulSettings(
                prefix, connectTimeout, value, pollInterval, waitConnections, shortestLease, datacenter);
    }

    /**
     * The same with another length of blocking queries, which is what a lost wake-up may cost.
     *
     * @param value 1 s to 10 min
     * @return a copy
     * @throws LockConfigException when it is out of its range
     */
    public ConsulSettings withPollInterval(Duration value) {
        return new ConsulSettings(
                prefix, connectTimeout, operationTimeout, value, waitConnections, shortestLease, datacenter);
    }

    /**
     * The same with another number of contenders that have a connection of their own.
     *
     * @param value 0 to 1000
     * @return a copy
     * @throws LockConfigException when it is out of its range
     */
    public ConsulSettings withWaitConnections(int value) {
        return new ConsulSettings(
                prefix, connectTimeout, operationTimeout, pollInterval, value, shortestLease, datacenter);
    }

    /**
     * The same for servers with another {@code session_ttl_min}, below which they take no lease.
     *
     * @param value 1 ms to 1 day
     * @return a copy
     * @throws LockConfigException when it is out of its range
     */
    public ConsulSettings withShortestLease(Duration value) {
        return new ConsulSettings(
                prefix, connectTimeout, operationTimeout, pollInterval, waitConnections, value, datacenter);
    }

    /**
     * The same with the agent's datacenter by name. Consul refuses sessions in another one than the agent's.
     *
     * @param value one or more letters, digits, {@code _} and {@code -}
     * @return a copy
     * @throws LockConfigException when it has another character, or none
     */
    public ConsulSettings withDatacenter(String value) {
        return new ConsulSettings(
                prefix,
                connectTimeout,
                operationTimeout,
                pollInterval,
                waitConnections,
                shortestLease,
                Optional.of(value));
    }

    /**
     * What every key of ours is under: segments of letters, digits and {@code . _ : -}, joined by slashes.
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
     * How long a blocking query lasts, which is what a lost wake-up may cost a waiter; 1 s to 10 min.
     *
     * @return as set, or as {@link #DEFAULTS} has it
     */
    public Duration pollInterval() {
        return pollInterval;
    }

    /**
     * How many contenders in line may have a connection of their own to wait on, 0 to 1000; the others share one.
     *
     * @return as set, or as {@link #DEFAULTS} has it
     */
    public int waitConnections() {
        return waitConnections;
    }

    /**
     * The servers' {@code session_ttl_min}, below which they take no lease; positive, at most a day.
     *
     * @return as set, or as {@link #DEFAULTS} has it
     */
    public Duration shortestLease() {
        return shortestLease;
    }

    /**
     * The datacenter of the agent, by name; Consul refuses sessions in another one.
     *
     * @return as set; empty when it was not
     */
    public Optional<String> datacenter() {
        return datacenter;
    }

    private List<Object> parts() {
        return List.of(
                prefix, connectTimeout, operationTimeout, pollInterval, waitConnections, shortestLease, datacenter);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ConsulSettings settings && parts().equals(settings.parts());
    }

    @Override
    public int hashCode() {
        return parts().hashCode();
    }

    @Override
    public String toString() {
        return "ConsulSettings[prefix=" + prefix + ", connectTimeout=" + connectTimeout + ", operationTimeout="
                + operationTimeout + ", pollInterval=" + pollInterval + ", waitConnections=" + waitConnections
                + ", shortestLease=" + shortestLease + ", datacenter=" + datacenter + "]";
    }
}
