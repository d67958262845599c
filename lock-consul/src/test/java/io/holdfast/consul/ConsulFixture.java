// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.lab.server.ServerFixture;
import io.holdfast.lab.server.ServerSpec;
import io.holdfast.lab.server.StoreKind;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A server of the kit's own behind a proxy, and what the kit may do to both. The server takes sessions shorter than Consul's usual
 * least, 10 s, and clients are told that it takes those of 2 s, so that the kit need not wait long wherever a lease runs out.
 */
class ConsulFixture extends ServerFixture {
    static final String SHORT_SESSIONS = "session_ttl_min = \"1s\"";

    /** The kit takes the least that a store serves. */
    static final String LEASES = "session-ttl-min=2s";

    final String prefix;

    ConsulFixture(ServerSpec spec) {
        this(spec, "holdfast/kit-" + UUID.randomUUID());
    }

    ConsulFixture(ServerSpec spec, String prefix) {
        super(spec.durable().line(SHORT_SESSIONS).start());
        this.prefix = prefix;
    }

    static ServerSpec usual() {
        return StoreKind.CONSUL_1_8.spec();
    }

    @Override
    public String url() {
        return "consul://" + endpoint() + "?" + LEASES + "&prefix=" + prefix;
    }

    Administrator administrator() {
        return Administrator.of(server());
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
    public void expireSession(String label) {
        administrator().sessions().stream()
                .filter(session -> session.get("Name").getAsString().endsWith(label))
                .forEach(session -> administrator().endSession(session.get("ID").getAsString()));
    }

    @Override
    public void deleteHolder(String name) {
        List<KeyEntry> line = administrator().entries(new LockKeys(prefix).line(name));
        if (!line.isEmpty()) {
            administrator().delete(line.get(0).key());
        }
    }
}
