// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import io.holdfast.LockHandle;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import java.util.function.LongSupplier;
import javax.sql.DataSource;

/**
 * Transactions of a database that refuse whoever is no longer the newest holder of a lock (rule FT-8).
 *
 * <p>A table of its own, the fence, has a row for each lock's name. Each transaction first raises that row to the hold's fencing token.
 * When a newer token stands there, nothing is done and {@link io.holdfast.LockLostException} is thrown. Until the transaction ends the row
 * stays locked, so that a newer holder's transaction waits for it: a holder that was stopped for an hour in the middle of its transaction
 * cannot come between. The lock may be in any store; the database may be any with SQL, transactions and row locks, at READ COMMITTED or a
 * stricter isolation. The owner of the schema makes the table once: {@link #createStatement}.
 *
 * <p>The source must hand out connections that are in no transaction. With a framework, put the fence under its transactions, as the data
 * source on which it begins them; never over a source that joins a transaction under way, of which the fence would commit or roll back what
 * was done before.
 *
 * <p>What it cannot cover: writes that go around it, on another connection or by {@code unwrap}; a {@code COMMIT} that is sent as the
 * text of a statement; a result set that outlives its transaction and is changed in the next; what is done outside the database. Two locks
 * of the same name, in different stores or under different prefixes, need tables of their own. Immutable and thread-safe.
 */
public final class FencedDataSource {
    /** The table's usual name. */
    public static final String TABLE = "holdfast_fence";

    private final DataSource source;
    private final FenceRow fence;

    private FencedDataSource(DataSource source, FenceRow fence) {
        this.source = source;
        this.fence = fence;
    }

    /**
     * Fences the transactions of a data source, with the table {@value #TABLE}.
     *
     * @param source the application's own, such as a pool
     * @return the fenced transactions; the database is not asked yet
     */
    public static FencedDataSource of(DataSource source) {
        return new FencedDataSource(Objects.requireNonNull(source, "source"), new FenceRow(TABLE));
    }

    /**
     * The same with another table.
     *
     * @param table its name, with its schema where that is not the usual one: letters, digits and {@code _}, at most one dot
     * @return a copy
     * @throws io.holdfast.LockConfigException when it is no such name
     */
    public FencedDataSource withTable(String table) {
        return new FencedDataSource(source, new FenceRow(Objects.requireNonNull(table, "table")));
    }

    /**
     * The statement that makes the table, for whoever owns the schema; who writes through the fence needs SELECT, INSERT and UPDATE on
     * it. PostgreSQL, H2, MariaDB and MySQL take it as it stands.
     *
     * @return SQL, without a semicolon
     */
    public String createStatement() {
        return fence.create();
    }

    /**
     * Does something in one transaction under a hold, and commits it.
     *
     * @param hold the hold that the work needs
     * @param action gets a connection whose transaction has raised the fence; whatever it throws rolls the transaction back
     * @param <E> what the action throws, beside what the database does
     * @throws io.holdfast.LockLostException when the hold is over before the transaction or before its commit, or a later holder has
     *     been here; nothing of the transaction is in the database then
     * @throws SQLException when the database fails; when the commit does, it is not known whether it was carried out
     * @throws E when the action fails
     */
    public <E extends Exception> void run(LockHandle hold, FencedAction<E> action) throws SQLException, E {
        Objects.requireNonNull(action, "action");
        this.<Boolean, E>call(hold, connection -> {
            action.on(connection);
            return true;
        });
    }

    /**
     * As {@link #run}, for work that returns something.
     *
     * @param hold the hold that the work needs
     * @param work gets a connection whose transaction has raised the fence; whatever it throws rolls the transaction back
     * @param <T> what the work returns
     * @param <E> what the work throws, beside what the database does
     * @return what the work returned; it is committed then
     * @throws io.holdfast.LockLostException as {@link #run}
     * @throws SQLException as {@link #run}
     * @throws E when the work fails
     */
    public <T, E extends Exception> T call(LockHandle hold, FencedWork<T, E> work) throws SQLException, E {
        Objects.requireNonNull(work, "work");
        FencedConnection fenced = new FencedConnection(source.getConnection(), fence, FenceToken.of(hold));
        try (Connection connection = fenced.outside()) {
            return fenced.inTransaction(() -> work.on(connection));
        }
    }

    /**
     * A data source whose transactions are all made under a hold, for a framework or a program that makes its own.
     *
     * @param hold the hold
     * @return a data source whose connections refuse statements in auto-commit mode. At the first statement or savepoint of each
     *     transaction they raise the fence. That, and {@code commit()}, throw {@link io.holdfast.LockLostException} where {@link #run}
     *     does. Closing a connection closes that of the source
     */
    public DataSource under(LockHandle hold) {
        return new FencedSource(source, fence, FenceToken.of(Objects.requireNonNull(hold, "hold")));
    }

    /**
     * The same for a {@link io.holdfast.DistributedLock}, whose hold is not a value: {@code under(lock.name(), lock::fencingToken)}. The
     * token is asked for on the transaction's thread, so that a thread which does not hold the lock is refused.
     *
     * @param lock the lock's name
     * @param token returns the token of the hold in force, and throws where there is none. It is asked once more at the commit, and must
     *     return the same token
     * @return as {@link #under(LockHandle)}
     */
    public DataSource under(String lock, LongSupplier token) {
        return new FencedSource(
                source,
                fence,
                new FenceToken(Objects.requireNonNull(lock, "lock"), Objects.requireNonNull(token, "token")));
    }
}
