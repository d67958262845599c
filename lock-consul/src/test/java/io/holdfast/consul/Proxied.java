// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockConfig;
import io.holdfast.lab.proxy.Recording;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** A prefix of its own on the server that all tests share, through a proxy of its own; at the end nothing must be left. */
final class Proxied implements AutoCloseable {
    /** A body before it has no line end of its own. */
    private static final Pattern REQUEST = Pattern.compile("(GET|PUT|POST|DELETE) /\\S* HTTP/1\\.1");

    final StoreServer server = Servers.shared(ConsulFixture.usual().line(ConsulFixture.SHORT_SESSIONS));
    final TcpProxy proxy = TcpProxy.to(server.node(1).address());
    final Administrator administrator = Administrator.of(server);
    final String prefix = "t-" + UUID.randomUUID();
    final LockKeys keys = new LockKeys(prefix);

    /** Of a client whose requests pass the proxy. */
    LockConfig config() {
        return config(proxy.endpoint());
    }

    /** Of a client that the proxy does not see. */
    LockConfig steady() {
        return config(server.node(1).endpoint());
    }

    private LockConfig config(String endpoint) {
        return LockConfig.of("consul://" + endpoint)
                .with("prefix", prefix)
                .with("session-ttl-min", "1s")
                .withLease(Duration.ofSeconds(30));
    }

    List<KeyEntry> line(String name) {
        return administrator.entries(keys.line(name));
    }

    /** The first line of every request on a connection that the recording has, such as {@code PUT /v1/txn HTTP/1.1}. */
    static List<String> requests(Recording recording) {
        List<String> lines = new ArrayList<>();
        for (Recording.Exchange exchange : recording.exchanges()) {
            String all = new String(exchange.requests(), StandardCharsets.ISO_8859_1);
            REQUEST.matcher(all).results().map(MatchResult::group).forEach(lines::add);
        }
        return lines;
    }

    @Override
    public void close() {
        proxy.close();
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(administrator.entries(keys.root()))
                .isEmpty());
    }
}
