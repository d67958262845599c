// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockBackendProvider;
import java.util.Map;
import java.util.Set;

/**
 * Opens {@code jdbc:postgresql://HOST:PORT/DATABASE}, {@code jdbc:mariadb:}, {@code jdbc:mysql:} and {@code jdbc:h2:…}, with a small
 * pool of its own. Thread-safe.
 *
 * <p>The query of such an address has settings of Holdfast, never the driver's: some of those run code.
 */
public final class JdbcBackendProvider implements LockBackendProvider {
    /** HikariCP takes none shorter. */
    private static final long SHORTEST_WAIT_MILLIS = 250;

    /** What an idle connection may take of a request's time to show that it is alive. */
    private static final int PART_FOR_TRIAL = 3;

    /** Called by {@link java.util.ServiceLoader}. */
    public JdbcBackendProvider() {}

    @Override
    public Set<String> schemes() {
        return Set.of("jdbc");
    }

    @Override
    public Map<String, String> settings() {
        return JdbcSettings.HELP;
    }

    @Override
    public Set<String> urlSettings() {
        return JdbcSettings.HELP.keySet();
    }

    /**
     * Makes a pool and asks the database what it is.
     *
     * @param config the settings
     * @return a backend that owns the pool
     */
    @Override
    public LockBackend open(BackendConfig config) {
        JdbcSettings settings = JdbcSettings.of(config);
        Address address = Address.of(config);
        HikariDataSource pool = new HikariDataSource(pooled(config, settings, address));
        try {
            String store = config.uri().toString();
            Lanes lanes = new Lanes(pool, new DriverSource(address), new Failures(store), settings.connections());
            return JdbcBackend.over(
                    lanes,
                    settings,
                    new JdbcBackend.Way(store, config.way(address.isEncrypted()), address::isPooled, pool::close),
                    BackendConfig.oneTry(config.connectTimeout(), config.operationTimeout()));
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
    }

    /** The table, and in a comment the rights that a user of it needs. */
    @Override
    public String ddl(BackendConfig config) {
        JdbcSettings settings = JdbcSettings.of(config);
        Statements statements = new Statements(Dialect.ofAddress(config.uri().path()), settings.table());
        String advice = settings.table().indexOf('.') >= 0
                ? ""
                : "-- name the schema, as in table=public." + settings.table()
                        + ", in what is run and in each client's address: without it, a session with another search path\n"
                        + "-- or database finds another table, and two clients that find two both hold a lock\n";
        return advice + statements.creation()
                + ";\n-- for the user of the locks: GRANT SELECT, INSERT, UPDATE, DELETE ON " + settings.table()
                + " TO ...;\n";
    }

    private static HikariConfig pooled(BackendConfig config, JdbcSettings settings, Address address) {
        config.runtime(); // without which nothing is made
        HikariConfig pool = new HikariConfig();
        pool.setPoolName("holdfast-jdbc");
        pool.setDataSource(new DriverSource(address));
        pool.setMaximumPoolSize(settings.connections() + 1);
        pool.setMinimumIdle(0);
        pool.setInitializationFailTimeout(-1);
        // Shorter than ours, for the pool knows what went wrong. As many
        // threads ask as there are connections: none waits for another.
        long wait = settings.operationTimeout().toMillis() * 9 / 10;
        pool.setConnectionTimeout(Math.max(SHORTEST_WAIT_MILLIS, wait));
        pool.setValidationTimeout(
                Math.max(SHORTEST_WAIT_MILLIS, settings.operationTimeout().toMillis() / PART_FOR_TRIAL));
        return pool;
    }
}
