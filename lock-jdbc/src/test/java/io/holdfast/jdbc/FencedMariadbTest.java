// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.mariadb.jdbc.MariaDbDataSource;

class FencedMariadbTest extends FencedDataSourceCases {
    private static StoreServer server;

    @BeforeAll
    static void start() {
        server = StoreKind.MARIADB_10_11.spec().start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** A driver that counts changed rows only. */
    @Override
    DataSource database() {
        try {
            MariaDbDataSource database = new MariaDbDataSource("jdbc:mariadb://127.0.0.1:"
                    + server.node(1).address().getPort() + "/holdfast?sslMode=disable&useAffectedRows=true");
            database.setUser("root");
            return database;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    String waiting() {
        return "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE = 'Updating'";
    }
}
