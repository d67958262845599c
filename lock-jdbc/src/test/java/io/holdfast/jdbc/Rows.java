// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import io.holdfast.spi.NameCode;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The table of locks, as an administrator sees and changes it. Thread-safe. */
final class Rows implements AutoCloseable {
    private final String url;
    private final String user;
    private @Nullable Connection connection;

    Rows(String url, String user) {
        this.url = url;
        this.user = user;
    }

    private Connection connection() throws SQLException {
        if (connection == null || !connection.isValid(2)) {
            connection = DriverManager.getConnection(url, user, "");
        }
        return connection;
    }

    /** What somebody has, as name and holder: the last token and the marks of what is over are to stay. */
    synchronized List<String> held() {
        List<String> held = new ArrayList<>();
        try (var statement = connection().createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT name, holder, label FROM holdfast_locks WHERE holder IS NOT NULL")) {
            while (row.next()) {
                held.add(row.getString(1) + " of " + row.getString(2) + ", " + row.getString(3));
            }
            return held;
        } catch (SQLException e) {
            if (List.of("42P01", "42S02", "42S04").contains(e.getSQLState())) { // a server that lost all it had
                return held;
            }
            throw new AssertionError(e);
        }
    }

    synchronized void free(String name) {
        change(
                "UPDATE holdfast_locks SET holder = NULL WHERE name = ?",
                NameCode.escapedBy('%').encode(name));
    }

    synchronized int change(String text, String... values) {
        try (var statement = connection().prepareStatement(text)) {
            for (int i = 0; i < values.length; i++) {
                statement.setString(i + 1, values[i]);
            }
            return statement.executeUpdate();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    synchronized void ask(String question) {
        try (var statement = connection().createStatement()) {
            statement.execute(question);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public synchronized void close() {
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
