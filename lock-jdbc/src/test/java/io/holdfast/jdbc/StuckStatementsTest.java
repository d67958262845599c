// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.LockLoss;
import io.holdfast.ReleaseOutcome;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A database that answers no statement that takes a lock. */
class StuckStatementsTest {
    /** A machine that is busy with all that fails here at once must not be what loses the hold. */
    private static final Duration LEASE = Duration.ofSeconds(4);

    /** Far more than threads and connections that attempts may have. */
    private static final int ATTEMPTS = 400;

    private final JdbcDataSource database = new JdbcDataSource();
    private final CountDownLatch end = new CountDownLatch(1);
    private final CountDownLatch met = new CountDownLatch(JdbcSettings.DEFAULTS.connections());
    private volatile boolean stuck;

    @Test
    @DisplayName(
            "KE-3: statements that are not answered, in whatever number, keep no renewal and no release from a connection")
    void holdsAreKept() throws Exception {
        database.setURL("jdbc:h2:mem:stuck;DB_CLOSE_DELAY=-1");
        JdbcSettings settings = JdbcSettings.DEFAULTS.withCreateTable(true);
        LockConfig config = LockConfig.of("jdbc:h2:mem:stuck").withLease(LEASE);
        try (LockClient client = LockClient.open(JdbcBackend.using(source(), settings), config)) {
            LockHandle hold = client.acquire("mine");
            CompletableFuture<LockLoss> lost = new CompletableFuture<>();
            hold.onLost(lost::complete);
            stuck = true;
            for (int i = 0; i < ATTEMPTS; i++) {
                client.acquireAsync("stuck-" + i);
            }

            assertThat(met.await(1, TimeUnit.MINUTES)).isTrue();
            assertThatThrownBy(() -> lost.get(LEASE.toMillis() * 2, TimeUnit.MILLISECONDS))
                    .isInstanceOf(TimeoutException.class);
            assertThat(hold.release()).isEqualTo(ReleaseOutcome.RELEASED);
            stuck = false;
            end.countDown();
        } finally {
            end.countDown();
        }
    }

    private DataSource source() {
        return proxy(DataSource.class, (method, values) -> {
            Connection connection = database.getConnection();
            return proxy(Connection.class, (asked, arguments) -> {
                Object made = invoke(connection, asked, arguments);
                boolean takes = asked.getName().equals("prepareStatement")
                        && String.valueOf(arguments[0]).contains("SET holder = ?");
                return takes ? stuck((PreparedStatement) made) : made;
            });
        });
    }

    private PreparedStatement stuck(PreparedStatement statement) {
        return proxy(PreparedStatement.class, (method, arguments) -> {
            if (stuck && method.getName().startsWith("execute")) {
                met.countDown();
                end.await();
            }
            return invoke(statement, method, arguments);
        });
    }

    private interface Call {
        Object answer(Method method, Object[] arguments) throws Throwable;
    }

    private static <T> T proxy(Class<T> type, Call call) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, values) -> call.answer(method, values)));
    }

    private static Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
