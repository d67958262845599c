// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import io.holdfast.LockConfigException;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.Secret;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Where a database is, as its driver wants to hear it: an address without parameters, and the few properties that we set. */
final class Address {
    /** Nothing that a driver could take for a parameter: no question mark, semicolon or ampersand. */
    private static final Pattern SERVER =
            Pattern.compile("(postgresql|mariadb|mysql)://[A-Za-z0-9._:,\\[\\]-]+/[A-Za-z0-9._~$-]+");

    /** A database in memory, or one of a server. Files, and everything behind a semicolon, are not for an address to name. */
    private static final Pattern H2 =
            Pattern.compile("h2:(mem:[A-Za-z0-9._-]+|tcp://[A-Za-z0-9._:-]+/(mem:)?[A-Za-z0-9._/~-]+)");

    private final BackendConfig config;
    private final Dialect dialect;
    private final String url;
    private final boolean encrypted;
    private final Driver driver;
    private final Pooler pooler = new Pooler();

    private Address(BackendConfig config) {
        this.config = config;
        String path = config.uri().path();
        dialect = Dialect.ofAddress(path);
        if (path.indexOf('@') >= 0) {
            throw new LockConfigException(
                    "'" + config.uri() + "' has a user in it, which a JDBC address has not: set 'user',"
                            + " and 'password' or 'password-file'");
        }
        boolean server = dialect != Dialect.H2;
        if (!(server ? SERVER : H2).matcher(path).matches()) {
            throw new LockConfigException("'" + config.uri() + "' is not an address that lock-jdbc takes: "
                    + (server
                            ? "jdbc:" + dialect + "://HOST:PORT/DATABASE, without the driver's own parameters"
                            : "jdbc:h2:mem:NAME or jdbc:h2:tcp://HOST:PORT/DATABASE, without H2's own settings; for others"
                                    + " hand in a DataSource: JdbcBackend.using"));
        }
        if (dialect == Dialect.MYSQL && config.tls().ca().isPresent()) {
            throw new LockConfigException(
                    "setting 'tls.ca' is no file for MySQL's driver, which reads key stores only; use"
                            + " MariaDB's driver and jdbc:mariadb:, or hand in a DataSource: JdbcBackend.using");
        }
        // A database of this process is to outlive the moments in which nobody is connected. One of a
        // server is its server's affair: the setting locks the whole database each time somebody connects.
        url = "jdbc:" + path + (path.startsWith("h2:mem:") ? ";DB_CLOSE_DELAY=-1" : "");
        encrypted = server && config.tls().ca().isPresent();
        driver = findDriver()
                .orElseThrow(() -> new LockConfigException("'" + config.uri()
                        + "' cannot be opened: no driver for it is on the class path; add " + dialect.driver()));
    }

    /**
     * Beside us, or where the calling thread's application is. {@code DriverManager} looks for drivers once in the life of a process: in an
     * application server it has those of the application that came first, and another one's are none to it (rule CL-6).
     */
    private Optional<Driver> findDriver() {
        return Stream.of(Address.class.getClassLoader(), Thread.currentThread().getContextClassLoader())
                .filter(Objects::nonNull)
                .flatMap(loader -> ServiceLoader.load(Driver.class, loader).stream())
                .flatMap(this::made)
                .findFirst()
                .or(this::registered);
    }

    /** A driver for this address; none where it is another database's, or cannot be made here. */
    private Stream<Driver> made(ServiceLoader.Provider<Driver> provider) {
        try {
            Driver found = provider.get();
            return found.acceptsURL(url) ? Stream.of(found) : Stream.empty();
        } catch (SQLException | ServiceConfigurationError | LinkageError e) {
            return Stream.empty(); // of another database
        }
    }

    private Optional<Driver> registered() {
        try {
            return Optional.of(DriverManager.getDriver(url));
        } catch (SQLException none) {
            return Optional.empty();
        }
    }

    static Address of(BackendConfig config) {
        return new Address(config);
    }

