// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockBackendProvider;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Opens {@code etcd://HOST:PORT,HOST:PORT}, and with TLS {@code etcds://…}. Thread-safe. */
public final class EtcdBackendProvider implements LockBackendProvider {
    /** Called by {@link java.util.ServiceLoader}. */
    public EtcdBackendProvider() {}

    @Override
    public Set<String> schemes() {
        return Set.of("etcd", "etcds");
    }

    @Override
    public Map<String, String> settings() {
        return EtcdSettings.HELP;
    }

    @Override
    public Set<String> urlSettings() {
        return EtcdSettings.HELP.keySet();
    }

    /**
     * Makes a jetcd client; the first session connects it.
     *
     * @param config the settings
     * @return a backend that owns the client
     */
    @Override
    public LockBackend open(BackendConfig config) {
        return Connection.open(config);
    }

    @Override
    public Optional<String> mistake(BackendConfig config) {
        boolean tls = config.uri().scheme().equals("etcds");
        return config.tlsMistake(tls, Connection.USUAL_PORT, "GET / HTTP/1.0\r\n\r\n", tls ? "etcd" : "etcds");
    }
}
