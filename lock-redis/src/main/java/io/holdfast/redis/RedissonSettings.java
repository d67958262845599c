// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.LockConfigException;
import io.holdfast.StoreFinding;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.StoreUri;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.redisson.client.codec.StringCodec;
import org.redisson.config.Config;
import org.redisson.config.ConstantDelay;
import org.redisson.config.SingleServerConfig;
import org.redisson.config.SslVerificationMode;

/**
 * A Redisson configuration for locks: few connections and threads, dead connections found early, quick to come back.
 *
 * @param config Redisson's own
 * @param transport what a diagnosis says of the way to the server
 */
record RedissonSettings(Config config, List<StoreFinding> transport) {
    static final String FILE = "redisson-config";

    static final Set<String> TLS_SCHEMES = Set.of("rediss", "valkeys");
    static final int USUAL_PORT = 6379;
    private static final int HIGHEST_DATABASE = 1_000_000;

    /** Below 10 Redisson shares a connection between requests in flight; above, each takes one for itself. */
    private static final int CONNECTIONS = 4;

    /** How long a broken connection waits before it is made anew. */
    private static final Duration RECONNECTION_PAUSE = Duration.ofMillis(200);

    static RedissonSettings of(BackendConfig config) {
        Config redisson = ours(config, RedisSettings.of(config).oneTry());
        Optional<RedissonFile> file = config.text(FILE).map(RedissonFile::read);
        file.ifPresent(one -> one.applyTo(redisson));
        boolean named = config.uri().path().length() > 1;
        file.filter(one -> !named).ifPresent(one -> one.database().ifPresent(database -> {
            throw one.contradictsAddress(database);
        }));
        return new RedissonSettings(
                address(redisson, config),
                config.way(TLS_SCHEMES.contains(config.uri().scheme())));
    }

    private static Config ours(BackendConfig config, Duration connecting) {
        Config redisson = new Config();
        // Our scripts name their codec themselves. This one is for the rest: the default loads classes that data names.
        redisson.setCodec(StringCodec.INSTANCE)
                .setThreads(2)
                .setNettyThreads(1)
                // Else EVAL would become EVALSHA, SCRIPT LOAD and EVALSHA again, and need a right more.
                .setUseScriptCache(false)
                .setTcpKeepAlive(true)
                .setTcpNoDelay(true);
        Duration sixth = config.lease().dividedBy(6);
        Duration silence = sixth.compareTo(config.operationTimeout()) > 0 ? sixth : config.operationTimeout();
        redisson.useSingleServer()
                .setConnectionMinimumIdleSize(1)
                .setConnectionPoolSize(CONNECTIONS)
                .setSubscriptionConnectionMinimumIdleSize(1)
                .setSubscriptionConnectionPoolSize(1)
                .setConnectTimeout(millis(connecting))
                // For what connecting sends; our own requests say for themselves how long they may take.
                .setTimeout(millis(connecting))
                .setSubscriptionTimeout(millis(config.operationTimeout()))
                .setRetryAttempts(0)
                // A connection whose other end is silent is given up; renewals have connections of their own.
                .setPingConnectionInterval(millis(silence))
                .setReconnectionDelay(new ConstantDelay(RECONNECTION_PAUSE));
        return redisson;
    }

    private static Config address(Config redisson, BackendConfig config) {
        StoreUri uri = config.uri();
        String form = uri.scheme() + "://localhost:6379";
        if (uri.hosts().isEmpty()) {
            throw new LockConfigException("'" + uri + "' names no host: two slashes go before it, as in " + form
                    + " or " + form + "/0 for database 0");
        }
        if (uri.hosts().size() > 1) {
            throw new LockConfigException(
                    "'" + uri + "' must name one host, such as " + form + "; several are not served yet");
        }
        StoreUri.Host host = uri.hosts().get(0);
        boolean tls = TLS_SCHEMES.contains(uri.scheme());
        SingleServerConfig server = redisson.useSingleServer();
        StoreUri.Host address = new StoreUri.Host(host.name(), OptionalInt.of(host.portOr(USUAL_PORT)));
        server.setAddress((tls ? "rediss://" : "redis://") + address);
        redisson.setCredentialsResolver(new RereadCredentials(config));
        if (!uri.path().isEmpty() && !uri.path().equals("/")) {
            server.setDatabase(database(uri));
        }
        if (tls) {
            redisson.setSslVerificationMode(
                    config.tls().verify() ? SslVerificationMode.STRICT : SslVerificationMode.NONE);
            config.tls().trustManagers().ifPresent(trust -> {
                if (config.tls().verify()) {
                    redisson.setSslTrustManagerFactory(trust);
                }
            });
            config.tls().keyManagers().ifPresent(redisson::setSslKeyManagerFactory);
        }
        // Whoever makes the client connects it: one that fails to connect while it is made keeps its threads for ever.
        return redisson.setLazyInitialization(true);
    }

    private static int database(StoreUri uri) {
        String text = uri.path().substring(1);
        if (!text.matches("[0-9]{1,7}") || Integer.parseInt(text) > HIGHEST_DATABASE) {
            throw new LockConfigException(
                    "'" + uri + "' must end in the number of a database, such as redis://localhost:6379/0");
        }
        return Integer.parseInt(text);
    }

    private static int millis(Duration duration) {
        return (int) Math.min(Integer.MAX_VALUE, Math.max(1, duration.toMillis()));
    }
}
