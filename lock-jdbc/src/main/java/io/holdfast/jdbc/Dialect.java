// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import io.holdfast.LockConfigException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What one database says otherwise than others. The statements of {@link Statements} are what all of them take; here stands the rest.
 */
enum Dialect {
    /**
     * PostgreSQL. Of its clocks only this one goes on inside a statement that waited for a row; {@code now()} stands still in a
     * transaction.
     */
    POSTGRESQL(
            "postgresql",
            "org.postgresql:postgresql",
            "PostgreSQL",
            "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)",
            "TEXT") {
        @Override
        String insertUnlessThere(String insert) {
            return insert + " ON CONFLICT (prefix, name) DO NOTHING";
        }

        @Override
        Changes changes() {
            return Changes.RETURNING;
        }

        /** A lock that keeps from no reference to the row, as the lock of a change. */
        @Override
        String lockingFree() {
            return "FOR NO KEY UPDATE SKIP LOCKED";
        }
    },

    /** H2, whose clock stands still in a statement: what waited takes a lease that began before it waited, which is safe. */
    H2(
            "h2",
            "com.h2database:h2",
            "H2",
            "CAST(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP(6)) * 1000000 AS BIGINT)",
            "VARCHAR(1000000)") {
        @Override
        Changes changes() {
            return Changes.FINAL_TABLE;
        }
    },

    /** MariaDB. Its clock stands still in a statement, as H2's; of the two that it has, this one knows no time zone and no summer time. */
    MARIADB("mariadb", "org.mariadb.jdbc:mariadb-java-client", "MariaDB", Dialect.SINCE_1970, "TEXT"),

    /** MySQL, in the same words; not run by the tests. */
    MYSQL("mysql", "com.mysql:mysql-connector-j", "MySQL", Dialect.SINCE_1970, "TEXT");

    private static final String SINCE_1970 =
            "TIMESTAMPDIFF(MICROSECOND, TIMESTAMP'1970-01-01 00:00:00', UTC_TIMESTAMP(6))";

    private final String subprotocol;
    private final String driver;
    private final String product;
    private final String now;
    private final String text;

    Dialect(String subprotocol, String driver, String product, String now, String text) {
        this.subprotocol = subprotocol;
        this.driver = driver;
        this.product = product;
        this.now = now;
        this.text = text;
    }

    /** How a change answers with what it wrote, in the same request. */
    enum Changes {
        /** {@code UPDATE … RETURNING}. */
        RETURNING,
        /** {@code SELECT … FROM FINAL TABLE (UPDATE …)}. */
        FINAL_TABLE,
        /** One number, the last insert id, which any statement may set; nothing else. */
        LAST_INSERT_ID
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

    /**
     * Refuses a release that knows no {@code SKIP LOCKED}: every renewal would fail.
     *
     * @throws LockConfigException when it is too old
     */
    void check(int major, int minor) {
        int[] oldest =
                switch (this) {
                    case POSTGRESQL -> new int[] {9, 5};
                    case H2 -> new int[] {2, 2};
                    case MARIADB -> new int[] {10, 6};
                    case MYSQL -> new int[] {8, 0};
                };
        if (major < oldest[0] || (major == oldest[0] && minor < oldest[1])) {
            throw new LockConfigException("the database is " + product + " " + major + "." + minor
                    + ", which is too old for lock-jdbc; it needs " + oldest[0] + "." + oldest[1] + " or later");
        }
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

    /** The artifact that has its driver, for people. */
    String driver() {
        return driver;
    }

    /** A column for text of any length. */
    String text() {
        return text;
    }

    /** How a change answers; of MariaDB and MySQL unless a database says otherwise. */
    Changes changes() {
        return Changes.LAST_INSERT_ID;
    }

    /** A change that answers with a column of each row it changed, as it is then; where it can only set a number, the change alone. */
    String returning(String update, String column) {
        return switch (changes()) {
            case RETURNING -> update + " RETURNING " + column;
            case FINAL_TABLE -> "SELECT " + column + " FROM FINAL TABLE (" + update + ")";
            case LAST_INSERT_ID -> update;
        };
    }

    /** At the end of a selection: has it lock the rows that nobody else has locked, and leave out the others. */
    String lockingFree() {
        return "FOR UPDATE SKIP LOCKED";
    }

    /**
     * A change that extends rows, each by its key, whatever else the table has.
     *
     * @param free a selection of their {@code free_prefix}, {@code free_name} and {@code new_end}, which has them locked
     */
    String extending(String free) {
        String those = "held.prefix = free_prefix AND held.name = free_name";
        String end = "until_us = GREATEST(held.until_us, ";
        return switch (changes()) {
            case RETURNING ->
                "UPDATE @T@ AS held SET " + end + "new_end) FROM " + free + " WHERE " + those
                        + " RETURNING holder, until_us";
            // A condition with a selection would be looked at anew for each row of the table.
            case FINAL_TABLE ->
                "SELECT holder, until_us FROM FINAL TABLE (MERGE INTO @T@ AS held USING " + free + " ON " + those
                        + " WHEN MATCHED THEN UPDATE SET " + end + "new_end))";
            // A small table would be read from end to end, and waited for.
            case LAST_INSERT_ID ->
                "UPDATE " + free + " STRAIGHT_JOIN @T@ AS held FORCE INDEX (PRIMARY) ON " + those + " SET held." + end
                        + "LAST_INSERT_ID(new_end))";
        };
    }

    /** A number that a change writes and answers with. */
    String answered(String number) {
        return changes() == Changes.LAST_INSERT_ID ? "LAST_INSERT_ID(" + number + ")" : number;
    }

    /** An insertion that changes nothing where the name has a row: it does nothing, or fails as a duplicate. */
    String insertUnlessThere(String insert) {
        return insert;
    }

    /** What stands behind a table's columns: names are compared byte by byte, and a key is as long as ours. */
    String tableOptions() {
        return changes() == Changes.LAST_INSERT_ID ? " CHARACTER SET ascii COLLATE ascii_bin" : "";
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
