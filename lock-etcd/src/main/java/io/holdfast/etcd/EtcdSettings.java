// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.holdfast.LockConfigException;
import io.holdfast.spi.BackendConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How an {@link EtcdBackend} uses its cluster, whoever made the connection; immutable.
 */
public final class EtcdSettings {
    static final String WATCH_STREAMS = "watch-streams";
    static final String NAMESPACE = "namespace";
    static final Map<String, String> HELP = Map.of(
            WATCH_STREAMS, "how many names may have a watch of their own (64); the others share one",
            NAMESPACE, "what etcd's keys begin with before the prefix, as jetcd and etcdctl mean it (nothing)");

    private static final int MOST_STREAMS = 10_000;
    private static final Duration LONGEST = Duration.ofDays(365);
    private static final Duration SHORTEST = Duration.ofMillis(1);

    /** What a configuration has when it says nothing. */
    public static final EtcdSettings DEFAULTS =
            new EtcdSettings("holdfast", Duration.ofSeconds(10), Duration.ofSeconds(3), 64);

    private final String prefix;
    private final Duration connectTimeout;
    private final Duration operationTimeout;
    private final int watchStreams;

    private EtcdSettings(String prefix, Duration connectTimeout, Duration operationTimeout, int watchStreams) {
        Objects.requireNonNull(prefix, "prefix");
        if (!prefix.matches("[A-Za-z0-9._:/-]+") || prefix.endsWith("/")) {
            throw new LockConfigException("setting 'prefix' is '" + prefix
                    + "'; it has letters, digits and . _ : / - only, one at least, and no slash at its end");
        }
        BackendConfig.requireWithin("connect-timeout", connectTimeout, SHORTEST, LONGEST);
        BackendConfig.requireWithin("operation-timeout", operationTimeout, SHORTEST, LONGEST);
        if (watchStreams < 0 || watchStreams > MOST_STREAMS) {
            throw new LockConfigException(
                    "setting '" + WATCH_STREAMS + "' is " + watchStreams + "; it is 0 to " + MOST_STREAMS);
        }
        this.prefix = prefix;
        this.connectTimeout = connectTimeout;
        this.operationTimeout = operationTimeout;
        this.watchStreams = watchStreams;
    }

    /** How long one try at opening may take (rule OP-1). */
    Duration oneTry() {
        return BackendConfig.oneTry(connectTimeout, operationTimeout);
    }

    static EtcdSettings of(BackendConfig config) {
        return new EtcdSettings(
                config.prefix(),
                config.connectTimeout(),
                config.operationTimeout(),
                config.integer(WATCH_STREAMS, DEFAULTS.watchStreams, 0, MOST_STREAMS));
    }

    /**
     * The same with another prefix.
     *
     * @param value one or more letters, digits and {@code . _ : / -}, with no slash at the end
     * @return a copy
     * @throws LockConfigException when it is not such
     */
    public EtcdSettings withPrefix(String value) {
        return new EtcdSettings(value, connectTimeout, operationTimeout, watchStreams);
    }

    /**
     * The same with another time for opening a session.
     *
     * @param value 1 ms to 365 days
     * @return a copy
     * @throws LockConfigException when it is out of its range
     */
    public EtcdSettings withConnectTimeout(Duration value) {
        return new EtcdSettings(prefix, value, operationTimeout, watchStreams);
    }

    /**
     * The same with another time for one request.
     *
     * @param value 1 ms to 365 days
     * @return a copy
     * @throws LockConfigException when it is out of its range
     */
    public EtcdSettings withOperationTimeout(Duration value) {
        return new EtcdSettings(prefix, connectTimeout, value, watchStreams);
    }

    /**
     * The same with another number of names that may have a watch of their own.
     *
     * @param value 0 to 10,000; with 0 all names share one
     * @return a copy
     * @throws LockConfigException when it is out of its range
     */
    public EtcdSettings withWatchStreams(int value) {
        return new EtcdSettings(prefix, connectTimeout, operationTimeout, value);
    }

    /**
     * What every key of ours begins with, before a slash; letters, digits and {@code . _ : / -}. Of two prefixes in one cluster none may
     * begin with the other and a slash.
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
     * How many names may have a watch of their own on one jetcd client, 0 to 10,000; the others share one more.
     *
     * @return as set, or as {@link #DEFAULTS} has it
     */
    public int watchStreams() {
        return watchStreams;
    }

    private List<Object> parts() {
        return List.of(prefix, connectTimeout, operationTimeout, watchStreams);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof EtcdSettings settings && parts().equals(settings.parts());
    }

    @Override
    public int hashCode() {
        return parts().hashCode();
    }

    @Override
    public String toString() {
        return "EtcdSettings[prefix=" + prefix + ", connectTimeout=" + connectTimeout + ", operationTimeout="
                + operationTimeout + ", watchStreams=" + watchStreams + "]";
    }
}
