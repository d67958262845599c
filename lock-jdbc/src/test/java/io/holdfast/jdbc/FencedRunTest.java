// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import io.holdfast.LockLostException;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** FT-8 with real holds, on a pool of the application's. */
class FencedRunTest {
    private static final String LOCK = "account/42";

    /** More by {@code -Dfence.rounds=10000}. */
    private static final int ROUNDS = Integer.getInteger("fence.rounds", 300);

    private static final long SEED = 20261130;

    private static StoreServer server;
    private static HikariDataSource pool;
    private static LockClient stopped;
    private static LockClient next;

    private final FencedDataSource fenced = FencedDataSource.of(pool);

    @BeforeAll
    static void start() throws SQLException {
        server = StoreKind.POSTGRESQL_15.spec().start();
        String url = "jdbc:postgresql://127.0.0.1:" + server.node(1).address().getPort() + "/postgres";
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url + "?user=root");
        config.setMaximumPoolSize(2);
        pool = new HikariDataSource(config);
        stopped = LockClient.open(url + "?user=root&create-table=true");
        next = LockClient.open(url + "?user=root");
        change("CREATE TABLE account (id INT PRIMARY KEY, balance BIGINT NOT NULL)");
        change("INSERT INTO account VALUES (42, 0)");
        change(FencedDataSource.of(pool).createStatement());
    }

    @AfterAll
    static void stop() {
        next.close();
        stopped.close();
        pool.close();
        server.close();
    }

    @BeforeEach
    void empty() throws SQLException {
        change("UPDATE account SET balance = 0");
    }

    private static void change(String text) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            changed(connection, text);
        }
    }

    private static void changed(Connection connection, String text) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(text);
        }
    }

    private static long balance(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT balance FROM account")) {
            row.next();
            return row.getLong(1);
        }
    }

    private static long balance() throws SQLException {
        try (Connection connection = pool.getConnection()) {
            return balance(connection);
        }
    }

    @Test
    @DisplayName(
            "FT-8: what is done under a hold is committed, what fails is not, and the connection goes back as it was")
    void runs() throws Exception {
        try (LockHandle hold = stopped.acquire(LOCK)) {
            fenced.run(hold, connection -> changed(connection, "UPDATE account SET balance = 1"));
            assertThat(fenced.<Long, RuntimeException>call(hold, FencedRunTest::balance))
                    .isEqualTo(1);
            assertThatThrownBy(() -> fenced.run(hold, connection -> {
                        changed(connection, "UPDATE account SET balance = 2");
                        throw new IOException("of the work");
                    }))
                    .isInstanceOf(IOException.class)
                    .hasNoSuppressedExceptions();
            assertThatThrownBy(() -> fenced.run(hold, connection -> changed(connection, "no SQL")))
                    .isInstanceOf(SQLException.class);
        }
        assertThat(balance()).isEqualTo(1);
        try (Connection connection = pool.getConnection()) {
            assertThat(connection.getAutoCommit()).isTrue();
        }
    }

    @Test
    @DisplayName("FT-8: a hold that ends during the work vetoes its commit")
    void lossDuringTheWork() throws Exception {
        LockHandle hold = stopped.acquire(LOCK);
        assertThatThrownBy(() -> fenced.run(hold, connection -> {
                    changed(connection, "UPDATE account SET balance = 1");
                    hold.release();
                }))
                .isInstanceOf(LockLostException.class);
        assertThatThrownBy(() -> fenced.run(hold, connection -> changed(connection, "UPDATE account SET balance = 2")))
                .isInstanceOf(LockLostException.class);
        assertThat(balance()).isZero();
    }

    /** A step of the work, by either way. */
    private interface Work {
        void in(LockHandle hold, FencedAction<RuntimeException> action) throws SQLException;
    }

    private void bare(LockHandle hold, FencedAction<RuntimeException> action) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            action.on(connection);
            connection.commit();
        }
    }

    /**
     * Each round somebody stops under the lock, before the transaction or after what he has read in it, loses the lock to another, who
     * adds one, and goes on. He has not heard of his loss: his own way to ask is left out, as between the question and the write.
     */
    private long lost(Work work) throws Exception {
        Random random = new Random(SEED);
        long committed = 0;
        for (int i = 0; i < ROUNDS; i++) {
            LockHandle old = stopped.acquire(LOCK);
            long read = balance();
            next.lock(LOCK).forceUnlock();
            if (random.nextInt(3) > 0) {
                try (LockHandle hold = next.acquire(LOCK)) {
                    work.in(
                            hold,
                            connection ->
                                    changed(connection, "UPDATE account SET balance = " + (balance(connection) + 1)));
                    committed++;
                }
            }
            LockHandle unaware = new Unaware(old);
            try {
                work.in(unaware, connection -> changed(connection, "UPDATE account SET balance = " + (read + 1)));
                committed++;
            } catch (LockLostException refused) {
                assertThat(refused.loss().fencingToken()).isEqualTo(old.fencingToken());
            }
            old.release();
        }
        return committed - balance();
    }

    @Test
    @DisplayName("FT-8: no update is lost behind the fence, and some are without it")
    void noUpdateIsLost() throws Exception {
        assertThat(lost(fenced::run)).isZero();
        change("UPDATE account SET balance = 0");
        assertThat(lost(this::bare)).isGreaterThan(ROUNDS / 4);
    }
}
