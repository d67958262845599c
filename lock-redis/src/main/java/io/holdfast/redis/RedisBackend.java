// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.LockConfigException;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.line.LineBackend;
import java.util.Objects;
import org.redisson.api.RedissonClient;

/**
 * Locks in one Redis or Valkey server, by Redisson: a line for every name, from which a release hands the lock over in one hop.
 *
 * <p>Class B: Redis expires by its wall clock, may evict, and fails over asynchronously. Tokens increase as long as the server keeps its
 * data; after it has lost them, only if its clock is past the last token. Thread-safe; blocks in {@link #close()} only.
 */
public final class RedisBackend extends LineBackend {
    RedisBackend(RedisLine line, BackendConfig config) {
        super(line, config);
    }

    private RedisBackend(RedisLine line) {
        super(line);
    }

    /**
     * A backend over a Redisson client of the caller's own, with the usual settings.
     *
     * @param client connected to one server or to a master; its codec, retries, timeouts, script cache, name mapper and read mode do
     *     not matter to us (rule SP-9), its database is where the locks are, and it stays the caller's
     * @return a backend; closing it ends the sessions opened through it and leaves the client open
     * @throws LockConfigException when the client is one of a cluster, which is not served, or its name mapper puts blanks into names
     */
    public static RedisBackend using(RedissonClient client) {
        return using(client, RedisSettings.DEFAULTS);
    }

    /**
     * A backend over a Redisson client of the caller's own.
     *
     * @param client as above
     * @param settings prefix and times; what a {@link io.holdfast.LockConfig} says of them is not read
     * @return a backend; closing it ends the sessions opened through it and leaves the client open
     * @throws LockConfigException when the client is one of a cluster, which is not served, or its name mapper puts blanks into names
     */
    public static RedisBackend using(RedissonClient client, RedisSettings settings) {
        Objects.requireNonNull(client, "client");
        Objects.requireNonNull(settings, "settings");
        requireServed(client, settings);
        return new RedisBackend(RedisLine.lent(client, settings));
    }

    private static void requireServed(RedissonClient client, RedisSettings settings) {
        if (client.getConfig().isClusterConfig()) {
            throw new LockConfigException("the lent Redisson client is one of a Redis Cluster, which is not served: an"
                    + " inspection would look at one of its nodes only; lend one of a single server or a master");
        }
        String channel = WakeUps.channelOf(client, settings.prefix() + ":wake:any");
        if (channel.chars().anyMatch(c -> c <= ' ')) {
            throw new LockConfigException(
                    "the name mapper of the lent Redisson client puts blanks into names, so that no"
                            + " message could be sent to its channel; lend one without it");
        }
    }
}
