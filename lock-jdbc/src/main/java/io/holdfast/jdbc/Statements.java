// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collections;

/**
 * The text of each statement, for one table and database.
 *
 * <p>Each is one step: it runs by itself, in auto-commit mode, and its condition is looked at again by the database once it has the
 * row's lock, so that of two that meet the second sees what the first wrote. A renewal, of many rows, waits for no lock. A row: {@code holder}, null when nobody holds; {@code
 * until_us}, when its lease ends, or when it was given back; {@code token}, the last one; {@code past}, marks of the last requests
 * that were granted here or withdrawn, newest first, none of which may be granted again (rules UO-2, UO-4). A token is the time of
 * its grant or more than the last one, so that a row can be forgotten without a token going back.
 */
final class Statements {
    /** So many characters has a mark, and so many marks a row. */
    static final int MARK = 8;

    private static final int MARKS = 80;

    private static final String HELD = "holder IS NOT NULL AND until_us > @NOW@";
    /**
     * A lease's new end, never before the one that was agreed to. In some databases {@code NOW} stands still in a statement: one that
     * waited is carried out after a later renewal, with an end from before it (rule ME-7). {@link Dialect#extending} has the same.
     */
    private static final String EXTENDED = "until_us = GREATEST(until_us, @NOW@ + ?)";

    private static final String IN_FORCE = "prefix = ? AND until_us > @NOW@ AND ";

    private static final String PUSHED = "SUBSTRING(CONCAT(?, past) FROM 1 FOR " + MARK * MARKS + ")";

    /** Binds: holder, label, lease, mark, prefix, name, mark. */
    final String take;

    /** Binds: prefix, name, holder, label, lease, mark. */
    final String takeFirst;

    /** Binds: lease, prefix, name, holder. Whose request was granted before, and came again. */
    final String takeAgain;

    /** Binds: prefix, name, holder. */
    final String release;

    /** Binds: holder, mark, mark, prefix, name. A request that was not granted, or not in time, and must not be any more. */
    final String mark;

    /** Binds: prefix, name, mark. */
    final String markFirst;

    /** Binds: prefix, name. */
    final String force;

    /** Binds: prefix, name, token. */
    final String forceToken;

    /** Binds: prefix, name. */
    final String isHeld;

    /** Binds: prefix, name. Also of one whose lease has ended. */
    final String holder;

    /** Binds: prefix, name. */
    final String inspect;

    /** Binds: prefix. */
    final String list;

    /** Binds: prefix, microseconds. */
    final String forget;

    private final String create;

    /** Binds: none. The database's time, in microseconds. */
    final String clock;

    private final Dialect dialect;
    private final String table;

