// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import io.holdfast.LockConfigException;
import io.holdfast.LockLostException;
import io.holdfast.spi.NameCode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.OptionalLong;

/**
 * The table with the newest token of each lock, and the row that a transaction raises before it does anything else.
 *
 * <p>Whoever has raised the row keeps it locked until its transaction ends. A newer holder waits for that, an older one that waited
 * finds a newer token and is refused. Nothing here is said otherwise by one database than by another. Immutable.
 */
final class FenceRow {
    /** A name's first row may be made by others meanwhile, and a transaction rolled back for another's: not so often in a row. */
    private static final int TRIES = 8;

    /** As short as it can be where {@code A} and {@code a} are one to the database: such a name must not have another's fence. */
    private static final NameCode CODE = NameCode.escapedBy('%').withoutCapitals();

    /** A key of MariaDB has room for 768 characters that need up to four bytes each. */
    private static final int LONGEST = 640;

    /** In front of the digest of a long name; no name that is written out has it. */
    private static final char DIGESTED = '~';

    private final String table;

    FenceRow(String table) {
        if (!JdbcSettings.isTable(table)) {
            throw new LockConfigException("the fence's table is '" + table + "'; " + JdbcSettings.TABLES);
        }
        this.table = table;
    }

    String create() {
        return "CREATE TABLE IF NOT EXISTS " + table + " (\n"
                + "    name  VARCHAR(" + LONGEST + ") NOT NULL PRIMARY KEY,\n"
                + "    token BIGINT       NOT NULL,\n"
                + "    times BIGINT       NOT NULL\n"
                + ")";
    }

    /**
     * Raises the row, as the first step of a transaction.
     *
     * @throws io.holdfast.LockLostException when a newer token is there; the transaction is rolled back
     * @throws SQLException when the database fails; the transaction is rolled back
     */
    void raise(Connection connection, String lock, long token) throws SQLException {
        String name = written(lock);
        for (int i = 1; i < TRIES; i++) {
            try {
                if (raised(connection, name, token)) {
                    return;
                }
                requireNoNewer(connection, lock, token);
                connection.commit(); // nothing but the row was made, and as it is it refuses nobody
            } catch (SQLException e) {
                undone(connection, e);
                if (!isAnothersDoing(e)) {
                    throw e;
                }
            }
        }
        throw new SQLException(
                "the row of '" + name + "' in " + table + " was changed by others " + TRIES + " times in a row",
                "40001");
    }

    /** Makes the row where there is none. */
    private void requireNoNewer(Connection connection, String lock, long token) throws SQLException {
        String name = written(lock);
        OptionalLong newest = newest(connection, name);
        if (newest.isEmpty()) {
            // A row that was looked for in vain leaves a lock on its gap
            // in some databases: of two that have it neither could insert.
            connection.rollback();
            insert(connection, name);
        } else if (newest.getAsLong() > token) {
            LockLostException lost = FenceToken.lost(
                    lock,
                    token,
                    "a later holder has been here, with token " + newest.getAsLong(),
                    "the fence " + table);
            undone(connection, lost);
            throw lost;
        }
    }

    private static void undone(Connection connection, Exception failure) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            failure.addSuppressed(e); // the database ends the transaction of a broken connection
        }
    }

    private static String written(String lock) {
        String name = CODE.encode(lock);
        if (name.length() <= LONGEST) {
            return name;
        }
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
            String end = DIGESTED + HexFormat.of().formatHex(digest);
            return name.substring(0, LONGEST - end.length()) + end;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Each time it is another row, so that a driver that counts changed rows counts this one when the token is the same. */
    private boolean raised(Connection connection, String name, long token) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "UPDATE " + table + " SET token = ?, times = times + 1 WHERE name = ? AND token <= ?")) {
            statement.setLong(1, token);
            statement.setString(2, name);
            statement.setLong(3, token);
            return statement.executeUpdate() > 0;
        }
    }

    private OptionalLong newest(Connection connection, String name) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT token FROM " + table + " WHERE name = ?")) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? OptionalLong.of(row.getLong(1)) : OptionalLong.empty();
            }
        }
    }

    private void insert(Connection connection, String name) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("INSERT INTO " + table + " (name, token, times) VALUES (?, 0, 0)")) {
            statement.setString(1, name);
            statement.executeUpdate();
        }
    }

    /** The row was inserted, or changed, by another transaction. To begin anew is safe: this one has done nothing yet. */
    private static boolean isAnothersDoing(SQLException failure) {
        return Failures.isDuplicate(failure) || Failures.isRolledBackForAnother(failure);
    }

    @Override
    public String toString() {
        return table;
    }
}
