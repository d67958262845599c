// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.LockTimeoutException;
import io.holdfast.ReleaseOutcome;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A connection to PostgreSQL that is cut at each statement of an acquisition, a renewal and a release: before the server has it, or before
 * its answer.
 */
class CutConnectionTest {
    private static final Duration LEASE = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final AtomicInteger NAMES = new AtomicInteger();

    private static StoreServer server;
    private static final PGSimpleDataSource DATABASE = new PGSimpleDataSource();
    private static final Cutting CUTTING = new Cutting(DATABASE);
    private static LockClient client;
    private static LockClient other;

    @BeforeAll
    static void start() {
        server = StoreKind.POSTGRESQL_15.spec().start();
        DATABASE.setUrl("jdbc:postgresql://" + server.node(1).endpoint() + "/postgres?user=root");
        LockConfig config = LockConfig.load().withLease(LEASE);
        JdbcSettings settings = JdbcSettings.DEFAULTS.withCreateTable(true);
        client = LockClient.open(JdbcBackend.using(CUTTING.source(), settings), config);
        other = LockClient.open(JdbcBackend.using(DATABASE, settings), config);
    }

    @AfterAll
    static void stop() {
        client.close();
        other.close();
        server.close();
    }

    /** Cuts one connection at one statement. */
    private static final class Cutting {
        private final DataSource database;
        private final AtomicInteger statements = new AtomicInteger();
        private volatile int cutAt;
        private volatile boolean answerOnly;

        Cutting(DataSource database) {
            this.database = database;
        }

        void at(int statement, boolean beforeItsAnswer) {
            answerOnly = beforeItsAnswer;
            statements.set(0);
            cutAt = statement;
        }

        /** Whether there was such a statement. */
        boolean end() {
            boolean cut = cutAt == 0;
            cutAt = 0;
            return cut;
        }

        DataSource source() {
            return proxy(DataSource.class, (method, arguments) -> {
                Connection connection = database.getConnection();
                return proxy(Connection.class, (asked, values) -> {
                    Object made = invoke(connection, asked, values);
                    return made instanceof PreparedStatement statement ? cut(connection, statement) : made;
                });
            });
        }

        private PreparedStatement cut(Connection connection, PreparedStatement statement) {
            return proxy(PreparedStatement.class, (method, arguments) -> {
                if (!method.getName().matches("execute(Query|Update)?") || statements.incrementAndGet() != cutAt) {
                    return invoke(statement, method, arguments);
                }
                cutAt = 0;
                if (answerOnly) {
                    invoke(statement, method, arguments);
                }
                connection.abort((Executor) Runnable::run);
                throw new SQLException("the test has cut the connection", "08006");
            });
        }

        private interface Call {
            Object answer(Method method, Object[] arguments) throws Throwable;
        }

        private static <T> T proxy(Class<T> type, Call call) {
            return type.cast(Proxy.newProxyInstance(
                    type.getClassLoader(),
                    new Class<?>[] {type},
                    (proxy, method, values) -> call.answer(method, values)));
        }

        private static Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
            try {
                return method.invoke(target, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }
    }

    static List<Arguments> cuts() {
        List<Arguments> cuts = new ArrayList<>();
        for (int statement = 1; statement <= 3; statement++) {
            cuts.add(Arguments.of(statement, false));
            cuts.add(Arguments.of(statement, true));
        }
        return cuts;
    }

    @ParameterizedTest
    @MethodSource("cuts")
    @DisplayName("WA-6, UO-2: a wait goes on past a cut, and holds once")
    void acquisitions(int statement, boolean beforeItsAnswer) throws Exception {
        for (boolean fresh : List.of(true, false)) {
            String name = "cut-" + NAMES.incrementAndGet();
            long before = fresh ? 0 : released(name);
            CUTTING.at(statement, beforeItsAnswer);
            try (LockHandle hold = client.acquire(name, PATIENCE)) {
                boolean cut = CUTTING.end();
                assertThat(cut || !fresh)
                        .as("a name's first lock is three statements")
                        .isTrue();
                assertThat(hold.fencingToken()).isGreaterThan(before);
                assertThat(other.tryAcquire(name)).isEmpty();
                before = hold.fencingToken();
            }
            // Neither the hold nor an attempt of which nothing was heard is left in the way.
            assertThat(released(name)).isGreaterThan(before);
        }
    }

    private static long released(String name) throws InterruptedException {
        try (LockHandle next = other.acquire(name, PATIENCE)) {
            return next.fencingToken();
        }
    }

    @ParameterizedTest
    @MethodSource("cuts")
    @DisplayName("UO-1, UO-3: a release that is cut is not called done before it is, and frees the lock")
    void releases(int statement, boolean beforeItsAnswer) throws Exception {
        String name = "cut-" + NAMES.incrementAndGet();
        LockHandle hold = client.acquire(name, PATIENCE);
        CUTTING.at(statement, beforeItsAnswer);
        ReleaseOutcome outcome = hold.release();
        boolean cut = CUTTING.end();
        assertThat(cut).as("a release is one statement").isEqualTo(statement == 1);
        assertThat(outcome).isEqualTo(cut ? ReleaseOutcome.UNKNOWN : ReleaseOutcome.RELEASED);
        assertThat(hold.isValid()).isFalse();
        assertThat(released(name)).isGreaterThan(hold.fencingToken());
    }

    @ParameterizedTest
    @MethodSource("cuts")
    @DisplayName("KE-2: a renewal that is cut costs no hold")
    void renewals(int statement, boolean beforeItsAnswer) throws Exception {
        String name = "cut-" + NAMES.incrementAndGet();
        try (LockHandle hold = client.acquire(name, PATIENCE)) {
            CUTTING.at(statement, beforeItsAnswer);
            assertThatThrownBy(() -> other.acquire(name, LEASE.multipliedBy(2)))
                    .isInstanceOf(LockTimeoutException.class);
            assertThat(CUTTING.end()).as("renewals in two leases").isTrue();
            assertThat(hold.isValid()).isTrue();
        }
    }
}
