// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import io.holdfast.lab.server.ServerFixture;
import io.holdfast.lab.server.ServerSpec;
import java.io.IOException;
import java.util.List;

/** A PostgreSQL of the kit's own behind a proxy, and what the kit may do to both. */
final class PostgresFixture extends ServerFixture {
    private final Rows rows;
    private final PgBouncer pooler;

    /** Stands between the proxy and the clients. */
    interface Pooling {
        PgBouncer before(String server) throws IOException;
    }

    PostgresFixture(ServerSpec spec) throws IOException {
        this(spec, server -> null);
    }

    PostgresFixture(ServerSpec spec, Pooling pooling) throws IOException {
        super(spec.durable().start());
        pooler = pooling.before(endpoint());
        rows = new Rows(
                "jdbc:postgresql://127.0.0.1:" + server().node(1).address().getPort() + "/postgres", "root");
    }

    @Override
    public String url() {
        return "jdbc:postgresql://" + (pooler == null ? endpoint() : pooler.endpoint())
                + "/postgres?create-table=true&connections=8&user=root";
    }

    @Override
    public List<String> residue() {
        return rows.held();
    }

    @Override
    public void deleteHolder(String name) {
        rows.free(name);
    }

    @Override
    public void close() {
        rows.close();
        if (pooler != null) {
            pooler.close();
        }
        super.close();
    }
}
