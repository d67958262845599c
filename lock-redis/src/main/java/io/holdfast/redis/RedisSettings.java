// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.LockConfigException;
import io.holdfast.spi.BackendConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link RedisBackend} uses its server, whoever made the connection; immutable.
 */
public final class RedisSettings {
    static final String POLL_INTERVAL = "poll-interval";
    static final String TOKEN_RETENTION = "token-retention";
    static final Map<String, String> HELP = Map.of(
            POLL_INTERVAL, "how long a lost wake-up may cost the first in line (1s)",
            TOKEN_RETENTION, "how long the last token of an unused name is kept (1h)");

    private static final Duration LONGEST = Duration.ofDays(365);
    private static final Duration SHORTEST = Duration.ofMillis(1);

    /** What a configuration has when it says nothing. */
    public static final RedisSettings DEFAULTS = new RedisSettings(
            "holdfast", Duration.ofSeconds(10), Duration.ofSeconds(3), Duration.ofSeconds(1), Duration.ofHours(1));

    private final String prefix;
    private final Duration connectTimeout;
    private final Duration operationTimeout;
    private final Duration pollInterval;
    private final Duration tokenRetention;

    private RedisSettings(
            String prefix,
            Duration connectTimeout,
            Duration operationTimeout,
            Duration pollInterval,
            Duration tokenRetention) {
        Objects.requireNonNull(prefix, "prefix");
        if (!prefix.matches("[A-Za-z0-9._:/-]+")) {
            throw new LockConfigException(
                    "setting 'prefix' is '" + prefix + "'; it has letters, digits and . _ : / - only, one at least");
        }
        BackendConfig.requireWithin("connect-timeout", connectTimeout, SHORTEST, LONGEST);
        BackendConfig.requireWithin("operation-timeout", operationTimeout, SHORTEST, LONGEST);
        BackendConfig.requireWithin(POLL_INTERVAL, pollInterval, SHORTEST, LONGEST);
        BackendConfig.requireWithin(TOKEN_RETENTION, tokenRetention, Duration.ZERO, LONGEST);
        this.prefix = prefix;
        this.connectTimeout = connectTimeout;
        this.operationTimeout = operationTimeout;
        this.pollInterval = pollInterval;
        this.tokenRetention = tokenRetention;
    }

    /** How long one try at opening may take (rule OP-1). */
    Duration oneTry() {
        return BackendConfig.oneTry(connectTimeout, operationTimeout);
    }

    static RedisSettings of(BackendConfig config) {
        return new RedisSettings(
                config.prefix(),
                config.connectTimeout(),
                config.operationTimeout(),
                config.duration(POLL_INTERVAL, DEFAULTS.pollInterval),
                config.duration(TOKEN_RETENTION, DEFAULTS.tokenRetention));
    }

    /**
     * The same with another prefix.
     *
     * @param value one or more letters, digits and {@code . _ : / -}
     * @return a copy
     * @throws LockConfigException when it has another character, or none
     */
    public RedisSettings withPrefix(String value) {
        return new RedisSettings(value, connectTimeout, operationTimeout, pollInterval, tokenRetention);
    }

    /**
     * The same with another time for opening a session.
     *
     * @param value 1 ms to 365 days
     * @return a copy
     * @throws LockConfigException when it is out of its range
     */
    public RedisSettings withConnectTimeout(Duration value) {
        return new RedisSettings(prefix, value, operationTimeout, pollInterval, tokenRetention);
    }

    /**
     * The same with another time for one request.
     *
     * @param value 1 ms to 365 days
     * @return a copy
     * @throws LockConfigException when it is out of its range
     */
    public RedisSettings withOperationTimeout(Duration value) {
        return new RedisSettings(prefix, connectTimeout, value, pollInterval, tokenRetention);
    }

    /**
     * The same with another interval at which the first in line looks by itself, in case its wake-up was lost.
     *
     * @param value 1 ms to 365 days
     * @return a copy
     * @throws LockConfigException when it is out of its range
     */
    public RedisSettings withPollInterval(Duration value) {
        return new RedisSettings(prefix, connectTimeout, operationTimeout, value, tokenRetention);
    }

    /**
     * The same with another time for which the last token of an unused name is kept.
     *
     * @param value 0 to 365 days
     * @return a copy
     * @throws LockConfigException when it is out of its range
     */
    public RedisSettings withTokenRetention(Duration value) {
        return new RedisSettings(prefix, connectTimeout, operationTimeout, pollInterval, value);
    }

    /**
     * What every key and channel of ours begins with; letters, digits and {@code . _ : / -}.
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
     * How long a lost wake-up may cost the first in line; positive.
     *
     * @return as set, or as {@link #DEFAULTS} has it
     */
    public Duration pollInterval() {
        return pollInterval;
    }

    /**
     * How long the last token of a name that nobody uses is kept, against the server's clock being set back; zero or positive, at most
     * 365 days.
     *
     * @return as set, or as {@link #DEFAULTS} has it
     */
    public Duration tokenRetention() {
        return tokenRetention;
    }

    private List<Object> parts() {
        return List.of(prefix, connectTimeout, operationTimeout, pollInterval, tokenRetention);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RedisSettings settings && parts().equals(settings.parts());
    }

    @Override
    public int hashCode() {
        return parts().hashCode();
    }

    @Override
    public String toString() {
        return "RedisSettings[prefix=" + prefix + ", connectTimeout=" + connectTimeout + ", operationTimeout="
                + operationTimeout + ", pollInterval=" + pollInterval + ", tokenRetention=" + tokenRetention + "]";
    }
}
