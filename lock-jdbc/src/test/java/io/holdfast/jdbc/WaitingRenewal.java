// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;

/** A renewal of two rows that waits for the first, while a later one of the second alone is answered. */
abstract class WaitingRenewal {
    private static final Duration LEASE = Duration.ofMinutes(1);

    private final LockRows rows;
    private final DataSource database;
    private final String table;

    WaitingRenewal(LockRows rows, DataSource database, String table) {
        this.rows = rows;
        this.database = database;
        this.table = table;
    }

    /** Whether a statement waits for a row. */
    abstract boolean isWaiting(Statement statement) throws SQLException;

    void shortensNothing() throws Exception {
        rows.tryAcquire("first", "a/1", "me", LEASE);
        rows.tryAcquire("second", "a/2", "me", LEASE);
        try (Connection another = database.getConnection();
                Connection looking = database.getConnection();
                Statement statement = looking.createStatement()) {
            another.setAutoCommit(false);
            try (Statement locking = another.createStatement()) {
                locking.executeQuery("SELECT token FROM " + table
                                + " WHERE prefix = 'holdfast' AND name = 'first' FOR UPDATE")
                        .close();
            }
            CompletableFuture<Map<String, Boolean>> both =
                    CompletableFuture.supplyAsync(() -> rows.renewAll(Map.of("a/1", "first", "a/2", "second"), LEASE));
            await().until(() -> isWaiting(statement));
            assertThat(rows.renew("second", "a/2", LEASE)).isTrue();
            long agreed = end(statement);
            another.rollback();

            assertThat(both.join()).containsEntry("a/1", true).containsEntry("a/2", true);
            assertThat(end(statement)).isGreaterThanOrEqualTo(agreed);
        }
    }

    private long end(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT until_us FROM " + table + " WHERE name = 'second'")) {
            assertThat(row.next()).isTrue();
            return row.getLong(1);
        }
    }
}
