// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockException;
import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.LockUnavailableException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is told of each failure: that nothing was done, that it is to be sent again, or that nobody knows (rule UO-1). */
class FailuresTest {
    private static final Databases DATABASES = new Databases();

    /** What becomes of a statement that was sent and failed. */
    enum Verdict {
        /** It surely did nothing, and the connection is as good as before. */
        NOTHING,
        /** The same, but the connection, if there was one, is none any more. */
        NOTHING_AND_GONE,
        /** It did nothing, since another one was let on, and is sent again. */
        AGAIN,
        /** It may have been carried out; the connection is not used any more. */
        UNKNOWN
    }

    @AfterAll
    static void stop() {
        DATABASES.close();
    }

    private static Verdict verdict(SQLException failure) {
        if (Failures.isRolledBackForAnother(failure)) {
            return Verdict.AGAIN;
        }
        LockException told = new Failures("a database").of(failure, "renew", true);
        if (told instanceof LockOutcomeUnknownException) {
            assertThat(Failures.isAnswer(failure)).isFalse();
            return Verdict.UNKNOWN;
        }
        assertThat(told).isInstanceOf(LockUnavailableException.class);
        return Failures.isAnswer(failure) ? Verdict.NOTHING : Verdict.NOTHING_AND_GONE;
    }

    @ParameterizedTest
    @CsvSource({
        "40001, serialization_failure, AGAIN",
        "40P01, deadlock_detected, AGAIN",
        "57014, query_canceled or statement_timeout, NOTHING",
        "55P03, lock_not_available, NOTHING",
        "25006, read_only_sql_transaction, NOTHING",
        "53100, disk_full, NOTHING",
        "53200, out_of_memory, NOTHING",
        "53300, too_many_connections, NOTHING",
        "57P03, cannot_connect_now, NOTHING",
        "57P01, admin_shutdown, UNKNOWN",
        "57P02, crash_shutdown, UNKNOWN",
        "57P04, database_dropped, UNKNOWN",
        "57P05, idle_session_timeout, UNKNOWN",
        "25P03, idle_in_transaction_session_timeout, UNKNOWN",
        "40003, statement_completion_unknown, UNKNOWN",
        "08000, connection_exception, UNKNOWN",
        "08001, unable to connect, NOTHING_AND_GONE",
        "08003, connection_does_not_exist, UNKNOWN",
        "08004, rejected connection, NOTHING_AND_GONE",
        "08006, connection_failure, UNKNOWN",
        "08007, transaction_resolution_unknown, UNKNOWN",
        "08P01, protocol_violation and whatever PgBouncer says, UNKNOWN"
    })
    @DisplayName("UO-1: states of PostgreSQL")
    void ofPostgresql(String state, String name, Verdict verdict) {
        assertThat(verdict(new SQLException(name, state))).isEqualTo(verdict);
    }

    @ParameterizedTest
    @CsvSource({
        "1205, HY000, lock wait timeout, NOTHING",
        "1213, 40001, deadlock, AGAIN",
        "1290, HY000, read_only, NOTHING",
        "1792, 25006, read only transaction, NOTHING",
        "1836, HY000, read only mode, NOTHING",
        "1317, 70100, query interrupted, NOTHING",
        "1969, 70100, max_statement_time, NOTHING",
        "3024, HY000, max_execution_time of a question, NOTHING",
        "1040, 08004, too many connections, NOTHING_AND_GONE",
        "1203, 42000, too many connections of the user, NOTHING",
        "1927, 70100, connection was killed, UNKNOWN",
        "1053, 08S01, shutdown in progress, UNKNOWN",
        "1159, 08S01, timeout of an idle connection, UNKNOWN",
        "1180, HY000, error during commit, UNKNOWN",
        "1030, HY000, error of the storage engine, UNKNOWN",
        "1105, HY000, unknown error, UNKNOWN",
        "0, 08000, socket error, UNKNOWN"
    })
    @DisplayName("UO-1: errors of MariaDB and MySQL")
    void ofMariadb(int code, String state, String name, Verdict verdict) {
        assertThat(verdict(new SQLException(name, state, code))).isEqualTo(verdict);
    }

