// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import io.holdfast.StoreFinding;
import io.holdfast.StoreFinding.Verdict;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Which table a name stands for, asked once. A name without a schema is another table to another session, as its search path or its
 * database is: what has only the name would go to whichever it is each time, and two clients would each hold a lock.
 *
 * @param schema the schema, on MariaDB and MySQL the database
 * @param table the table, as the database writes it
 * @param named whether the schema was said by whoever set the table
 */
record TablePlace(Dialect dialect, String schema, String table, boolean named) {
    /**
     * Finds it, and where it is missing makes it first, if asked to.
     *
     * @throws SQLException when there is none, or this user may not see it
     */
    static TablePlace of(Connection connection, Dialect dialect, JdbcSettings settings) throws SQLException {
        try {
            return found(connection, dialect, settings.table());
        } catch (SQLException e) {
            if (!settings.createTable() || !Failures.isNoTable(e)) {
                throw e;
            }
            new Statements(dialect, settings.table()).create(connection);
            return found(connection, dialect, settings.table());
        }
    }

    private static TablePlace found(Connection connection, Dialect dialect, String name) throws SQLException {
        boolean named = name.indexOf('.') >= 0;
        String bare = name.substring(name.indexOf('.') + 1);
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(question(dialect, name))) {
            return switch (dialect) {
                case POSTGRESQL -> {
                    if (!row.next()) {
                        throw new SQLException("no table " + name, "42P01");
                    }
                    yield new TablePlace(dialect, row.getString(1), row.getString(2), named);
                }
                case H2 ->
                    new TablePlace(
                            dialect,
                            row.getMetaData().getSchemaName(1),
                            row.getMetaData().getTableName(1),
                            named);
                case MARIADB, MYSQL -> {
                    String database = name.substring(0, Math.max(0, name.indexOf('.')));
                    yield new TablePlace(dialect, named || !row.next() ? database : row.getString(1), bare, named);
                }
            };
        }
    }

    private static String question(Dialect dialect, String name) {
        return switch (dialect) {
            case POSTGRESQL ->
                "SELECT s.nspname, t.relname FROM pg_catalog.pg_class t JOIN pg_catalog.pg_namespace s"
                        + " ON s.oid = t.relnamespace WHERE t.oid = pg_catalog.to_regclass('" + name + "')";
            case H2 -> "SELECT name FROM " + name + " WHERE 1 = 0";
            // An aggregate has a row where the table has none, and the table must be there.
            case MARIADB, MYSQL -> "SELECT DATABASE(), COUNT(*) FROM " + name + " WHERE 1 = 0";
        };
    }

    /** As it stands in a statement, where it is the same table to every session. */
    String text() {
        return quoted(schema) + "." + quoted(table);
    }

    private String quoted(String name) {
        String quote = dialect.changes() == Dialect.Changes.LAST_INSERT_ID ? "`" : "\"";
        return quote + name.replace(quote, quote + quote) + quote;
    }

    /**
     * Whether another session could have found another table by the same name.
     *
     * @param pooled whether a pooler is between, whose sessions others may have changed before
     */
    StoreFinding finding(Connection connection, boolean pooled) throws SQLException {
        String here = schema + "." + table;
        // An address of MariaDB has the database in it, and nobody else has the session.
        String others = named || dialect.changes() == Dialect.Changes.LAST_INSERT_ID ? "" : elsewhere(connection);
        if (named || (!pooled && others.isEmpty())) {
            return StoreFinding.ok("table", "locks are rows of " + here);
        }
        return new StoreFinding(
                Verdict.WARNING,
                "table",
                "locks are rows of " + here + ", which this client found by the name '" + table + "' alone; "
                        + (others.isEmpty()
                                ? "behind a pooler a session may have another's search_path"
                                : "there is another in " + others),
                "two clients that find two tables both hold a lock: name the schema, table=" + here);
    }

    private String elsewhere(Connection connection) throws SQLException {
        try (PreparedStatement statement = Sql.bound(
                        connection,
                        "SELECT table_schema FROM information_schema.tables WHERE table_name = ? AND table_schema <> ?"
                                + " ORDER BY table_schema",
                        table,
                        schema);
                ResultSet row = statement.executeQuery()) {
            return row.next() ? row.getString(1) : "";
        }
    }
}
