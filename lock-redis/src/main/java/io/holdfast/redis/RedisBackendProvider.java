// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockBackendProvider;
import io.holdfast.spi.OpenSessions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;

/**
 * Opens {@code redis://HOST:PORT/DATABASE} and {@code valkey://…}, and with TLS {@code rediss://…} and {@code valkeys://…}.
 * Thread-safe.
 */
public final class RedisBackendProvider implements LockBackendProvider {
    /** How long Redisson's threads may take to end. */
    private static final long SHUTDOWN_SECONDS = 3;

    /** Called by {@link java.util.ServiceLoader}. */
    public RedisBackendProvider() {}

    @Override
    public Set<String> schemes() {
        return Set.of("redis", "rediss", "valkey", "valkeys");
    }

    @Override
    public Map<String, String> settings() {
        Map<String, String> known = new LinkedHashMap<>(RedisSettings.HELP);
        known.put(
                RedissonSettings.FILE,
                "a YAML file of Redisson's own for all of its other settings, single server mode");
        return Map.copyOf(known);
    }

    /**
     * Makes a Redisson client and connects it.
     *
     * @param config the settings
     * @return a backend that owns the client
     */
    @Override
    public LockBackend open(BackendConfig config) {
        RedisSettings settings = RedisSettings.of(config);
        RedissonSettings redisson = RedissonSettings.of(config);
        OpenSessions<RedisSession> sessions = OpenSessions.of(config, RedisSession::abandon);
        RedissonClient client = Redisson.create(redisson.config());
        RedisBackend backend = new RedisBackend(
                client, settings, sessions, () -> client.shutdown(0, SHUTDOWN_SECONDS, TimeUnit.SECONDS));
        try {
            // The first request connects, on this thread, for as long as connect-timeout.
            CompletableFuture<?> first = backend.connect(config.runtime());
            if (first.isCompletedExceptionally()) {
                first.join();
            }
            return backend;
        } catch (RuntimeException e) {
            backend.close();
            throw backend.failures().atOpen(e);
        }
    }
}
