// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import io.holdfast.LockConfigException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What one database says otherwise than others. The statements of {@link Statements} are what PostgreSQL 15 and H2 2 both take;
 * here stands the rest.
 */
enum Dialect {
    /**
     * PostgreSQL. Of its clocks only this one goes on inside a statement that waited for a row; {@code now()} stands still in a
     * transaction.
     */
    POSTGRESQL("postgresql", "PostgreSQL", "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)", "TEXT") {
        @Override
        String returning(String update, String column) {
            return update + " RETURNING " + column;
        }

        @Override
        String insertUnlessThere(String insert) {
            return insert + " ON CONFLICT (prefix, name) DO NOTHING";
        }
    },

    /** H2, whose clock stands still in a statement: what waited takes a lease that began before it waited, which is safe. */
    H2("h2", "H2", "CAST(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP(6)) * 1000000 AS BIGINT)", "VARCHAR(1000000)") {
        @Override
        String returning(String update, String column) {
            return "SELECT " + column + " FROM FINAL TABLE (" + update + ")";
        }

        /** What is there already is a duplicate key, which counts as nothing inserted. */
        @Override
        String insertUnlessThere(String insert) {
            return insert;
        }
    };

    private final String subprotocol;
    private final String product;
    private final String now;
    private final String text;

    Dialect(String subprotocol, String product, String now, String text) {
        this.subprotocol = subprotocol;
        this.product = product;
        this.now = now;
        this.text = text;
    }

    /** By what follows {@code jdbc:} in an address. */
    static Dialect ofAddress(String path) {
        return Arrays.stream(values())
                .filter(dialect -> path.startsWith(dialect.subprotocol + ":"))
                .findFirst()
                .orElseThrow(() -> unknown("the address begins with 'jdbc:" + path.replaceFirst(":.*", "") + ":'"));
    }

    /** By what a connection says of its database. */
    static Dialect ofProduct(String name) {
        return Arrays.stream(values())
                .filter(dialect -> name.equalsIgnoreCase(dialect.product))
                .findFirst()
                .orElseThrow(() -> unknown("the database is '" + name + "'"));
    }

    private static LockConfigException unknown(String seen) {
        return new LockConfigException(seen + ", which lock-jdbc does not know; it knows "
                + Arrays.stream(values())
                        .map(dialect -> "jdbc:" + dialect.subprotocol + ":")
                        .collect(Collectors.joining(", "))
                + ". Another one is a LockTable of a few statements: docs/writing-a-backend.md");
    }

    /** The database's own time, in microseconds since 1970, wherever its sessions think they are. */
    String now() {
        return now;
    }

    /** A column for text of any length. */
    String text() {
        return text;
    }

    /** A change that answers with a column of each row it changed, as it is then. */
    abstract String returning(String update, String column);

    /** An insertion that changes nothing where the name has a row. */
    abstract String insertUnlessThere(String insert);

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
