// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.LockLoss;
import io.holdfast.LockUnavailableException;
import io.holdfast.ReleaseOutcome;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows that another one's transaction keeps locked, while what they stand for is renewed. */
@SuppressWarnings("try") // a transaction that is only there
class LockedRowsTest {
    private static final Duration LEASE = Duration.ofSeconds(2);
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final int OTHERS = 20;
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final Databases DATABASES = new Databases();

    private final String table = "rows_" + NUMBER.incrementAndGet();

    @AfterAll
    static void stop() {
        DATABASES.close();
    }

    private JdbcSettings settings() {
        return JdbcSettings.DEFAULTS.withCreateTable(true).withTable(table);
    }

    /** Somebody's transaction that has changed, or only locked, a row. */
    private final class Stranger implements AutoCloseable {
        private final Connection connection;

        Stranger(Dialect dialect, String statement) throws SQLException {
            connection = DATABASES.source(dialect).getConnection();
            connection.setAutoCommit(false);
            try (Statement locking = connection.createStatement()) {
                locking.execute(statement.replace("@T@", table));
            }
        }

        static Stranger on(LockedRowsTest test, Dialect dialect, String name) throws SQLException {
            return test
            .new Stranger(
                    dialect, "SELECT token FROM @T@ WHERE prefix = 'holdfast' AND name = '" + name + "' FOR UPDATE");
        }

        void commit() throws SQLException {
            connection.commit();
        }

