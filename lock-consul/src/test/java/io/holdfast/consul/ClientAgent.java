// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import com.google.gson.JsonParser;
import io.holdfast.lab.server.StoreServer;
import java.net.InetSocketAddress;

/** An agent in client mode, with Consul's own settings for how it ends, as one runs on each host of an application. */
final class ClientAgent implements AutoCloseable {
    private final StoreServer agent;

    private ClientAgent(StoreServer agent) {
        this.agent = agent;
    }

    /** Joins the datacenter of a server, as a node of some name. */
    static ClientAgent of(StoreServer server, String node) {
        return of(server, node, true); // which is what an agent in client mode does by itself
    }

    /** The same, which leaves Consul or stays a member when it is told to stop. */
    static ClientAgent of(StoreServer server, String node, boolean leaves) {
        String self = Administrator.of(server).ask("GET", "/v1/agent/self", "").body();
        int serf = JsonParser.parseString(self)
                .getAsJsonObject()
                .getAsJsonObject("DebugConfig")
                .get("SerfPortLAN")
                .getAsInt();
        return new ClientAgent(ConsulFixture.usual()
                .durable()
                .line("server = false")
                .line("bootstrap_expect = 0")
                .line("node_name = \"" + node + "\"")
                .line("retry_join = [\"127.0.0.1:" + serf + "\"]")
                .line("performance { leave_drain_time = \"100ms\" }")
                .line("leave_on_terminate = " + leaves)
                .start());
    }

    String endpoint() {
        return agent.endpoints();
    }

    InetSocketAddress address() {
        return agent.node(1).address();
    }

    /** As the host's service manager ends it. */
    void terminate() {
        agent.terminate();
    }

    @Override
    public void close() {
        agent.close();
    }
}
