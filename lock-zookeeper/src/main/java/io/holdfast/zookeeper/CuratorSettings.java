// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.LockConfigException;
import io.holdfast.StoreFinding;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.LockClock;
import io.holdfast.spi.Secret;
import io.holdfast.spi.StoreUri;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.common.ZKConfig;
import org.jspecify.annotations.Nullable;

/** How the provider makes Curator clients: for the connection, its session and its credentials only. */
final class CuratorSettings {
    /** The schemes that mean TLS. */
    static final Set<String> TLS = Set.of("zookeepers", "zks");

    static final int PORT = 2181;
    /** In bytes: of some hundred thousand names. */
    private static final int LONGEST_ANSWER = 64 << 20;

    private static final int LONGEST_NAME = 255;

    private final BackendConfig config;
    private final String servers;
    private final LockPaths paths;
    private final @Nullable TlsClient tls;

    private CuratorSettings(BackendConfig config, String servers, LockPaths paths, @Nullable TlsClient tls) {
        this.config = config;
        this.servers = servers;
        this.paths = paths;
        this.tls = tls;
    }

    static CuratorSettings of(BackendConfig config, ZooKeeperSettings settings) {
        StoreUri uri = config.uri();
        if (uri.hosts().isEmpty()) {
            throw new LockConfigException("'" + uri + "' names no server: two slashes go before them, as in "
                    + uri.scheme() + "://h1:2181,h2:2181");
        }
        if (config.password().isPresent() && config.user().isEmpty()) {
            throw new LockConfigException("'" + uri + "' has a password and no user");
        }
        if (config.user()
                .filter(user -> user.indexOf(':') >= 0 || user.length() > LONGEST_NAME)
                .isPresent()) {
            throw new LockConfigException("the user of '" + uri + "' is too long or has a colon");
        }
        String servers = uri.hosts().stream()
                .map(host -> (host.name().indexOf(':') < 0 ? host.name() : "[" + host.name() + "]") + ":"
                        + host.portOr(PORT))
                .collect(Collectors.joining(","));
        LockPaths paths = paths(config, settings);
        return new CuratorSettings(
                config, servers, paths, TLS.contains(uri.scheme()) ? new TlsClient(config.tls()) : null);
    }

    List<StoreFinding> way() {
        return config.way(tls != null);
    }

    /** What all our nodes are under: the URI's path, which need not be there, and the prefix. */
    LockPaths paths() {
        return paths;
    }

    private static LockPaths paths(BackendConfig config, ZooKeeperSettings settings) {
        String path = config.uri().path();
        String trimmed = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        if (!trimmed.matches("(/[A-Za-z0-9._:-]+)*") || trimmed.matches(".*/[.]{1,2}(/.*)?")) {
            throw new LockConfigException(
                    "the path of '" + config.uri() + "' is no path of a node: it has letters, digits"
                            + " and . _ : - in steps between slashes, and no step is . or ..");
        }
        if (trimmed.equals("/zookeeper") || trimmed.startsWith("/zookeeper/")) {
            throw new LockConfigException(
                    "the path of '" + config.uri() + "' is under ZooKeeper's own node /zookeeper; use another");
        }
        return new LockPaths(trimmed + "/" + settings.prefix());
    }

    /** Whom to ask words of four letters: nobody over TLS, which they are not made for. */
    List<ServerWords> words() {
        return tls != null
                ? List.of()
                : addresses().stream().map(ServerWords::new).toList();
    }

    private List<InetSocketAddress> addresses() {
        return config.uri().hosts().stream()
                .map(host -> InetSocketAddress.createUnresolved(host.name(), host.portOr(PORT)))
                .toList();
    }

    /** Who finds out why TLS fails; null without TLS. */
    @Nullable
    TlsProbe probe() {
        Duration limit = config.connectTimeout().dividedBy(4L * addresses().size());
        return tls == null ? null : new TlsProbe(addresses(), config.tls(), limit);
    }

    /** A client that is not started. Its retries do not matter: we send nothing by it. */
    CuratorFramework create(LockClock clock, Duration lease) {
        ZKClientConfig client = new ZKClientConfig();
        // How long closing waits for the servers' answer.
        client.setProperty(
                ZKClientConfig.ZOOKEEPER_REQUEST_TIMEOUT,
                Long.toString(config.operationTimeout().toMillis()));
        // Whatever the JVM's properties say: a client that forgets its
        // watches at a new connection delays the news of a deletion.
        client.setProperty(ZKClientConfig.DISABLE_AUTO_WATCH_RESET, "false");
        // A longer answer would break the connection: the names under
        // a node come in one, those that others have put there, too.
        client.setProperty(ZKConfig.JUTE_MAXBUFFER, Integer.toString(LONGEST_ANSWER));
        TlsIdentity identity = tls == null ? null : tls.configure(client, clock.wallMillis());
        CuratorFrameworkFactory.Builder builder = CuratorFrameworkFactory.builder()
                .connectString(servers)
                .sessionTimeoutMs(Math.toIntExact(lease.toMillis()))
                .connectionTimeoutMs(Math.toIntExact(config.connectTimeout().toMillis()))
                .retryPolicy(new RetryOneTime(1))
                .ensembleTracker(false)
                .zkClientConfig(client)
                .zookeeperFactory(DialledHandle.factory(clock, identity));
        config.user().ifPresent(user -> {
            String password = config.password().map(Secret::reveal).orElse("");
            builder.authorization("digest", (user + ":" + password).getBytes(StandardCharsets.UTF_8));
        });
        return builder.build();
    }
}
