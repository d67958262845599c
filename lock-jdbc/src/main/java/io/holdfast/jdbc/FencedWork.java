// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * What is done in one fenced transaction: {@link FencedDataSource#call}.
 *
 * @param <T> what it returns
 * @param <E> what it throws, beside what the database does
 */
@FunctionalInterface
public interface FencedWork<T, E extends Exception> {
    /**
     * Does the work.
     *
     * @param connection in a transaction that has raised the fence: nobody with a newer token was here before, and nobody comes in until
     *     it ends. Do not commit or close it: {@link FencedDataSource#call} does
     * @return what {@code call} returns
     * @throws SQLException rolls the transaction back
     * @throws E rolls the transaction back
     */
    T on(Connection connection) throws SQLException, E;
}