    /** For the next connection: user and password are read anew each time, for they may have been exchanged. */
    Properties properties() {
        return properties(false);
    }

    private Properties properties(boolean pooled) {
        Properties properties = new Properties();
        config.user().ifPresent(user -> properties.setProperty("user", user));
        config.password().map(Secret::reveal).ifPresent(password -> properties.setProperty("password", password));
        switch (dialect) {
            case POSTGRESQL -> postgresql(properties, pooled);
            case MARIADB, MYSQL -> mariadb(properties);
            case H2 -> {}
        }
        return properties;
    }

    private void postgresql(Properties properties, boolean pooled) {
        String seconds = Long.toString(Math.min(1 + config.operationTimeout().toSeconds(), 3600));
        properties.setProperty("connectTimeout", seconds);
        properties.setProperty("loginTimeout", seconds);
        properties.setProperty("ApplicationName", "holdfast");
        properties.setProperty("tcpKeepAlive", "true");
        if (url.indexOf(',') >= 0) {
            properties.setProperty("targetServerType", "primary"); // else the first that answers, a standby as well
        }
        if (pooled) {
            properties.setProperty("prepareThreshold", "0");
        } else {
            properties.setProperty("options", "-c statement_timeout=" + statementMillis());
        }
        if (encrypted) {
            properties.setProperty("sslmode", config.tls().verify() ? "verify-full" : "require");
            properties.setProperty(
                    "sslrootcert", config.tls().ca().orElseThrow().toString());
        }
    }

    private void mariadb(Properties properties) {
        properties.setProperty(
                "connectTimeout",
                Long.toString(Math.min(config.operationTimeout().toMillis() + 1, 3_600_000)));
        properties.setProperty("tcpKeepAlive", "true");
        long seconds = Math.max(1, Math.min(longest().toSeconds() + 1, 3600));
        properties.setProperty("sessionVariables", "innodb_lock_wait_timeout=" + seconds);
        if (dialect == Dialect.MYSQL) {
            return;
        }
        properties.setProperty("allowLocalInfile", "false"); // else a server may ask for any file of this machine
        if (!encrypted) {
            properties.setProperty("sslMode", "disable"); // else the driver's fourth line wants it, and not its third
        } else {
            properties.setProperty("sslMode", config.tls().verify() ? "verify-full" : "trust");
            properties.setProperty(
                    "serverSslCert", config.tls().ca().orElseThrow().toString());
        }
    }

    /** A request that waits for a row when nobody waits for it any more is ended by the server. A renewal has half a lease (KE-3). */
    private Duration longest() {
        Duration renewal = config.lease().dividedBy(2);
        return renewal.compareTo(config.operationTimeout()) > 0 ? renewal : config.operationTimeout();
    }

    private long statementMillis() {
        return Math.min(longest().toMillis() + 1, Integer.MAX_VALUE);
    }

    /** Where rows that a statement only looks at would stay locked else, and with them locks of other names. */
    private boolean wantsReadCommitted() {
        return dialect == Dialect.MARIADB || dialect == Dialect.MYSQL;
    }

    String url() {
        return url;
    }

    /** A new connection, with the credentials of the moment. */
    Connection connect() throws SQLException {
        return dialect == Dialect.POSTGRESQL ? pooler.connect(statementMillis(), this::connect) : connect(false);
    }

    private Connection connect(boolean pooled) throws SQLException {
        Connection made = driver.connect(url, properties(pooled));
        if (made == null) {
            throw new SQLException("its driver takes this address no more", "08001");
        }
        return wantsReadCommitted() ? readCommitted(made) : made;
    }

    private static Connection readCommitted(Connection made) throws SQLException {
        try {
            made.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            return made;
        } catch (SQLException | RuntimeException e) {
            made.close();
            throw e;
        }
    }

    /** Whether a pooler was found between, by the first connection. */
    boolean isPooled() {
        return pooler.isThere();
    }

    boolean isEncrypted() {
        return encrypted;
    }
}
