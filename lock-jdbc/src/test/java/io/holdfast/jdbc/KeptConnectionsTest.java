// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockConfigException;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class KeptConnectionsTest {
    private final AtomicInteger opened = new AtomicInteger();
    private volatile Throwable failure;

    private final JdbcDataSource database = new JdbcDataSource();
    private final KeptConnections kept = new KeptConnections(
            (DataSource) Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[] {DataSource.class}, (proxy, method, arguments) -> {
                        opened.incrementAndGet();
                        if (failure != null) {
                            throw failure;
                        }
                        return database.getConnection();
                    }),
            1);

    KeptConnectionsTest() {
        database.setURL("jdbc:h2:mem:kept");
    }

    @Test
    @DisplayName("SP-7: whatever opening a connection throws ends no thread, and is told by the request that needs one")
    void whateverOpeningThrows() throws SQLException {
        for (Throwable thrown : List.of(
                new SQLException("refused", "08001"),
                new LockConfigException("no such password file"),
                new IllegalStateException("a driver's"),
                new NoClassDefFoundError("a driver's"))) {
            failure = thrown;
            assertThatCode(() -> kept.fill(1, Runnable::run)).doesNotThrowAnyException();
            assertThatThrownBy(() -> kept.use(connection -> true)).isSameAs(thrown);
        }
        failure = null;
        kept.fill(1, Runnable::run);
        int before = opened.get();
        assertThat(kept.<Boolean>use(connection -> connection.isValid(1))).isTrue();
        assertThat(opened).as("it has one ready").hasValue(before);
        kept.close();
    }
}
