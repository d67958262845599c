// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Whether a pooler stands before a PostgreSQL, found out by the first connection. One such as PgBouncer gives each transaction
 * whatever connection is free: nothing that is prepared on the server, or set for a session, is there the next time. It refuses such
 * a setting of ours as it connects, or ignores it. Thread-safe.
 */
final class Pooler {
    private enum Known {
        NOTHING,
        DIRECT,
        POOLED
    }

    private volatile Known known = Known.NOTHING;

    /** How to connect. */
    @FunctionalInterface
    interface Way {
        /**
         * Connects.
         *
         * @param pooled without anything that a session would have to keep
         */
        Connection connect(boolean pooled) throws SQLException;
    }

    /**
     * Connects as the address takes it.
     *
     * @param millis the limit of a statement that a session is told, by which it is seen whether it was
     */
    Connection connect(long millis, Way way) throws SQLException {
        return switch (known) {
            case DIRECT -> way.connect(false);
            case POOLED -> way.connect(true);
            case NOTHING -> first(millis, way);
        };
    }

    boolean isThere() {
        return known == Known.POOLED;
    }

    private Connection first(long millis, Way way) throws SQLException {
        Connection made;
        try {
            made = way.connect(false);
        } catch (SQLException e) {
            if (!isRefusedSetting(e)) {
                throw e;
            }
            known = Known.POOLED;
            return way.connect(true);
        }
        if (isTold(made, millis)) {
            known = Known.DIRECT;
            return made;
        }
        made.close();
        known = Known.POOLED;
        return way.connect(true);
    }

    /** In PgBouncer's words, which are not translated. */
    private static boolean isRefusedSetting(SQLException e) {
        String message = String.valueOf(e.getMessage());
        return "08P01".equals(e.getSQLState()) && message.contains("unsupported startup parameter");
    }

    private static boolean isTold(Connection connection, long millis) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT setting FROM pg_settings WHERE name = 'statement_timeout'")) {
            return row.next() && Long.toString(millis).equals(row.getString(1));
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }
}
