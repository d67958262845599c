// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * What is done in one fenced transaction, without a result: {@link FencedDataSource#run}.
 *
 * @param <E> what it throws, beside what the database does
 */
@FunctionalInterface
public interface FencedAction<E extends Exception> {
    /**
     * Does the work.
     *
     * @param connection in a transaction that has raised the fence: nobody with a newer token was here before, and nobody comes in until
     *     it ends. Do not commit or close it: {@link FencedDataSource#run} does
     * @throws SQLException rolls the transaction back
     * @throws E rolls the transaction back
     */
    void on(Connection connection) throws SQLException, E;
}
