// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import io.holdfast.lab.server.ServerFixture;
import io.holdfast.lab.server.StoreKind;
import java.util.List;

/** A MariaDB of the kit's own behind a proxy, and what the kit may do to both. */
final class MariadbFixture extends ServerFixture {
    private final Rows rows;

    MariadbFixture() {
        super(StoreKind.MARIADB_10_11.spec().durable().start());
        rows = new Rows(
                "jdbc:mariadb://127.0.0.1:" + server().node(1).address().getPort() + "/holdfast?sslMode=disable",
                "root");
    }

    @Override
    public String url() {
        return "jdbc:mariadb://" + endpoint() + "/holdfast?create-table=true&connections=8&user=root";
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
