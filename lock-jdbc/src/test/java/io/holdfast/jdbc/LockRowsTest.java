// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.ForceOutcome;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What becomes of a row, statement by statement. The kit judges the rest on each database. */
class LockRowsTest {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final Duration LEASE = Duration.ofMinutes(1);

    private final JdbcDataSource database = new JdbcDataSource();
    private final Counted counted = new Counted(database);
    private final LockRows rows;

    LockRowsTest() {
        database.setURL("jdbc:h2:mem:rows" + NUMBER.incrementAndGet() + ";DB_CLOSE_DELAY=-1");
        rows = rows(counted.source(), JdbcSettings.DEFAULTS.withCreateTable(true));
    }

    @AfterEach
    void close() {
        rows.close();
    }

    static LockRows rows(DataSource source, JdbcSettings settings) {
        return rows(source, settings, Dialect.H2);
    }

    static LockRows rows(DataSource source, JdbcSettings settings, Dialect dialect) {
        Lanes lanes = new Lanes(source, null, new Failures("a database"), settings.connections());
        JdbcSettings making = settings.withCreateTable(true);
        TablePlace place = lanes.attempts()
                .ask("create", settings.operationTimeout(), connection -> TablePlace.of(connection, dialect, making));
        Statements statements = new Statements(dialect, place.text());
        return new LockRows(new LockRows.Parts(
                lanes,
                settings,
                statements,
                "a database",
                new Diagnosis(
                        place,
                        statements,
                        new JdbcBackend.Way("a database", List.of(), () -> false, () -> {}),
                        () -> 0),
                () -> {}));
    }

    /** Counts the statements that are made. */
    static final class Counted {
        final AtomicInteger statements = new AtomicInteger();
        private final DataSource database;

        /** Done once, before the third statement that is made from then on. */
        volatile @Nullable Runnable beforeThird;

        private int since;

        Counted(DataSource database) {
            this.database = database;
        }

        DataSource source() {
            return (DataSource) Proxy.newProxyInstance(
                    getClass().getClassLoader(),
                    new Class<?>[] {DataSource.class},
                    (proxy, method, arguments) -> counted(database.getConnection()));
        }

        private synchronized void meanwhile() {
            Runnable step = beforeThird;
            if (step != null && ++since == 3) {
                beforeThird = null;
                step.run();
            }
        }

