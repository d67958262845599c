// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockBackendProvider;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Opens {@code zookeeper://HOST:PORT,HOST:PORT/PATH} and {@code zk://…}, with TLS {@code zookeepers://…} and {@code zks://…}. Thread-safe.
 */
public final class ZooKeeperBackendProvider implements LockBackendProvider {
    /** Called by {@link java.util.ServiceLoader}. */
    public ZooKeeperBackendProvider() {}

    @Override
    public Set<String> schemes() {
        return Set.of("zookeeper", "zk", "zookeepers", "zks");
    }

    @Override
    public Map<String, String> settings() {
        return ZooKeeperSettings.HELP;
    }

    @Override
    public Set<String> urlSettings() {
        return ZooKeeperSettings.HELP.keySet();
    }

    /**
     * Makes a backend with a Curator client for each session; connecting is the session's matter.
     *
     * @param config the settings
     * @return a backend that owns its Curator clients
     */
    @Override
    public LockBackend open(BackendConfig config) {
        ZooKeeperSettings settings = ZooKeeperSettings.of(config);
        CuratorSettings curator = CuratorSettings.of(config, settings);
        return new ZooKeeperBackend(
                new ZooKeeperLine(
                        new OwnLinks(curator),
                        settings,
                        curator.paths(),
                        config.uri().toString()),
                config);
    }

    /** A server answers "ruok" in letters whether the command is allowed or not. */
    @Override
    public Optional<String> mistake(BackendConfig config) {
        String scheme = config.uri().scheme();
        boolean tls = scheme.endsWith("s");
        return config.tlsMistake(
                tls, CuratorSettings.PORT, "ruok", tls ? scheme.substring(0, scheme.length() - 1) : scheme + "s");
    }
}
