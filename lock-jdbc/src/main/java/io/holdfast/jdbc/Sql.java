// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.OptionalLong;

/** Statements with numbers and texts bound to them. */
final class Sql {
    private Sql() {}

    /** The first number that a question or a change answers with; none without a row, or when it changed nothing. */
    static OptionalLong one(Connection connection, String text, boolean result, Object... values) throws SQLException {
        int keys = result ? Statement.NO_GENERATED_KEYS : Statement.RETURN_GENERATED_KEYS;
        try (PreparedStatement statement = bound(connection.prepareStatement(text, keys), values)) {
            if (!result && statement.executeUpdate() == 0) {
                return OptionalLong.empty();
            }
            try (ResultSet row = result ? statement.executeQuery() : statement.getGeneratedKeys()) {
                return row.next() ? OptionalLong.of(row.getLong(1)) : OptionalLong.empty();
            }
        }
    }

    /** The number that a change sets, also one that leaves all rows as they were; none when it met no row. */
    static OptionalLong key(Connection connection, String text, Object... values) throws SQLException {
        try (PreparedStatement statement =
                bound(connection.prepareStatement(text, Statement.RETURN_GENERATED_KEYS), values)) {
            statement.executeUpdate();
            try (ResultSet row = statement.getGeneratedKeys()) {
                return row.next() ? OptionalLong.of(row.getLong(1)) : OptionalLong.empty();
            }
        }
    }

    static boolean changed(Connection connection, String text, Object... values) throws SQLException {
        try (PreparedStatement statement = bound(connection, text, values)) {
            return statement.executeUpdate() > 0;
        }
    }

    static PreparedStatement bound(Connection connection, String text, Object... values) throws SQLException {
        return bound(connection.prepareStatement(text), values);
    }

    private static PreparedStatement bound(PreparedStatement statement, Object... values) throws SQLException {
        try {
            for (int i = 0; i < values.length; i++) {
                if (values[i] instanceof Long number) {
                    statement.setLong(i + 1, number);
                } else {
                    statement.setString(i + 1, (String) values[i]);
                }
            }
            return statement;
        } catch (SQLException | RuntimeException e) {
            statement.close();
            throw e;
        }
    }
}
