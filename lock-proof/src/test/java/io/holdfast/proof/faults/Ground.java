// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.faults;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.ServerSpec;
import io.holdfast.lab.server.StoreServer;
import io.holdfast.spi.Capabilities;
import io.holdfast.tck.TckTime;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A store with its server, for all faults of a column: one start of a server. */
final class Ground implements AutoCloseable {
    private final MatrixStore store;
    private final Path folder;
    private final @Nullable StoreServer server;
    private final List<TcpProxy> links = new ArrayList<>();
    private final Capabilities capabilities;
    private final TckTime time;

    Ground(MatrixStore store, Path folder) {
        this.store = store;
        this.folder = folder;
        ServerSpec spec = store.spec();
        this.server = spec == null ? null : spec.start();
        this.capabilities = declared();
        this.time = new TckTime(capabilities);
    }

    /** What a backend can do is known for sure once a session was opened. */
    private Capabilities declared() {
        try (LockClient client = administrator()) {
            return client.capabilities();
        }
    }

    Capabilities capabilities() {
        return capabilities;
    }

    TckTime time() {
        return time;
    }

    StoreServer server() {
        return Objects.requireNonNull(server, "a store with a server");
    }

    /** A way of its own to the store; null where there is no network. */
    @Nullable
    TcpProxy link() {
        if (server == null) {
            return null;
        }
        TcpProxy link = TcpProxy.to(server.node(1).address());
        links.add(link);
        return link;
    }

    Path folder() {
        return folder;
    }

    /** By which a process reaches the store. */
    String url(@Nullable TcpProxy link) {
        return link == null ? store.url(folder.resolve("store")) : store.url(link.endpoint());
    }

    /** Past all faults. */
    private LockConfig config() {
        String url = server == null ? store.url(folder.resolve("store")) : store.url(server.endpoints());
        return LockConfig.of(url).with("trust-url", "true");
    }

    /** Who is in line or holds, past all faults. */
    LockClient administrator() {
        return LockClient.open(config());
    }

    @Override
    public void close() {
        links.forEach(TcpProxy::close);
        if (server != null) {
            server.close();
        }
    }
}
