// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockConfigException;
import io.holdfast.LockDeniedException;
import io.holdfast.LockHandle;
import io.holdfast.StoreFinding;
import io.holdfast.lab.server.Credentials;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mariadb.jdbc.MariaDbDataSource;

/** What MariaDB says in words of its own; the kit judges the rest. */
class MariadbTest {
    private static final Duration LEASE = Duration.ofMinutes(1);

    private static StoreServer server;
    private static Rows administrator;

    @BeforeAll
    static void start() {
        server = StoreKind.MARIADB_10_11.spec().withCredentials().start();
        administrator = new Rows(url("holdfast") + "?sslMode=disable", "root");
    }

    @AfterAll
    static void end() {
        administrator.close();
        server.close();
    }

    private static String url(String database) {
        return "jdbc:mariadb://127.0.0.1:" + server.node(1).address().getPort() + "/" + database;
    }

    private static LockConfig as(String database, String user, String password) {
        LockConfig config = LockConfig.of(url(database))
                .with("user", user)
                .with("connect-timeout", "4s")
                .with("operation-timeout", "2s");
        return password.isEmpty() ? config : config.with("password", password);
    }

    @Test
    void theRightsOfThePageAreEnoughAndFewerAreTold() throws Exception {
        Credentials who = server.credentials();
        assertThatThrownBy(() -> LockClient.open(as("holdfast", who.user(), "wrong-" + who.password())))
                .isInstanceOf(LockDeniedException.class)
                .hasMessageContaining("SQLState 28000")
                .hasMessageNotContaining(who.password());
        assertThatThrownBy(() -> LockClient.open(as("nothing", "root", "")))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("no such database");
        assertThatThrownBy(() -> LockClient.open(as("holdfast", "root", "").with("table", "rights")))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("no such table");

        LockClient.open(as("holdfast", "root", "").with("table", "rights").with("create-table", "true"))
                .close();
        LockConfig locker = as("holdfast", who.user(), who.password()).with("table", "rights");
        administrator.change("GRANT SELECT ON rights TO " + who.user());
        assertThatThrownBy(() -> {
                    try (LockClient client = LockClient.open(locker)) {
                        client.acquire("a");
                    }
                })
                .isInstanceOf(LockDeniedException.class)
                .hasMessageContaining("SQLState 42000");

        administrator.change("GRANT SELECT, INSERT, UPDATE, DELETE ON rights TO " + who.user());
        try (LockClient client = LockClient.open(locker);
                LockHandle hold = client.acquire("a")) {
            assertThat(hold.isValid()).isTrue();
            assertThat(client.list()).hasSize(1);
            assertThat(client.diagnose())
                    .extracting(StoreFinding::subject)
                    .containsAll(List.of("transport", "database", "clock", "durability", "role"));
        }
    }

    @Test
    void aServerThatTakesNoChangesIsFound() {
        administrator.change("SET GLOBAL read_only = ON");
        try (LockClient client =
                LockClient.open(as("holdfast", "root", "").with("table", "role").with("create-table", "true"))) {
            assertThat(client.diagnose())
                    .filteredOn(finding -> finding.subject().equals("role"))
                    .extracting(StoreFinding::verdict)
                    .containsExactly(StoreFinding.Verdict.UNSAFE);
        } finally {
            administrator.change("SET GLOBAL read_only = OFF");
        }
    }

    private static LockRows rows(LockRowsTest.Counted counted, String table) {
        return LockRowsTest.rows(
                counted.source(), JdbcSettings.DEFAULTS.withCreateTable(true).withTable(table), Dialect.MARIADB);
    }

    private static LockRowsTest.Counted counted(String parameters) throws SQLException {
        MariaDbDataSource source = new MariaDbDataSource(url("holdfast") + "?sslMode=disable" + parameters);
        source.setUser("root");
        return new LockRowsTest.Counted(source);
    }

