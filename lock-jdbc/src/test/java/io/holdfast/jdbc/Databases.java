// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.Map;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.mariadb.jdbc.MariaDbDataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** One database of each kind, which begins when it is first used. */
final class Databases implements AutoCloseable {
    private final Map<Dialect, StoreServer> servers = new EnumMap<>(Dialect.class);

    private String server(Dialect dialect, StoreKind kind) {
        return "://"
                + servers.computeIfAbsent(dialect, first -> kind.spec().start())
                        .node(1)
                        .endpoint();
    }

    /** The administrator's. */
    DataSource source(Dialect dialect) throws SQLException {
        return switch (dialect) {
            case POSTGRESQL -> {
                PGSimpleDataSource source = new PGSimpleDataSource();
                source.setUrl("jdbc:postgresql" + server(dialect, StoreKind.POSTGRESQL_15) + "/postgres?user=root");
                yield source;
            }
            case MARIADB -> {
                MariaDbDataSource source = new MariaDbDataSource(
                        "jdbc:mariadb" + server(dialect, StoreKind.MARIADB_10_11) + "/holdfast?sslMode=disable");
                source.setUser("root");
                yield source;
            }
            case H2 -> {
                JdbcDataSource source = new JdbcDataSource();
                source.setURL("jdbc:h2:mem:databases" + hashCode() + ";DB_CLOSE_DELAY=-1");
                yield source;
            }
            case MYSQL -> throw new IllegalArgumentException("is not run");
        };
    }

    @Override
    public void close() {
        servers.values().forEach(StoreServer::close);
    }
}
