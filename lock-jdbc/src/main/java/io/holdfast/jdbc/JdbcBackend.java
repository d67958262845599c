// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import io.holdfast.LockUnavailableException;
import io.holdfast.StoreFinding;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.TableBackend;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;

/** Makes backends that lock by rows of an SQL database; their class is B, and their calls block. */
public final class JdbcBackend {
    private JdbcBackend() {}

    /**
     * A backend over a data source of the caller's own, with the usual settings; see {@link #using(DataSource, JdbcSettings)}.
     *
     * @param source such as a pool
     * @return a backend; closing it leaves the data source open
     * @throws io.holdfast.LockConfigException as {@link #using(DataSource, JdbcSettings)}
     * @throws io.holdfast.LockUnavailableException as {@link #using(DataSource, JdbcSettings)}
     */
    public static LockBackend using(DataSource source) {
        return using(source, JdbcSettings.DEFAULTS);
    }

    /**
     * A backend over a data source of the caller's own. Each request takes a connection and gives it back as it was, never on a thread of
     * the caller's, so that no lock is part of a caller's transaction. At most {@code connections} + 7 are taken at the same time.
     *
     * @param source such as a pool; with fewer free connections than that, requests wait
     * @param settings prefix, table and times; what a {@link io.holdfast.LockConfig} says of them is not read
     * @return a backend; closing it leaves the data source open
     * @throws io.holdfast.LockConfigException when the database is one that this module does not know, or is too old, or has no such table
     * @throws io.holdfast.LockUnavailableException when no connection can be had
     */
    public static LockBackend using(DataSource source, JdbcSettings settings) {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(settings, "settings");
        String store = "jdbc (a lent data source)";
        Lanes lanes = new Lanes(source, null, new Failures(store), settings.connections());
        return over(lanes, settings, new Way(store, List.of(), () -> false, () -> {}), Duration.ZERO);
    }

    /**
     * How a database is reached.
     *
     * @param store the address, for people
     * @param findings what is known of it without asking
     * @param pooled whether a pooler is between, once somebody has connected
     * @param closing ends it
     */
    record Way(String store, List<StoreFinding> findings, BooleanSupplier pooled, Runnable closing) {}

    /**
     * Asks the database what it is and where the table is.
     *
     * @param limit how long our own pool may take to connect, which may be longer than a request (rule OP-1); zero of a source that was lent,
     *     which is asked once: it may refuse at once, and would be asked thousands of times
     */
    static LockBackend over(Lanes lanes, JdbcSettings settings, Way way, Duration limit) {
        try {
            Dialect dialect = connected(lanes, settings.operationTimeout(), limit);
            TablePlace place = lanes.attempts()
                    .ask(
                            "find the table",
                            settings.operationTimeout(),
                            connection -> TablePlace.of(connection, dialect, settings));
            Statements statements = new Statements(dialect, place.text());
            return TableBackend.of(new LockRows(new LockRows.Parts(
                    lanes,
                    settings,
                    statements,
                    way.store(),
                    new Diagnosis(place, statements, way, System::currentTimeMillis),
                    way.closing())));
        } catch (RuntimeException e) {
            lanes.close();
            throw e;
        }
    }

    /** A pool goes on to connect when nobody waits any more, so who asks again finds a connection that took its time. */
    private static Dialect connected(Lanes lanes, Duration request, Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            try {
                return lanes.attempts().ask("open", request, JdbcBackend::dialect);
            } catch (LockUnavailableException e) {
                if (System.nanoTime() - end >= 0) {
                    throw e;
                }
            }
        }
    }

    private static Dialect dialect(Connection connection) throws SQLException {
        DatabaseMetaData facts = connection.getMetaData();
        Dialect dialect = Dialect.ofProduct(facts.getDatabaseProductName());
        dialect.check(facts.getDatabaseMajorVersion(), facts.getDatabaseMinorVersion());
        return dialect;
    }
}