    private static int asked(LockRowsTest.Counted counted, Runnable step) {
        counted.statements.set(0);
        step.run();
        return counted.statements.get();
    }

    @Test
    void aTokenComesWithTheStatementThatTakes() throws SQLException {
        LockRowsTest.Counted counted = counted("");
        LockRows rows = rows(counted, "counted");
        long first = rows.tryAcquire("n", "a/1", "me", LEASE).orElseThrow();
        assertThat(rows.tryAcquire("n", "a/1", "me", LEASE)).as("a copy").hasValue(first);
        assertThat(asked(counted, () -> rows.release("n", "a/1"))).isEqualTo(1);
        assertThat(asked(counted, () -> assertThat(
                                rows.tryAcquire("n", "a/2", "me", LEASE).orElseThrow())
                        .isGreaterThan(first)))
                .isEqualTo(1);
        assertThat(asked(counted, () -> assertThat(rows.tryAcquire("n", "b/1", "me", LEASE))
                        .isEmpty()))
                .isEqualTo(2);
        assertThat(asked(
                        counted, () -> assertThat(rows.renew("n", "a/2", LEASE)).isTrue()))
                .as("it does not answer with rows")
                .isEqualTo(2);
        rows.close();
    }

    /** UO-2: such a driver says of a second mark that it changed nothing. */
    @Test
    void aDriverThatCountsChangedRowsWillDo() throws SQLException {
        LockRows rows = rows(counted("&useAffectedRows=true"), "changed");
        assertThat(rows.release("n", "a/1")).isFalse();
        assertThat(rows.release("n", "a/1")).isFalse();
        assertThat(rows.tryAcquire("n", "a/1", "me", LEASE)).isEmpty();
        assertThat(rows.tryAcquire("n", "a/2", "me", LEASE)).isPresent();
        assertThat(rows.renew("n", "a/2", LEASE)).isTrue();
        rows.close();
    }

    /** Else a client's renewals would look at, and keep locked, the rows of all others. */
    @Test
    void aRenewalLooksAtItsOwnRowsOnly() throws SQLException {
        LockRows rows = rows(counted(""), "plan");
        for (int i = 0; i < 200; i++) {
            rows.tryAcquire("n" + i, "a/" + i, "me", LEASE);
        }
        rows.close();
        Statements statements = new Statements(Dialect.MARIADB, "plan");
        List<String> those = new ArrayList<>(List.of("1", "holdfast"));
        IntStream.of(3, 50, 120).forEach(i -> those.addAll(List.of("n" + i, "a/" + i)));
        try (Connection connection = counted("").source().getConnection();
                var explain = connection.prepareStatement("EXPLAIN " + statements.renew(3))) {
            for (int i = 0; i < those.size(); i++) {
                explain.setString(i + 1, those.get(i));
            }
            try (ResultSet plan = explain.executeQuery()) {
                assertThat(plan.next()).isTrue();
                assertThat(plan.getInt("rows")).isLessThan(20);
            }
        }
    }

    /** Its clock is that of the statement's beginning. */
    @Test
    @DisplayName("ME-7: a renewal that the database carries out late ends no lease before its time")
    void aLateRenewalShortensNothing() throws Exception {
        LockRows rows = rows(counted(""), "late");
        new LateRenewal(rows, counted("").source(), new Statements(Dialect.MARIADB, "late"))
                .shortensNothing("SET timestamp = UNIX_TIMESTAMP() - 10");
        rows.close();
    }

    @Test
    void leasesDoNotHangOnATimeZone() throws SQLException {
        Statements statements = new Statements(Dialect.MARIADB, "none");
        try (Connection connection = counted("").source().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("SET time_zone = '+11:00'");
            try (ResultSet row = statement.executeQuery(statements.clock)) {
                assertThat(row.next()).isTrue();
                assertThat(row.getLong(1) / 1_000_000).isCloseTo(System.currentTimeMillis() / 1000, within(3600L));
            }
        }
    }
}
