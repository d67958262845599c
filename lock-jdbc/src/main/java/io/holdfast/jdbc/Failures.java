// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import io.holdfast.LockConfigException;
import io.holdfast.LockDeniedException;
import io.holdfast.LockException;
import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.DurationFormat;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What goes wrong with a request, in our exceptions (rules UO-1, ER-1, ER-2). A driver's own exceptions are not attached: their texts
 * may show what was bound, or a password, and are not ours to answer for.
 *
 * <p>In auto-commit mode an error that the database answers says that the statement was rolled back, with the exceptions named here.
 */
final class Failures {
    /** PostgreSQL: no such table, no such schema; H2 says the first of both. */
    private static final Set<String> NO_TABLE = Set.of("42P01", "42S02", "42S04", "3F000", "90079");

    private static final Set<String> DENIED = Set.of("28000", "28P01", "42501", "90096");

    /** MariaDB and MySQL say 42000 of many things; these are rights on a database, a table and a column. */
    private static final Set<Integer> DENIED_RIGHTS = Set.of(1044, 1142, 1143);

    /** MariaDB and MySQL: there is no such database. */
    private static final int NO_DATABASE = 1049;

    /** MariaDB and MySQL: 23000 is any constraint's; this one is a key that is there already. */
    private static final int DUPLICATE_KEY = 1062;

    /**
     * MariaDB and MySQL have one state, HY000, for most of what may be, a commit that failed among it. Of these the statement did nothing:
     * the server takes no changes, a row was locked for too long, or a question took too long.
     */
    private static final Set<Integer> REFUSED = Set.of(1290, 1836, 1205, 3024);

    /** MariaDB and MySQL, of a server that takes no changes. */
    private static final Set<Integer> READ_ONLY = Set.of(1290, 1792, 1836);

    /** MariaDB: the connection was ended, which shows while it is idle as well as in the place of an answer. */
    private static final int CONNECTION_KILLED = 1927;

    /** Of a server that goes down or comes up, of one with too many clients, or that takes no changes: what was sent did nothing. */
    private static final Set<String> NOT_NOW = Set.of("57P03", "53300", "25006", "08001", "08004");

    /**
     * Whether a statement was carried out before the session was ended, nobody says: the server is told to, crashes, drops the database
     * (57P04), or the session was idle (57P05, in a transaction of somebody's 25P03). The connection ends with it.
     */
    private static final Set<String> PERHAPS_DONE = Set.of("57P01", "57P02", "57P04", "57P05", "25P03", "40003");

    private final String store;

    Failures(String store) {
        this.store = store;
    }

    /** A deadlock, or a conflict of two that met. */
    static boolean isRolledBackForAnother(SQLException failure) {
        String state = state(failure);
        return state.equals("40001") || state.equals("40P01");
    }

    static boolean isNoTable(SQLException failure) {
        return NO_TABLE.contains(state(failure));
    }

    /** A row is there already. */
    static boolean isDuplicate(SQLException failure) {
        String state = state(failure);
        return state.equals("23505") || (state.equals("23000") && failure.getErrorCode() == DUPLICATE_KEY);
    }

    /**
     * A request that failed.
     *
     * @param sent whether it may have reached the database
     */
    LockException of(@Nullable Throwable failure, String what, boolean sent) {
        if (failure instanceof LockException known) {
            return known;
        }
        if (!(failure instanceof SQLException sql)) {
            return sent ? unknown(what, name(failure)) : unavailable(what, name(failure));
        }
        String state = state(sql);
        if (NO_TABLE.contains(state)) {
            return new LockConfigException(
                    start(what) + "there is no such table, or this user may not see it; make it with the"
                            + " statement that docs/backends/jdbc.md shows, or for a trial set 'create-table=true'");
        }
        int code = sql.getErrorCode();
        if (state.equals("42000") && code == NO_DATABASE) {
            return new LockConfigException(start(what) + "there is no such database, or this user may not see it");
        }
        if (DENIED.contains(state) || (state.equals("42000") && DENIED_RIGHTS.contains(code))) {
            return new LockDeniedException(start(what) + "the database refuses user, password or right (SQLState "
                    + state + "); check them, and the rights that docs/backends/jdbc.md lists");
        }
        if (!sent || NOT_NOW.contains(state) || READ_ONLY.contains(code)) {
            return unavailable(what, "no connection, or no changes now" + shown(state));
        }
        return isAnswer(sql, state)
                ? unavailable(what, "the database has refused it" + shown(state))
                : unknown(what, "no answer" + shown(state));
    }

    /** Whether the database has said it, so that its connection is a good one. */
    static boolean isAnswer(SQLException failure) {
        return isAnswer(failure, state(failure));
    }

    private static boolean isAnswer(SQLException failure, String state) {
        boolean broken =
                failure instanceof SQLRecoverableException || failure instanceof SQLTransientConnectionException;
        return !broken
                && state.length() == 5
                && !state.startsWith("08")
                && !PERHAPS_DONE.contains(state)
                // H2's own states, of its connection and of what ended it.
                && !state.startsWith("900")
                && failure.getErrorCode() != CONNECTION_KILLED
                && (!state.equals("HY000") || REFUSED.contains(failure.getErrorCode()));
    }

    /** Nobody waits any longer. */
    LockException late(String what, Duration limit, boolean sent) {
        String time = "within operation-timeout, " + DurationFormat.show(limit);
        return sent ? unknown(what, "no answer " + time) : unavailable(what, "no connection was free " + time);
    }

    /** It was not sent. */
    LockException crowded(String what) {
        return unavailable(what, "the ones before it are not answered");
    }

    /** It did nothing. */
    LockException locked(String what) {
        return new LockUnavailableException(
                start(what) + "another transaction keeps the lock's row locked; look for what it is, and end it");
    }

    LockException closed(String what) {
        return unavailable(what, "it was closed");
    }

    private LockException unavailable(String what, String why) {
        return new LockUnavailableException(start(what) + why + "; check that it runs, takes changes and is reachable");
    }

    private LockException unknown(String what, String why) {
        return new LockOutcomeUnknownException(start(what) + why);
    }

    private String start(String what) {
        return "store " + store + ": " + what + ": ";
    }

    private static String shown(String state) {
        return state.isEmpty() ? "" : " (SQLState " + state + ")";
    }

    private static String name(@Nullable Throwable failure) {
        return failure == null ? "no reason" : failure.getClass().getSimpleName();
    }

    /** Five letters and digits, or nothing: what a driver says is not trusted with more. */
    private static String state(SQLException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                return sql.getSQLState().matches("[0-9A-Z]{5}") ? sql.getSQLState() : "";
            }
        }
        return "";
    }
}
