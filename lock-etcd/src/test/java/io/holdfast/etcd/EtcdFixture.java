// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.etcd.jetcd.KeyValue;
import io.holdfast.lab.server.ServerFixture;
import io.holdfast.lab.server.ServerSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A server or cluster of the kit's own, each member behind a proxy, and what the kit may do to them. */
class EtcdFixture extends ServerFixture {
    final String prefix;
    private Etcd administrator;

    EtcdFixture(ServerSpec spec) {
        this(spec, "holdfast/kit-" + UUID.randomUUID());
    }

    EtcdFixture(ServerSpec spec, String prefix) {
        super(spec.durable().start());
        this.prefix = prefix;
    }

    @Override
    public String url() {
        return "etcd://" + endpoints() + "?prefix=" + prefix;
    }

    /** How to look at the server past the backend; as an administrator where there are users. */
    ClientBuilder administration() {
        return Client.builder()
                .keepaliveWithoutCalls(false)
                .endpoints(server().nodes().stream()
                        .map(node -> "http://" + node.endpoint())
                        .toArray(String[]::new));
    }

    synchronized Etcd administrator() {
        if (administrator == null) {
            administrator = new Etcd(administration().build());
        }
        return administrator;
    }

    @Override
    public List<String> residue() {
        List<String> left = new ArrayList<>();
        for (KeyValue kv : administrator().under(prefix + "/")) {
            left.add(LockKeys.text(kv.getKey()));
        }
        return left;
    }

    @Override
    public void expireSession(String label) {
        for (KeyValue kv : administrator().under(prefix + "/%session/")) {
            if (LockKeys.text(kv.getValue()).endsWith(" " + label)) {
                administrator().revoke(kv.getLease());
            }
        }
    }

    @Override
    public void deleteHolder(String name) {
        administrator().line(prefix, name).stream().findFirst().ifPresent(kv -> administrator()
                .delete(LockKeys.text(kv.getKey())));
    }

    @Override
    public void close() {
        if (administrator != null) {
            administrator.close();
        }
        super.close();
    }
}
