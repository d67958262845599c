// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.postgresql.ds.PGSimpleDataSource;

class FencedPostgresTest extends FencedDataSourceCases {
    private static StoreServer server;

    @BeforeAll
    static void start() {
        server = StoreKind.POSTGRESQL_15.spec().start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Override
    DataSource database() {
        PGSimpleDataSource database = new PGSimpleDataSource();
        database.setUrl(
                "jdbc:postgresql://127.0.0.1:" + server.node(1).address().getPort() + "/postgres");
        database.setUser("root");
        return database;
    }

    @Override
    String waiting() {
        return "SELECT COUNT(*) FROM pg_locks WHERE NOT granted";
    }
}
