// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.StoreFaults;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import org.h2.tools.Server;

/** A database of H2 in this process's memory, which other processes reach by its server. */
final class H2Fixture implements LockBackendFixture {
    private final Server server;
    private final String database = "kit" + UUID.randomUUID();
    private final Rows rows;

    H2Fixture() throws SQLException {
        server = Server.createTcpServer("-tcpPort", "0", "-ifNotExists").start();
        rows = new Rows("jdbc:h2:mem:" + database + ";DB_CLOSE_DELAY=-1", "");
    }

    @Override
    public String url() {
        return "jdbc:h2:tcp://localhost:" + server.getPort() + "/mem:" + database + "?create-table=true&connections=8";
    }

    @Override
    public List<String> residue() {
        return rows.held();
    }

    @Override
    public StoreFaults faults() {
        return new StoreFaults() {
            @Override
            public void deleteHolder(String name) {
                rows.free(name);
            }
        };
    }

    @Override
    public String serverVersion() {
        return org.h2.engine.Constants.VERSION;
    }

    @Override
    public void close() {
        rows.close();
        try (Connection last = DriverManager.getConnection("jdbc:h2:mem:" + database)) {
            last.createStatement().execute("SHUTDOWN");
        } catch (SQLException e) {
            throw new AssertionError(e);
        } finally {
            server.stop();
        }
    }
}