    @ParameterizedTest
    @CsvSource({
        "40001, 40001, deadlock, AGAIN",
        "HYT00, 50200, lock timeout, NOTHING",
        "57014, 57014, statement cancelled, NOTHING",
        "90067, 90067, connection broken, UNKNOWN",
        "90098, 90098, database closed, UNKNOWN",
        "90007, 90007, object closed, UNKNOWN"
    })
    @DisplayName("UO-1: errors of H2")
    void ofH2(String state, int code, String name, Verdict verdict) {
        assertThat(verdict(new SQLException(name, state, code))).isEqualTo(verdict);
    }

    /** A change that waits for a row, as the server ends it. */
    @ParameterizedTest
    @CsvSource({
        "POSTGRESQL, SELECT 1, SELECT pg_cancel_backend(@ID@), 57014, NOTHING",
        "POSTGRESQL, SELECT 1, SELECT pg_terminate_backend(@ID@), 57P01, UNKNOWN",
        "POSTGRESQL, SET lock_timeout = 200, SELECT 1, 55P03, NOTHING",
        "MARIADB, SELECT 1, KILL QUERY @ID@, 70100, NOTHING",
        "MARIADB, SELECT 1, KILL @ID@, 70100 or 08, UNKNOWN",
        "MARIADB, SET max_statement_time = 0.2, SELECT 1, 70100, NOTHING",
        "MARIADB, SET innodb_lock_wait_timeout = 1, SELECT 1, HY000, NOTHING"
    })
    @DisplayName("UO-1: what servers and drivers say of a statement that was ended")
    void ofServers(Dialect dialect, String before, String end, String states, Verdict verdict) throws Exception {
        boolean postgresql = dialect == Dialect.POSTGRESQL;
        try (Connection stranger = DATABASES.source(dialect).getConnection();
                Connection ours = DATABASES.source(dialect).getConnection();
                Statement locking = stranger.createStatement();
                Statement waiting = ours.createStatement()) {
            locking.execute("CREATE TABLE IF NOT EXISTS ended (id INT PRIMARY KEY, changes INT)");
            locking.execute("DELETE FROM ended");
            locking.execute("INSERT INTO ended VALUES (1, 0)");
            stranger.setAutoCommit(false);
            locking.execute("SELECT changes FROM ended WHERE id = 1 FOR UPDATE");
            String id = asked(waiting, postgresql ? "SELECT pg_backend_pid()" : "SELECT CONNECTION_ID()");
            waiting.execute(before);
            CompletableFuture<Void> change = CompletableFuture.runAsync(() -> {
                try {
                    waiting.executeUpdate("UPDATE ended SET changes = 1 WHERE id = 1");
                } catch (SQLException e) {
                    throw new CompletionException(e);
                }
            });
            String waits = postgresql
                    ? "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = " + id
                    : "SELECT count(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'";
            await().until(() -> change.isDone() || asked(locking, waits).equals("1"));
            locking.execute(end.replace("@ID@", id));
            SQLException failure =
                    (SQLException) change.handle((nothing, e) -> e.getCause()).get(1, TimeUnit.MINUTES);

            assertThat(states)
                    .contains(failure.getSQLState()
                            .substring(0, failure.getSQLState().startsWith("08") ? 2 : 5));
            assertThat(verdict(failure))
                    .as(failure + ", " + failure.getErrorCode())
                    .isEqualTo(verdict);
            stranger.rollback();
            assertThat(asked(locking, "SELECT changes FROM ended")).isEqualTo("0");
        }
    }

    private static String asked(Statement statement, String question) throws SQLException {
        try (ResultSet row = statement.executeQuery(question)) {
            assertThat(row.next()).isTrue();
            return String.valueOf(row.getString(1));
        }
    }
}
