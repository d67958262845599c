// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;

/** A renewal that is carried out late, by the clock of its beginning, while a later one has been answered. */
final class LateRenewal {
    private static final Duration LEASE = Duration.ofMinutes(1);

    private final LockRows rows;
    private final DataSource database;
    private final Statements statements;

    LateRenewal(LockRows rows, DataSource database, Statements statements) {
        this.rows = rows;
        this.database = database;
        this.statements = statements;
    }

    /**
     * Judges.
     *
     * @param beginning what makes a connection's clock stand still
     */
    void shortensNothing(String beginning) throws Exception {
        rows.tryAcquire("late", "a/1", "me", LEASE);
        try (Connection late = database.getConnection();
                Connection looking = database.getConnection();
                Statement statement = looking.createStatement()) {
            late.setAutoCommit(false);
            try (Statement begin = late.createStatement()) {
                begin.execute(beginning);
            }
            assertThat(rows.renew("late", "a/1", LEASE)).isTrue();
            long agreed = end(statement);
            try (PreparedStatement renewal = late.prepareStatement(statements.renew(1))) {
                renewal.setLong(1, LEASE.toNanos() / 1000);
                renewal.setString(2, "holdfast");
                renewal.setString(3, "late");
                renewal.setString(4, "a/1");
                renewal.execute();
            }
            late.commit();
            assertThat(end(statement)).isGreaterThanOrEqualTo(agreed);
        }
    }

    private long end(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery(statements
                .inspect
                .replace("token", "until_us")
                .replaceFirst("[?]", "'holdfast'")
                .replaceFirst("[?]", "'late'"))) {
            assertThat(row.next()).isTrue();
            return row.getLong(2);
        }
    }
}
