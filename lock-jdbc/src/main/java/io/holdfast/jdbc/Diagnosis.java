// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import io.holdfast.StoreFinding;
import io.holdfast.StoreFinding.Verdict;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Looks at how a database is set up. Changes nothing. */
final class Diagnosis {
    private static final long MOST_APART_MICROS = 1_000_000;

    private final TablePlace place;
    private final Statements statements;
    private final JdbcBackend.Way way;
    private final LongSupplier wallMillis;

    /**
     * A diagnosis.
     *
     * @param place of the table of locks
     * @param way to the database
     * @param wallMillis this machine's time of day, to be held against the database's
     */
    Diagnosis(TablePlace place, Statements statements, JdbcBackend.Way way, LongSupplier wallMillis) {
        this.place = place;
        this.statements = statements;
        this.way = way;
        this.wallMillis = wallMillis;
    }

    List<StoreFinding> findings(Connection connection) throws SQLException {
        List<StoreFinding> findings = new ArrayList<>(way.findings());
        findings.add(StoreFinding.ok(
                "database",
                connection.getMetaData().getDatabaseProductName() + " "
                        + connection.getMetaData().getDatabaseProductVersion().replaceAll("[^A-Za-z0-9._+-].*", "")));
        findings.add(place.finding(connection, way.pooled().getAsBoolean()));
        findings.add(clock(connection));
        switch (place.dialect()) {
            case POSTGRESQL -> {
                findings.add(durability(connection));
                findings.add(role(connection));
                findings.add(limit(connection));
            }
            case MARIADB, MYSQL -> {
                findings.add(flushes(connection));
                findings.add(primaries(connection));
            }
            case H2 -> {}
        }
        return findings;
    }

    /** Leases end by the database's clock. That it is right is not needed; that it is kept is. */
    private StoreFinding clock(Connection connection) throws SQLException {
        long before = wallMillis.getAsLong();
        long theirs = Long.parseLong(String.valueOf(asked(connection, statements.clock)));
        long apart = Math.max(0, Math.max(before * 1000 - theirs, theirs - wallMillis.getAsLong() * 1000));
        return apart <= MOST_APART_MICROS
                ? StoreFinding.ok("clock", "the database's clock and this machine's agree")
                : new StoreFinding(
                        Verdict.WARNING,
                        "clock",
                        "the database's clock and this machine's are " + apart / 1_000_000 + " s apart",
                        "let both be kept by NTP; a clock that is set forward ends leases early");
    }

    private static StoreFinding durability(Connection connection) throws SQLException {
        String fsync = asked(connection, "SHOW fsync");
        String commit = asked(connection, "SHOW synchronous_commit");
        return "on".equals(fsync) && !"off".equals(commit)
                ? StoreFinding.ok("durability", "fsync is on, synchronous_commit is " + commit)
                : new StoreFinding(
                        Verdict.WARNING,
                        "durability",
                        "fsync is " + fsync + ", synchronous_commit is " + commit,
                        "a crash of the server forgets locks that were granted: set both to on");
    }

    private static StoreFinding role(Connection connection) throws SQLException {
        boolean standby = "t".equals(asked(connection, "SELECT pg_is_in_recovery()"));
        if (standby) {
            return new StoreFinding(
                    Verdict.UNSAFE,
                    "role",
                    "this server is a standby, which takes no changes",
                    "use the primary's address");
        }
        return "on".equals(asked(connection, "SHOW transaction_read_only"))
                ? new StoreFinding(
                        Verdict.UNSAFE,
                        "role",
                        "this server is the primary, but its transactions are read-only here",
                        "set default_transaction_read_only to off, for the server, the database and the user of the locks")
                : StoreFinding.ok("role", "this server is the primary");
    }

    /** Ours tells each session, unless a pooler is between that knows no sessions. */
    private static StoreFinding limit(Connection connection) throws SQLException {
        String limit = String.valueOf(asked(connection, "SHOW statement_timeout"));
        return "0".equals(limit)
                ? new StoreFinding(
                        Verdict.WARNING,
                        "statement_timeout",
                        "statements have no limit here: this is a pooler that keeps no settings, such as PgBouncer, or a pool that sets"
                                + " none",
                        "ALTER ROLE ... SET statement_timeout = '15s' for the user of the locks, so that a request that waits for a"
                                + " row ends in the server, too, once it was given up")
                : StoreFinding.ok("statement_timeout", "statements end after " + limit);
    }

    private static StoreFinding flushes(Connection connection) throws SQLException {
        String flush = variable(connection, "innodb_flush_log_at_trx_commit");
        return "1".equals(flush)
                ? StoreFinding.ok("durability", "innodb_flush_log_at_trx_commit is 1")
                : new StoreFinding(
                        Verdict.WARNING,
                        "durability",
                        "innodb_flush_log_at_trx_commit is " + flush,
                        "a crash of the server forgets locks that were granted: set it to 1");
    }

    private static StoreFinding primaries(Connection connection) throws SQLException {
        if ("ON".equals(variable(connection, "wsrep_on"))) {
            return new StoreFinding(
                    Verdict.UNSAFE,
                    "role",
                    "this server is one of a Galera cluster, whose servers all take changes",
                    "two clients at two of its servers can both be given a lock; use a server with one primary");
        }
        return "ON".equals(variable(connection, "read_only"))
                ? new StoreFinding(
                        Verdict.UNSAFE,
                        "role",
                        "this server is read-only, as a replica is",
                        "use the primary's address")
                : StoreFinding.ok("role", "this server takes changes, and is no member of a Galera cluster");
    }

    private static String variable(Connection connection, String name) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW VARIABLES LIKE '" + name + "'")) {
            return row.next() ? row.getString(2) : "unknown";
        }
    }

    private static @Nullable String asked(Connection connection, String question) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(question)) {
            return row.next() ? row.getString(1) : null;
        }
    }
}
