// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockConfigException;
import io.holdfast.LockHandle;
import io.holdfast.StoreFinding;
import io.holdfast.StoreFinding.Verdict;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A table's name that sessions take for different tables. */
class TablePlaceTest {
    private static final Databases DATABASES = new Databases();
    private static final String MAKE = "CREATE SCHEMA tenant";

    @AfterAll
    static void stop() {
        DATABASES.close();
    }

    private static void run(Dialect dialect, String... texts) throws SQLException {
        try (Connection connection = DATABASES.source(dialect).getConnection();
                Statement statement = connection.createStatement()) {
            for (String text : texts) {
                statement.execute(text);
            }
        }
    }

    /** What leads a session of each elsewhere. */
    private static String astray(Dialect dialect) {
        return switch (dialect) {
            case POSTGRESQL -> "SET search_path = tenant, public";
            case H2 -> "SET SCHEMA tenant";
            case MARIADB, MYSQL -> "USE tenant";
        };
    }

    /** Lent connections on which others have worked before, once they are led astray. */
    private static DataSource lent(Dialect dialect, boolean[] astray) throws SQLException {
        DataSource database = DATABASES.source(dialect);
        return (DataSource) Proxy.newProxyInstance(
                TablePlaceTest.class.getClassLoader(),
                new Class<?>[] {DataSource.class},
                (proxy, method, arguments) -> {
                    Connection connection = database.getConnection();
                    if (astray[0]) {
                        try (Statement statement = connection.createStatement()) {
                            statement.execute(astray(dialect));
                        }
                    }
                    return connection;
                });
    }

    private static LockClient client(DataSource source, JdbcSettings settings) {
        return LockClient.open(JdbcBackend.using(source, settings), LockConfig.of("jdbc:h2:mem:lent"));
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB", "H2"})
    @DisplayName("ME-1: a connection that is led to another schema leads to no other table")
    void aConnectionThatIsLedAstrayLeadsToNoOtherTable(Dialect dialect) throws Exception {
        JdbcSettings settings = JdbcSettings.DEFAULTS.withTable("astray").withCreateTable(true);
        boolean[] astray = {false};
        try (LockClient first = client(DATABASES.source(dialect), settings);
                LockClient second = client(lent(dialect, astray), settings)) {
            run(dialect, MAKE, astray(dialect), new Statements(dialect, "astray").creation());
            try (LockHandle hold = first.acquire("a")) {
                astray[0] = true;
                assertThat(second.tryAcquire("a")).isEmpty();
                assertThat(hold.isValid()).isTrue();
                assertThat(second.list()).hasSize(1);
            }
            try (LockHandle hold = second.acquire("a")) {
                assertThat(first.tryAcquire("a")).isEmpty();
                assertThat(hold.isValid()).isTrue();
            }
            Verdict warned = dialect == Dialect.MARIADB ? Verdict.OK : Verdict.WARNING;
            assertThat(table(second).verdict()).isEqualTo(warned);
            assertThat(table(second).toString()).containsIgnoringCase(".astray");
        } finally {
            run(dialect, "DROP SCHEMA tenant" + (dialect == Dialect.MARIADB ? "" : " CASCADE"));
        }
    }

    private static StoreFinding table(LockClient client) throws InterruptedException {
        return client.diagnose().stream()
                .filter(finding -> finding.subject().equals("table"))
                .findFirst()
                .orElseThrow();
    }

    /** A user with a schema of its own finds the table that is there, and makes none beside it. */
    @Test
    void aTableThatIsThereIsNotMadeAgainInAnotherSchema() throws Exception {
        Dialect dialect = Dialect.POSTGRESQL;
        JdbcSettings settings = JdbcSettings.DEFAULTS.withTable("once").withCreateTable(true);
        client(DATABASES.source(dialect), settings).close();
        run(dialect, "CREATE ROLE own LOGIN", "CREATE SCHEMA own AUTHORIZATION own", "GRANT ALL ON once TO own");
        PGSimpleDataSource source = (PGSimpleDataSource) DATABASES.source(dialect);
        source.setUser("own");
        try (LockClient root = client(DATABASES.source(dialect), settings);
                LockClient own = client(source, settings);
                LockHandle hold = root.acquire("a")) {
            assertThat(own.tryAcquire("a")).isEmpty();
            assertThat(hold.isValid()).isTrue();
            assertThat(table(own)).isEqualTo(StoreFinding.ok("table", "locks are rows of public.once"));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRESQL", "MARIADB", "H2"})
    void aTableThatIsMissingIsTold(Dialect dialect) throws SQLException {
        DataSource source = DATABASES.source(dialect);
        assertThatThrownBy(() -> JdbcBackend.using(source, JdbcSettings.DEFAULTS.withTable("missing")))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("no such table");
    }
}
