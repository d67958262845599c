// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockException;
import io.holdfast.LockHandle;
import io.holdfast.LockUnavailableException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;

/** A data source of the application's own. */
class LentSourceTest {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final JdbcSettings SETTINGS = JdbcSettings.DEFAULTS.withCreateTable(true);

    private final JdbcDataSource database = new JdbcDataSource();
    private final Set<Thread> askers = ConcurrentHashMap.newKeySet();
    private final AtomicInteger out = new AtomicInteger();
    private volatile boolean autoCommit = true;
    private volatile boolean keptByOthers;
    private final CountDownLatch end = new CountDownLatch(1);

    LentSourceTest() {
        database.setURL("jdbc:h2:mem:lent" + NUMBER.incrementAndGet() + ";DB_CLOSE_DELAY=-1");
    }

    /** As a pool does: it knows who asks, and gets back what it gave, as it gave it. */
    private DataSource source() {
        return (DataSource) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {DataSource.class}, (proxy, method, arguments) -> {
                    while (keptByOthers && end.getCount() > 0) {
                        try {
                            end.await();
                        } catch (InterruptedException ignored) {
                            // As a pool may that is asked beside others.
                        }
                    }
                    askers.add(Thread.currentThread());
                    Connection connection = database.getConnection();
                    connection.setAutoCommit(autoCommit);
                    out.incrementAndGet();
                    return pooled(connection);
                });
    }

    private Object pooled(Connection connection) {
        return Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("close")) {
                        assertThat(connection.getAutoCommit()).isEqualTo(autoCommit);
                        out.decrementAndGet();
                    }
                    try {
                        return method.invoke(connection, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private LockClient client() {
        return LockClient.open(JdbcBackend.using(source(), SETTINGS), LockConfig.of("jdbc:h2:mem:lent"));
    }

    /** A data source that is bound to transactions would hand this thread the transaction's connection. */
    @Test
    void noThreadOfTheApplicationAsksForAConnection() throws InterruptedException {
        try (LockClient client = client();
                LockHandle hold = client.acquire("a")) {
            assertThat(client.lock("a").inspect().isHeld()).isTrue();
            assertThat(hold.isValid()).isTrue();
        }
        assertThat(askers).isNotEmpty().allMatch(thread -> thread.getName().startsWith("holdfast-jdbc-"));
    }

    @Test
    void aConnectionIsGivenBackAsItWasAndNoneIsKept() throws Exception {
        autoCommit = false;
        try (LockClient client = client();
                LockHandle hold = client.acquire("a")) {
            assertThat(out).hasValue(0);
            assertThat(hold.isValid()).isTrue();
            // What was not committed would not be seen here.
            try (LockClient other = client()) {
                assertThat(other.tryAcquire("a")).isEmpty();
            }
        }
        assertThat(out).hasValue(0);
    }

    /** UO-1: told that it surely did nothing, and it does nothing later either, when its connection is there. */
    @Test
    void whoHasNoConnectionToSpareIsToldInTime() throws InterruptedException {
        LockRows rows =
                LockRowsTest.rows(source(), SETTINGS.withConnections(1).withOperationTimeout(Duration.ofMillis(300)));
        keptByOthers = true;
        assertThatThrownBy(() -> rows.tryAcquire("a", "s/1", "me", Duration.ofMinutes(1)))
                .isInstanceOf(LockUnavailableException.class)
                .hasMessageContaining("no connection was free within operation-timeout");
        end.countDown();
        // One connection: asked after the late one has come to its end.
        assertThat(rows.inspect("a")).isEmpty();
        rows.close();
    }

    @Test
    void aClosedBackendLeavesTheSourceOpen() throws SQLException {
        client().close();
        try (Connection still = database.getConnection()) {
            assertThat(still.isValid(1)).isTrue();
        }
    }

    /** Five hundred at most in one statement, and more than that in one round. */
    @Test
    void manyHoldsAreRenewedInFewStatements() throws InterruptedException {
        LockRowsTest.Counted counted = new LockRowsTest.Counted(database);
        LockRows rows = LockRowsTest.rows(counted.source(), SETTINGS);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            String name = "n" + i;
            assertThat(rows.tryAcquire(name, "s/" + i, "me", Duration.ofMinutes(1)))
                    .isPresent();
            names.add(name);
        }
        counted.statements.set(0);
        Map<String, String> all = new HashMap<>();
        names.forEach(name -> all.put("s/" + name.substring(1), name));
        assertThat(rows.renewAll(all, Duration.ofMinutes(1))).hasSize(600).doesNotContainValue(false);
        assertThat(counted.statements).hasValue(2);

        all.put("s/600", "n0"); // another's
        Map<String, Boolean> renewed = rows.renewAll(all, Duration.ofMinutes(1));

        assertThat(counted.statements).as("and a look at what is gone").hasValue(2 + 3);
        assertThat(renewed).hasSize(601).containsEntry("s/600", false);
        assertThat(renewed.values().stream().filter(kept -> kept)).hasSize(600);
        rows.close();
        assertThatThrownBy(() -> rows.inspect("n0")).isInstanceOf(LockException.class);
    }

    /** It may refuse at once: who asks again at once asks thousands of times. */
    @Test
    void aSourceThatRefusesIsAskedOnce() {
        AtomicInteger asked = new AtomicInteger();
        DataSource refusing = (DataSource) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {DataSource.class}, (proxy, method, arguments) -> {
                    asked.incrementAndGet();
                    throw new SQLException("refused by the test", "08001");
                });
        assertThatThrownBy(() -> JdbcBackend.using(refusing, SETTINGS)).isInstanceOf(LockUnavailableException.class);
        assertThat(asked).hasValue(1);
    }
}
