// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockConfigException;
import io.holdfast.LockLostException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** FT-8 on one database: who is no longer the newest holder changes nothing. */
abstract class FencedDataSourceCases {
    private static final String LOCK = "Account/42 ";

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicLong token = new AtomicLong();
    private DataSource source;
    private FencedDataSource fenced;

    abstract DataSource database();

    /** A statement that asks until the row of the fence is waited for by somebody. */
    abstract String waiting();

    @BeforeEach
    void make() throws SQLException {
        source = database();
        fenced = FencedDataSource.of(source);
        change("DROP TABLE IF EXISTS account");
        change("DROP TABLE IF EXISTS holdfast_fence");
        change("CREATE TABLE account (id INT PRIMARY KEY, balance BIGINT NOT NULL)");
        change("INSERT INTO account VALUES (42, 0)");
        change(fenced.createStatement());
    }

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    private void change(String text) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(text);
        }
    }

    private long asked(String question) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(question)) {
            return row.next() ? row.getLong(1) : -1;
        }
    }

    private long balance() throws SQLException {
        return asked("SELECT balance FROM account");
    }

    /** In a transaction that goes on, under a token. */
    private Connection begun(long under, long balance) throws SQLException {
        Connection connection = fenced.under(LOCK, () -> under).getConnection();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("UPDATE account SET balance = " + balance);
            return connection;
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    private void written(long under, long balance) throws SQLException {
        try (Connection connection = begun(under, balance)) {
            connection.commit();
        }
    }

    @Test
    @DisplayName("FT-8: after a newer holder's transaction the older one changes nothing")
    void olderIsRefused() throws SQLException {
        written(33, 1);
        written(33, 2);
        written(34, 3);
        assertThatThrownBy(() -> written(33, 4))
                .isInstanceOf(LockLostException.class)
                .hasMessageContaining("token 34")
                .hasMessageContaining("fencing token 33");
        assertThat(balance()).isEqualTo(3);
        assertThat(asked("SELECT token FROM holdfast_fence")).isEqualTo(34);
    }

    @Test
    @DisplayName("FT-8: a statement that was prepared in an earlier transaction is refused in the next")
    void eachTransactionIsFenced() throws SQLException {
        try (Connection connection = fenced.under(LOCK, () -> 33).getConnection()) {
            connection.setAutoCommit(false);
            try (PreparedStatement statement = connection.prepareStatement("UPDATE account SET balance = ?")) {
                statement.setLong(1, 1);
                statement.executeUpdate();
                assertThat(statement.getConnection()).isSameAs(connection);
                connection.commit();
                written(34, 2);
                statement.setLong(1, 3);
                assertThatThrownBy(statement::executeUpdate).isInstanceOf(LockLostException.class);
                statement.addBatch();
                assertThatThrownBy(statement::executeBatch).isInstanceOf(LockLostException.class);
            }
            connection.rollback();
        }
        assertThat(balance()).isEqualTo(2);
    }

    @Test
    @DisplayName("FT-8: a newer holder waits for the transaction of one that stopped in it, and is told of nothing")
    void newerWaitsForTheOlder() throws Exception {
        written(32, 0);
        Future<?> newer;
        try (Connection stopped = begun(33, 1)) {
            newer = threads.submit(() -> {
                written(34, 2);
                return null;
            });
            waitsForTheRow();
            assertThat(newer.isDone()).isFalse();
            stopped.commit();
        }
        newer.get(30, TimeUnit.SECONDS);
        assertThat(balance()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                Connection.TRANSACTION_READ_COMMITTED,
                Connection.TRANSACTION_REPEATABLE_READ,
                Connection.TRANSACTION_SERIALIZABLE
            })
    @DisplayName("FT-8: an older holder that waited for the newer one's transaction is refused after it")
    void olderThatWaitedIsRefused(int isolation) throws Exception {
        written(32, 0);
        Future<?> older;
        try (Connection newer = begun(34, 2)) {
            older = threads.submit(() -> {
                try (Connection connection = fenced.under(LOCK, () -> 33).getConnection()) {
                    connection.setTransactionIsolation(isolation);
                    connection.setAutoCommit(false);
                    connection.createStatement().executeUpdate("UPDATE account SET balance = 1");
                    connection.commit();
                }
                return null;
            });
            waitsForTheRow();
            newer.commit();
        }
        assertThatThrownBy(() -> older.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(LockLostException.class);
        assertThat(balance()).isEqualTo(2);
    }

    private void waitsForTheRow() throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (asked(waiting()) <= 0) {
            assertThat(System.nanoTime() - end)
                    .as("nobody waits for the row of the fence")
                    .isNegative();
            Thread.onSpinWait();
        }
    }

    @Test
    @DisplayName("FT-8: going back to a savepoint does not go back behind the fence")
    void savepointsStandBehindTheFence() throws SQLException {
        try (Connection connection = fenced.under(LOCK, () -> 33).getConnection()) {
            connection.setAutoCommit(false);
            Savepoint savepoint = connection.setSavepoint();
            connection.createStatement().executeUpdate("UPDATE account SET balance = 1");
            connection.rollback(savepoint);
            connection.commit();
        }
        assertThat(asked("SELECT token FROM holdfast_fence")).isEqualTo(33);
        assertThat(balance()).isZero();
    }

    @Test
    @DisplayName("FT-8: without a transaction nothing is done")
    void autoCommitIsRefused() throws SQLException {
        try (Connection connection = fenced.under(LOCK, () -> 33).getConnection();
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.executeUpdate("UPDATE account SET balance = 1"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("setAutoCommit(false)");
        }
        assertThat(balance()).isZero();
    }

    @Test
    @DisplayName("FT-8: who knows of the loss, or has another hold by now, commits nothing")
    void commitAsksOnceMore() throws SQLException {
        token.set(33);
        try (Connection connection = fenced.under(LOCK, this::held).getConnection()) {
            for (long now : new long[] {0, 34}) {
                token.set(33);
                connection.setAutoCommit(false);
                connection.createStatement().executeUpdate("UPDATE account SET balance = 1");
                token.set(now);
                assertThatThrownBy(connection::commit).isInstanceOf(IllegalMonitorStateException.class);
                token.set(33);
                connection.createStatement().executeUpdate("UPDATE account SET balance = 1");
                token.set(now);
                assertThatThrownBy(() -> connection.setAutoCommit(true))
                        .isInstanceOf(IllegalMonitorStateException.class);
            }
        }
        assertThat(balance()).isZero();
    }

    /** As {@code DistributedLock::fencingToken}. */
    private long held() {
        long now = token.get();
        if (now == 0) {
            throw new IllegalMonitorStateException("not held");
        }
        return now;
    }

    @Test
    @DisplayName(
            "FT-8: a connection that is closed in its transaction leaves nothing of it, where closing commits, too")
    void closeRollsBack() throws SQLException {
        begun(33, 1).close();
        assertThat(balance()).isZero();
        fenced = FencedDataSource.of(committing());
        begun(33, 1).close();
        assertThat(balance()).isZero();
        written(33, 2);
        assertThat(balance()).isEqualTo(2);
    }

    @Test
    @DisplayName("FT-8: saying once more that there is no auto-commit begins no transaction")
    void autoCommitThatStaysOffEndsNothing() throws SQLException {
        token.set(33);
        try (Connection connection = fenced.under(LOCK, this::held).getConnection()) {
            connection.setAutoCommit(false);
            connection.createStatement().executeUpdate("UPDATE account SET balance = 1");
            connection.setAutoCommit(false);
            token.set(34);
            connection.createStatement().executeUpdate("UPDATE account SET balance = balance + 1");
            assertThatThrownBy(connection::commit).isInstanceOf(LockLostException.class);
        }
        assertThat(balance()).isZero();
    }

    @Test
    @DisplayName("FT-8: a connection that cannot roll back is closed all the same")
    void brokenConnectionsGoBack() throws SQLException {
        written(32, 0);
        Connection inside = source.getConnection();
        Connection broken = (Connection) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("rollback")) {
                        throw new SQLException("broken");
                    }
                    return method.invoke(inside, arguments);
                });
        Connection connection = new FencedConnection(
                        broken, new FenceRow(FencedDataSource.TABLE), new FenceToken(LOCK, () -> 33))
                .outside();
        connection.setAutoCommit(false);
        connection.createStatement().executeUpdate("UPDATE account SET balance = 1");
        assertThatThrownBy(connection::close).hasMessage("broken");
        assertThat(inside.isClosed()).isTrue();
    }

    /** As some databases do. */
    private DataSource committing() {
        return around(DataSource.class, source);
    }

    private <T> T around(Class<T> type, T inside) {
        return type.cast(Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    if (method.getName().equals("close") && !((Connection) inside).getAutoCommit()) {
                        ((Connection) inside).commit();
                    }
                    Object answer = method.invoke(inside, arguments);
                    return answer instanceof Connection made ? around(Connection.class, made) : answer;
                }));
    }

    @Test
    @DisplayName("FT-8: of many that meet at a name's first transaction each is served or refused by its token")
    void firstUseByMany() throws Exception {
        for (int round = 1; round <= 20; round++) {
            meetAtFirstUse("new/" + round);
            assertThat(asked("SELECT COUNT(*) FROM holdfast_fence")).isEqualTo(round);
        }
    }

    private void meetAtFirstUse(String name) throws Exception {
        int many = 8;
        CountDownLatch start = new CountDownLatch(1);
        Future<?>[] all = new Future<?>[many];
        for (int i = 0; i < many; i++) {
            long mine = i + 1L;
            all[i] = threads.submit(() -> {
                start.await();
                try (Connection connection = fenced.under(name, () -> mine).getConnection()) {
                    connection.setAutoCommit(false);
                    connection.createStatement().executeUpdate("UPDATE account SET balance = " + mine);
                    connection.commit();
                } catch (LockLostException refused) {
                    assertThat(refused.loss().fencingToken()).isEqualTo(mine);
                }
                return null;
            });
        }
        start.countDown();
        for (Future<?> one : all) {
            one.get(30, TimeUnit.SECONDS);
        }
        assertThat(balance()).isEqualTo(many);
    }

    @Test
    @DisplayName("FT-8: names that a database could take for one have fences of their own")
    void namesAreTheirOwn() throws SQLException {
        written(33, 1);
        for (String other : new String[] {LOCK.trim(), LOCK.toLowerCase(java.util.Locale.ROOT), LOCK + " "}) {
            try (Connection connection = fenced.under(other, () -> 7).getConnection()) {
                connection.setAutoCommit(false);
                connection.createStatement().executeUpdate("UPDATE account SET balance = 2");
                connection.commit();
            }
        }
        assertThat(asked("SELECT COUNT(*) FROM (SELECT DISTINCT LOWER(TRIM(name)) FROM holdfast_fence) AS t"))
                .isEqualTo(4);
    }

    @Test
    @DisplayName("FT-8: names as long as they may be, alike to their last letter, have fences of their own")
    void longNamesAreTheirOwn() throws SQLException {
        String stem = "A/".repeat(255);
        for (String name : new String[] {stem + "a", stem + "b", stem}) {
            try (Connection connection = fenced.under(name, () -> 7).getConnection()) {
                connection.setAutoCommit(false);
                connection.createStatement().executeUpdate("UPDATE account SET balance = 2");
                connection.commit();
            }
        }
        assertThat(asked("SELECT COUNT(*) FROM holdfast_fence")).isEqualTo(3);
    }

    @Test
    void tableOfAnotherName() throws SQLException {
        FencedDataSource other = fenced.withTable("reports_fence");
        change("DROP TABLE IF EXISTS reports_fence");
        change(other.createStatement());
        try (Connection connection = other.under(LOCK, () -> 5).getConnection()) {
            connection.setAutoCommit(false);
            connection.createStatement().executeUpdate("UPDATE account SET balance = 2");
            connection.commit();
        }
        assertThat(asked("SELECT token FROM reports_fence")).isEqualTo(5);
        assertThatThrownBy(() -> fenced.withTable("fence; DROP TABLE account"))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("letters, digits");
    }
}
