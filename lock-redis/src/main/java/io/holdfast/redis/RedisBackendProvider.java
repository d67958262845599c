// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockBackendProvider;
import io.holdfast.spi.LockRuntime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Opens {@code redis://HOST:PORT/DATABASE} and {@code valkey://…}, and with TLS {@code rediss://…} and {@code valkeys://…}.
 * Thread-safe.
 */
public final class RedisBackendProvider implements LockBackendProvider {
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
                RedissonSettings.FILE, "a YAML file of Redisson's own, for how it connects: threads, connections, TCP");
        return Map.copyOf(known);
    }

    @Override
    public Set<String> urlSettings() {
        return RedisSettings.HELP.keySet();
    }

    /**
     * Makes a Redisson client and connects it. Its threads end with the program (rule CL-5), and nothing of it stays in the calling
     * thread (rule CL-6).
     *
     * @param config the settings
     * @return a backend that owns the client
     */
    @Override
    public LockBackend open(BackendConfig config) {
        RedisSettings settings = RedisSettings.of(config);
        RedissonSettings redisson = RedissonSettings.of(config);
        LockRuntime runtime = config.runtime(); // refused before anything is made
        return OwnRedisson.apart(() -> {
            OwnRedisson own = OwnRedisson.create(redisson);
            RedisLine line = RedisLine.owning(own, settings, config.uri().toString());
            try {
                line.connectHere(runtime).join();
                return new RedisBackend(line, config);
            } catch (RuntimeException e) {
                line.close();
                throw line.failures().atOpen(e);
            }
        });
    }

    /** A server without TLS waits for the end of a line, which the first words of TLS need not have. */
    @Override
    public Optional<String> mistake(BackendConfig config) {
        String scheme = config.uri().scheme();
        boolean tls = RedissonSettings.TLS_SCHEMES.contains(scheme);
        return config.tlsMistake(
                tls,
                RedissonSettings.USUAL_PORT,
                "PING\r\n",
                tls ? scheme.substring(0, scheme.length() - 1) : scheme + "s");
    }
}
