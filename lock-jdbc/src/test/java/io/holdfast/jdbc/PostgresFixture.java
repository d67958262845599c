// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import io.holdfast.tck.server.ServerFixture;
import io.holdfast.tck.server.ServerSpec;
import java.util.List;

/** A PostgreSQL of the kit's own behind a proxy, and what the kit may do to both. */
final class PostgresFixture extends ServerFixture {
    private final Rows rows;

    PostgresFixture(ServerSpec spec) {
        super(spec.durable().start());
        rows = new Rows(
                "jdbc:postgresql://127.0.0.1:" + server().node(1).address().getPort() + "/postgres", "root");
    }

    @Override
    public String url() {
        return "jdbc:postgresql://" + endpoint() + "/postgres?create-table=true&connections=8&user=root";
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
        super.close();
    }
}