        @Override
        public void close() throws SQLException {
            connection.rollback();
            connection.close();
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "MYSQL")
    @DisplayName(
            "KE-4: a row that a stranger keeps locked for longer than a lease costs its own hold, and no other one")
    void oneLockedRowCostsOneHold(Dialect dialect) throws Exception {
        LockConfig config = LockConfig.of("jdbc:h2:mem:none").withLease(LEASE);
        try (LockClient client = LockClient.open(JdbcBackend.using(DATABASES.source(dialect), settings()), config)) {
            CompletableFuture<LockLoss> lost = new CompletableFuture<>();
            client.acquire("stuck").onLost(lost::complete);
            CompletableFuture<LockLoss> another = new CompletableFuture<>();
            List<LockHandle> others = new ArrayList<>();
            for (int i = 0; i < OTHERS; i++) {
                others.add(client.acquire("other-" + i));
                others.get(i).onLost(another::complete);
            }
            try (Stranger stranger = Stranger.on(this, dialect, "stuck")) {
                assertThat(lost.get(LEASE.toMillis() * 2, TimeUnit.MILLISECONDS).toString())
                        .contains("stuck");
                assertThatThrownBy(() -> another.get(LEASE.toMillis(), TimeUnit.MILLISECONDS))
                        .isInstanceOf(TimeoutException.class);
                assertThat(others).allMatch(LockHandle::isValid);
            }
            for (LockHandle other : others) {
                assertThat(other.release()).isEqualTo(ReleaseOutcome.RELEASED);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "MYSQL")
    @DisplayName("KE-4: what is locked for a part of a lease is renewed by the same round")
    void whatIsFreeAgainIsRenewedByTheSameRound(Dialect dialect) throws Exception {
        LockRowsTest.Counted counted = new LockRowsTest.Counted(DATABASES.source(dialect));
        LockRows rows = LockRowsTest.rows(counted.source(), settings(), dialect);
        Map<String, String> both = held(dialect, 2, LONG.dividedBy(2));
        CompletableFuture<Map<String, Boolean>> round;
        try (Stranger stranger = Stranger.on(this, dialect, "n1")) {
            counted.statements.set(0);
            round = CompletableFuture.supplyAsync(() -> rows.renewAll(both, LONG));
            await().until(() -> counted.statements.get() > 8);
            assertThat(round).isNotDone();
        }
        assertThat(round.get(1, TimeUnit.MINUTES)).containsEntry("a/0", true).containsEntry("a/1", true);
        rows.close();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "MYSQL")
    @DisplayName("KE-4: of a locked row nothing is said before the store has said it")
    void whatIsLockedIsNotCalledGone(Dialect dialect) throws Exception {
        LockRows rows = LockRowsTest.rows(DATABASES.source(dialect), settings(), dialect);
        Map<String, String> both = held(dialect, 2, LEASE.multipliedBy(3));
        try (Stranger stranger =
                new Stranger(dialect, "UPDATE @T@ SET holder = NULL WHERE prefix = 'holdfast' AND name = 'n1'")) {
            assertThat(rows.renewAll(both, LEASE.multipliedBy(4)))
                    .as("while the change is open")
                    .isEqualTo(Map.of("a/0", true));
            assertThatThrownBy(() -> rows.renew("n1", "a/1", LEASE))
                    .isInstanceOf(LockUnavailableException.class)
                    .hasMessageContaining("n1")
                    .hasMessageContaining("another transaction");
            stranger.commit();
        }
        assertThat(rows.renewAll(both, LONG)).containsEntry("a/0", true).containsEntry("a/1", false);
        rows.close();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "MYSQL")
    @DisplayName("KE-4: the answer for the other rows comes no later than the next round's request")
    void aLaterRoundTakesOver(Dialect dialect) throws Exception {
        LockRowsTest.Counted counted = new LockRowsTest.Counted(DATABASES.source(dialect));
        LockRows rows = LockRowsTest.rows(counted.source(), settings(), dialect);
        Map<String, String> both = held(dialect, 2, LONG.dividedBy(2));
        CompletableFuture<Map<String, Boolean>> later;
        try (Stranger stranger = Stranger.on(this, dialect, "n1")) {
            counted.statements.set(0);
            CompletableFuture<Map<String, Boolean>> first =
                    CompletableFuture.supplyAsync(() -> rows.renewAll(both, LONG));
            await().until(() -> counted.statements.get() > 8);
            later = CompletableFuture.supplyAsync(() -> rows.renewAll(both, LONG));
            assertThat(first.get(LONG.toMillis() / 4, TimeUnit.MILLISECONDS)).isEqualTo(Map.of("a/0", true));
            assertThat(later).isNotDone();
        }
        assertThat(later.get(1, TimeUnit.MINUTES)).containsEntry("a/1", true);
        rows.close();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "MYSQL")
    @DisplayName("SP-4: a healthy round is one statement for five hundred holds, on MariaDB two")
    void aHealthyRoundIsOneStatement(Dialect dialect) throws Exception {
        LockRowsTest.Counted counted = new LockRowsTest.Counted(DATABASES.source(dialect));
        LockRows rows = LockRowsTest.rows(counted.source(), settings(), dialect);
        Map<String, String> all = held(dialect, 500, LONG.dividedBy(2));
        counted.statements.set(0);
        assertThat(rows.renewAll(all, LONG)).hasSize(500).doesNotContainValue(false);
        assertThat(counted.statements).hasValue(dialect == Dialect.MARIADB ? 2 : 1);
        rows.close();
    }

    /** Rows of locks that are held, without a connection for each. */
    private Map<String, String> held(Dialect dialect, int number, Duration left) throws SQLException {
        Map<String, String> names = new LinkedHashMap<>();
        try (Connection connection = DATABASES.source(dialect).getConnection();
                PreparedStatement row = connection.prepareStatement("INSERT INTO " + table
                        + " (prefix, name, holder, label, token, since_us, until_us, past)"
                        + " VALUES ('holdfast', ?, ?, '', 1, 0, " + dialect.now() + " + " + left.toNanos() / 1000
                        + ", '')")) {
            for (int i = 0; i < number; i++) {
                row.setString(1, "n" + i);
                row.setString(2, "a/" + i);
                row.addBatch();
                names.put("a/" + i, "n" + i);
            }
            row.executeBatch();
        }
        return names;
    }
}