    /**
     * Statements.
     *
     * @param table as it stands in them: with its schema, and quoted where needed
     */
    Statements(Dialect dialect, String table) {
        this.dialect = dialect;
        this.table = table;
        take = changing(
                "UPDATE @T@ SET holder = ?, label = ?, since_us = @NOW@, until_us = @NOW@ + ?, token = "
                        + dialect.answered("GREATEST(token + 1, @NOW@)") + ","
                        + " past = " + PUSHED
                        + " WHERE prefix = ? AND name = ? AND (holder IS NULL OR until_us <= @NOW@) AND POSITION(? IN past) = 0",
                "token");
        takeFirst = changing(
                dialect.insertUnlessThere(
                        "INSERT INTO @T@ (prefix, name, holder, label, token, since_us, until_us, past)"
                                + " VALUES (?, ?, ?, ?, " + dialect.answered("@NOW@") + ", @NOW@, @NOW@ + ?, ?)"),
                "token");
        takeAgain = changing(
                "UPDATE @T@ SET " + EXTENDED + ", token = " + dialect.answered("token")
                        + " WHERE prefix = ? AND name = ? AND holder = ? AND until_us > @NOW@",
                "token");
        release = filled("UPDATE @T@ SET holder = NULL, until_us = @NOW@"
                + " WHERE prefix = ? AND name = ? AND holder = ? AND until_us > @NOW@");
        mark = filled("UPDATE @T@ SET holder = CASE WHEN holder = ? THEN NULL ELSE holder END,"
                + " past = CASE WHEN POSITION(? IN past) > 0 THEN past ELSE " + PUSHED + " END"
                + " WHERE prefix = ? AND name = ?");
        markFirst = filled(dialect.insertUnlessThere(
                "INSERT INTO @T@ (prefix, name, holder, label, token, since_us, until_us, past)"
                        + " VALUES (?, ?, NULL, '', 0, 0, @NOW@, ?)"));
        String freed = "UPDATE @T@ SET holder = NULL, until_us = @NOW@ WHERE prefix = ? AND name = ? AND " + HELD;
        force = filled(freed);
        forceToken = filled(freed + " AND token = ?");
        holder = filled("SELECT COALESCE(holder, '') FROM @T@ WHERE prefix = ? AND name = ?");
        isHeld = filled("SELECT 1 FROM @T@ WHERE prefix = ? AND name = ? AND " + HELD);
        String shown = "SELECT name, token, label, since_us FROM @T@ WHERE prefix = ? AND " + HELD;
        inspect = filled(shown + " AND name = ?");
        list = filled(shown);
        forget = filled("DELETE FROM @T@ WHERE prefix = ? AND until_us < @NOW@ - ?");
        create = filled(resource().strip()).replace("@TEXT@", dialect.text()) + dialect.tableOptions();
        clock = filled("SELECT @NOW@");
    }

    /**
     * Binds: lease, prefix, and of each of so many rows name and holder. Waits for none of them: one that another transaction has locked
     * stays as it is. Answers with holder and new end of the others, or sets the new end as the last insert id.
     */
    String renew(int rows) {
        return filled(dialect.extending(
                "(SELECT prefix AS free_prefix, name AS free_name, @NOW@ + ? AS new_end FROM @T@ WHERE " + IN_FORCE
                        + "(" + those(rows) + ") " + dialect.lockingFree() + ") AS free"));
    }

    /** Binds: prefix, and of each of so many rows name and holder. Answers with holder and end of those in force, locked or not. */
    String inForce(int rows) {
        return filled("SELECT holder, until_us FROM @T@ WHERE " + IN_FORCE + "(" + those(rows) + ")");
    }

    /** Each by its key: a comparison of pairs would have some databases look at, and lock, all rows of the prefix. */
    private static String those(int rows) {
        return String.join(" OR ", Collections.nCopies(rows, "(name = ? AND holder = ?)"));
    }

    /** Whether a change answers with columns of the rows; else with a generated key, and {@link #inForce} is asked after {@link #renew}. */
    boolean changesAnswer() {
        return dialect.changes() != Dialect.Changes.LAST_INSERT_ID;
    }

    /** Binds: prefix, name, mark. */
    String isMarked() {
        return filled("SELECT 1 FROM @T@ WHERE prefix = ? AND name = ? AND POSITION(? IN past) > 0");
    }

    /** The statement that makes the table where there is none. */
    String creation() {
        return create;
    }

    /** Makes the table where there is none. */
    boolean create(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.execute(create);
        } catch (SQLException e) {
            if (!Failures.isDuplicate(
                    e)) { // two that make it at once: PostgreSQL refuses the second, for whom it is there
                throw e;
            }
            return false;
        }
    }

    private String changing(String update, String column) {
        return filled(dialect.returning(update, column));
    }

    private String filled(String text) {
        return text.replace("@NOW@", dialect.now()).replace("@T@", table).replace("@TABLE@", table);
    }

    static String resource() {
        try (InputStream in = Statements.class.getResourceAsStream("table.sql")) {
            if (in == null) {
                throw new IllegalStateException("the jar of lock-jdbc lacks table.sql");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