        private Object counted(Connection connection) {
            return Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                        if (method.getName().equals("prepareStatement")) {
                            statements.incrementAndGet();
                            meanwhile();
                        }
                        try {
                            return method.invoke(connection, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
        }
    }

    private int statements(Runnable step) {
        counted.statements.set(0);
        step.run();
        return counted.statements.get();
    }

    private int change(String text) throws SQLException {
        try (Connection connection = database.getConnection();
                var statement = connection.createStatement()) {
            return statement.executeUpdate(text);
        }
    }

    private OptionalLong take(String holder) {
        return rows.tryAcquire("n", holder, "me", LEASE);
    }

    @Test
    void oneStatementForTheUsualCase() {
        assertThat(statements(() -> take("a/1"))).as("the first of a name").isEqualTo(3);
        assertThat(statements(() -> take("b/1"))).as("of one that is held").isEqualTo(2);
        assertThat(statements(() -> rows.release("n", "a/1"))).as("a release").isEqualTo(1);
        assertThat(statements(() -> take("a/2"))).as("of one that is free").isEqualTo(1);
        assertThat(statements(() -> rows.renew("n", "a/2", LEASE)))
                .as("a renewal")
                .isEqualTo(1);
    }

    /** UO-2, UO-4: whatever ended it, and however many came after it. */
    @Test
    void whatWasGrantedOrWithdrawnIsNotGrantedAgain() throws SQLException {
        assertThat(rows.release("n", "early/1")).as("withdrawn before it came").isFalse();
        assertThat(take("early/1")).isEmpty();
        long token = take("a/1").orElseThrow();
        assertThat(take("a/1")).as("a copy while it holds").hasValue(token);
        assertThat(rows.forceRelease("n", OptionalLong.empty())).isEqualTo(ForceOutcome.RELEASED);
        assertThat(take("a/1")).as("a copy after force").isEmpty();
        assertThat(take("b/1")).isPresent();
        change("UPDATE holdfast_locks SET until_us = 1");
        assertThat(take("b/1")).as("a copy after its lease").isEmpty();
        assertThat(rows.release("n", "b/1")).as("a release after its lease").isFalse();
        for (int i = 2; i < 70; i++) {
            assertThat(take("a/" + i)).isPresent();
            assertThat(rows.release("n", "a/" + i)).isTrue();
        }
        assertThat(take("b/1")).as("a copy after seventy others").isEmpty();
        assertThat(take("early/1")).isEmpty();
    }

    /** Its row is made by another's withdrawal, just before it makes it itself. */
    @Test
    @DisplayName("a name that nobody ever held is free, also while another's first request is withdrawn")
    void aRowThatAWithdrawalMakesMeanwhileIsFree() {
        LockRows others = rows(database, JdbcSettings.DEFAULTS);
        counted.beforeThird = () -> assertThat(others.release("n", "b/1")).isFalse();
        assertThat(take("a/1")).isPresent();
        assertThat(counted.beforeThird).as("it came between").isNull();
        others.close();
    }

    @Test
    void aTokenGoesUpAlsoWhenTheClockGoesBackOrTheRowIsForgotten() throws SQLException {
        long first = take("a/1").orElseThrow();
        rows.release("n", "a/1");
        change("UPDATE holdfast_locks SET token = token + 3600000000"); // as if given out an hour ahead
        long second = take("a/2").orElseThrow();
        assertThat(second).isEqualTo(first + 3_600_000_001L);
        rows.release("n", "a/2");
        change("UPDATE holdfast_locks SET token = " + first);
        change("DELETE FROM holdfast_locks");
        assertThat(take("a/3").orElseThrow()).isGreaterThan(first);
    }

    @Test
    void oneHolderIsRenewedAndReleasedByNoOther() {
        take("a/1");
        assertThat(rows.renew("n", "a/2", LEASE)).isFalse();
        assertThat(rows.release("n", "a/2")).isFalse();
        assertThat(rows.inspect("n")).hasSize(1);
        assertThat(rows.forceRelease("n", OptionalLong.of(1))).isEqualTo(ForceOutcome.MOVED_ON);
        assertThat(rows.forceRelease("m", OptionalLong.of(1))).isEqualTo(ForceOutcome.NOT_HELD);
        assertThat(rows.renew("n", "a/1", LEASE)).isTrue();
    }

    /** Its clock is that of its transaction's beginning. */
    @Test
    @DisplayName("ME-7: a renewal that the database carries out late ends no lease before its time")
    void aLateRenewalShortensNothing() throws Exception {
        new LateRenewal(rows, database, new Statements(Dialect.H2, "holdfast_locks"))
                .shortensNothing("SELECT CURRENT_TIMESTAMP");
    }

    /** A row that nobody has used for longer than the retention, and only that one. */
    @Test
    void unusedRowsAreForgotten() throws Exception {
        JdbcSettings soon = JdbcSettings.DEFAULTS.withTokenRetention(Duration.ofMinutes(1));
        LockRows others = rows(counted.source(), soon);
        Statements statements = new Statements(Dialect.H2, soon.table());
        others.tryAcquire("old", "a/1", "me", LEASE);
        others.release("old", "a/1");
        others.tryAcquire("held", "a/2", "me", LEASE);
        others.tryAcquire("new", "a/3", "me", LEASE);
        others.release("new", "a/3");
        change("UPDATE holdfast_locks SET until_us = until_us - 61000000 WHERE name = 'old'");
        try (Connection connection = database.getConnection();
                var forget = connection.prepareStatement(statements.forget)) {
            forget.setString(1, "holdfast");
            forget.setLong(2, 60_000_000);
            assertThat(forget.executeUpdate()).isEqualTo(1);
        }
        assertThat(change("DELETE FROM holdfast_locks WHERE name = 'old'")).isZero();
        assertThat(change("DELETE FROM holdfast_locks WHERE name IN ('held', 'new')"))
                .isEqualTo(2);
        others.close();
    }
}
