// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.LockConfig;
import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.StoreFaults;
import io.holdfast.tck.proxy.TcpProxy;
import io.holdfast.tck.server.ServerSpec;
import io.holdfast.tck.server.StoreKind;
import io.holdfast.tck.server.StoreServer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A server of the kit's own behind a proxy, and what the kit may do to both. The server takes sessions shorter than Consul's usual
 * least, 10 s, and clients are told that it takes those of 2 s, so that the kit need not wait long wherever a lease runs out.
 */
class ConsulFixture implements LockBackendFixture, StoreFaults {
    static final String SHORT_SESSIONS = "session_ttl_min = \"1s\"";

    /** The kit takes the least that a store serves. */
    static final String LEASES = "session-ttl-min=2s";

    final StoreServer server;
    final TcpProxy proxy;
    final String prefix;

    ConsulFixture(ServerSpec spec) {
        this(spec, "holdfast/kit-" + UUID.randomUUID());
    }

    ConsulFixture(ServerSpec spec, String prefix) {
        this.server = spec.durable().line(SHORT_SESSIONS).start();
        this.proxy = TcpProxy.to(server.node(1).address());
        this.prefix = prefix;
    }

    static ServerSpec usual() {
        return StoreKind.CONSUL_1_8.spec();
    }

    @Override
    public String url() {
        return "consul://" + proxy.endpoint() + "?" + LEASES + "&prefix=" + prefix;
    }

    Administrator administrator() {
        return Administrator.of(server);
    }

    @Override
    public LockConfig config() {
        return LockConfig.of(url());
    }

    @Override
    public List<String> residue() {
        List<String> left = new ArrayList<>();
        administrator().entries(prefix).forEach(entry -> left.add(entry.toString()));
        administrator().sessions().stream()
                // Whoever starts the server asks for one to see whether it is ready, and may have missed the answer.
                .filter(session -> !session.get("Name").getAsString().equals("ready"))
                .forEach(session -> left.add("session " + session));
        return left;
    }

    @Override
    public StoreFaults faults() {
        return this;
    }

    @Override
    public void cutLink() {
        proxy.requests().freeze();
        proxy.replies().freeze();
    }

    @Override
    public void holdRequests() {
        proxy.requests().freeze();
    }

    @Override
    public void stopServer() {
        server.pause();
    }

    @Override
    public void restartServer(boolean keepData) {
        if (keepData) {
            server.restart();
        } else {
            server.restartWithoutData();
        }
    }

    @Override
    public void expireSession(String label) {
        administrator().sessions().stream()
                .filter(session -> session.get("Name").getAsString().endsWith(label))
                .forEach(session -> administrator().endSession(session.get("ID").getAsString()));
    }

    @Override
    public void deleteHolder(String name) {
        List<Entry> line = administrator().entries(new LockKeys(prefix).line(name));
        if (!line.isEmpty()) {
            administrator().delete(line.get(0).key());
        }
    }

    @Override
    public void heal() {
        proxy.heal();
        server.resume();
    }

    @Override
    public void close() {
        proxy.close();
        server.close();
    }
}
