// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import io.holdfast.LockConfigException;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.Secret;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.regex.Pattern;

/** Where a database is, as its driver wants to hear it: an address without parameters, and the few properties that we set. */
final class Address {
    /** Nothing that a driver could take for a parameter: no question mark, semicolon or ampersand. */
    private static final Pattern POSTGRESQL = Pattern.compile("postgresql://[A-Za-z0-9._:,\\[\\]-]+/[A-Za-z0-9._~$-]+");

    /** A database in memory, or one of a server. Files, and everything behind a semicolon, are not for an address to name. */
    private static final Pattern H2 =
            Pattern.compile("h2:(mem:[A-Za-z0-9._-]+|tcp://[A-Za-z0-9._:-]+/(mem:)?[A-Za-z0-9._/~-]+)");

    private final BackendConfig config;
    private final Dialect dialect;
    private final String url;
    private final boolean encrypted;

    private Address(BackendConfig config) {
        this.config = config;
        String path = config.uri().path();
        dialect = Dialect.ofAddress(path);
        if (path.indexOf('@') >= 0) {
            throw new LockConfigException(
                    "'" + config.uri() + "' has a user in it, which a JDBC address has not: set 'user',"
                            + " and 'password' or 'password-file'");
        }
        boolean postgres = dialect == Dialect.POSTGRESQL;
        if (!(postgres ? POSTGRESQL : H2).matcher(path).matches()) {
            throw new LockConfigException("'" + config.uri() + "' is not an address that lock-jdbc takes: "
                    + (postgres
                            ? "jdbc:postgresql://HOST:PORT/DATABASE, without the driver's own parameters"
                            : "jdbc:h2:mem:NAME or jdbc:h2:tcp://HOST:PORT/DATABASE, without H2's own settings; for others"
                                    + " hand in a DataSource: JdbcBackend.using"));
        }
        // A database of this process is to outlive the moments in which nobody is connected. One of a server is its
        // server's affair:
        // the setting locks the whole database each time somebody connects.
        url = "jdbc:" + path + (path.startsWith("h2:mem:") ? ";DB_CLOSE_DELAY=-1" : "");
        encrypted = postgres && config.tls().ca().isPresent();
        requireDriver();
    }

    private void requireDriver() {
        try {
            DriverManager.getDriver(url);
        } catch (SQLException e) {
            throw new LockConfigException(
                    "'" + config.uri() + "' cannot be opened: no driver for it is on the class path; add "
                            + (dialect == Dialect.POSTGRESQL ? "org.postgresql:postgresql" : "com.h2database:h2"));
        }
    }

    static Address of(BackendConfig config) {
        return new Address(config);
    }

    /** For the next connection: user and password are read anew each time, for they may have been exchanged. */
    Properties properties() {
        Properties properties = new Properties();
        config.user().ifPresent(user -> properties.setProperty("user", user));
        config.password().map(Secret::reveal).ifPresent(password -> properties.setProperty("password", password));
        if (dialect == Dialect.POSTGRESQL) {
            postgresql(properties);
        }
        return properties;
    }

    private void postgresql(Properties properties) {
        String seconds = Long.toString(Math.min(1 + config.operationTimeout().toSeconds(), 3600));
        properties.setProperty("connectTimeout", seconds);
        properties.setProperty("loginTimeout", seconds);
        properties.setProperty("ApplicationName", "holdfast");
        properties.setProperty("tcpKeepAlive", "true");
        // A request that waits for a row when nobody waits for it any more is ended by the server. A renewal has half a
        // lease (KE-3).
        Duration renewal = config.lease().dividedBy(2);
        Duration longest = renewal.compareTo(config.operationTimeout()) > 0 ? renewal : config.operationTimeout();
        properties.setProperty(
                "options", "-c statement_timeout=" + Math.min(longest.toMillis() + 1, Integer.MAX_VALUE));
        if (encrypted) {
            properties.setProperty("sslmode", config.tls().verify() ? "verify-full" : "require");
            properties.setProperty(
                    "sslrootcert", config.tls().ca().orElseThrow().toString());
        }
    }

    String url() {
        return url;
    }

    boolean isEncrypted() {
        return encrypted;
    }
}
