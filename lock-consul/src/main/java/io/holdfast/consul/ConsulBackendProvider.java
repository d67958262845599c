// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.LockConfigException;
import io.holdfast.LockException;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockBackendProvider;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.StoreUri;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Opens {@code consul://HOST:PORT}, and with TLS {@code consuls://HOST:PORT}; several hosts are asked in turn when one is out of
 * reach. Thread-safe.
 */
public final class ConsulBackendProvider implements LockBackendProvider {
    private static final int USUAL_PORT = 8500;
    private static final int USUAL_TLS_PORT = 8501;

    /** Called by {@link java.util.ServiceLoader}. */
    public ConsulBackendProvider() {}

    @Override
    public Set<String> schemes() {
        return Set.of("consul", "consuls");
    }

    @Override
    public Map<String, String> settings() {
        return ConsulSettings.HELP;
    }

    @Override
    public Set<String> urlSettings() {
        return ConsulSettings.HELP.keySet();
    }

    /**
     * Makes an HTTP client and asks the servers something.
     *
     * @param config the settings; the password is the ACL token
     * @return a backend that owns the HTTP client
     */
    @Override
    public LockBackend open(BackendConfig config) {
        ConsulSettings settings = ConsulSettings.of(config);
        StoreUri uri = config.uri();
        boolean tls = uri.scheme().equals("consuls");
        if (config.user().isPresent()) {
            throw new LockConfigException("Consul knows no users: set the ACL token as 'password' or 'password-file',"
                    + " or write it as consul://:TOKEN@HOST, with the colon");
        }
        if (uri.hosts().isEmpty()) {
            throw new LockConfigException("'" + uri + "' names no host: two slashes go before it, as in " + uri.scheme()
                    + "://localhost:" + (tls ? USUAL_TLS_PORT : USUAL_PORT));
        }
        if (!uri.path().isEmpty() && !uri.path().equals("/")) {
            throw new LockConfigException("'" + uri + "' must end with the port; set 'prefix' for another place");
        }
        LockRuntime runtime = config.runtime(); // without which nothing is made
        OwnTransport transport = new OwnTransport(
                servers(uri, tls),
                config::password,
                InterruptibleSockets.kinds(
                        tls ? config.tls().context() : null, config.tls().verify()),
                settings);
        ConsulLine line = new ConsulLine(transport, settings, uri.toString(), config.way(tls));
        try {
            line.connect(uri.hosts().size(), runtime);
            return new ConsulBackend(line, config);
        } catch (LockException e) {
            line.close();
            throw e;
        }
    }

    private static List<String> servers(StoreUri uri, boolean tls) {
        String scheme = tls ? "https://" : "http://";
        int port = tls ? USUAL_TLS_PORT : USUAL_PORT;
        return uri.hosts().stream()
                .map(host -> scheme + new StoreUri.Host(host.name(), OptionalInt.of(host.portOr(port))))
                .toList();
    }

    @Override
    public Optional<String> mistake(BackendConfig config) {
        boolean tls = config.uri().scheme().equals("consuls");
        return config.tlsMistake(
                tls, tls ? USUAL_TLS_PORT : USUAL_PORT, "GET / HTTP/1.0\r\n\r\n", tls ? "consul" : "consuls");
    }
}
