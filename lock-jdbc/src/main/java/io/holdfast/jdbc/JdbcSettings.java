// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import io.holdfast.LockConfigException;
import io.holdfast.spi.BackendConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link JdbcBackend} uses its database, whoever made the connections; immutable.
 */
public final class JdbcSettings {
    static final String TABLE = "table";
    static final String CREATE_TABLE = "create-table";
    static final String CONNECTIONS = "connections";
    static final String TOKEN_RETENTION = "token-retention";
    static final Map<String, String> HELP = Map.of(
            TABLE, "the table of locks, best with its schema, as public.holdfast_locks (holdfast_locks)",
            CREATE_TABLE, "whether opening makes the table where there is none, for tests and trials (false)",
            CONNECTIONS, "how many connections attempts and looks use at a time, at most (2)",
            TOKEN_RETENTION, "how long the row of a name that nobody locks any more is kept (1h)");

    static final String TABLES =
            "it is a table's name, or a schema's, a dot and a table's, of at most 63 letters, digits and _ each";

    private static final int MOST_CONNECTIONS = 100;
    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final Duration LONGEST = Duration.ofDays(365);
    private static final Duration SHORTEST_RETENTION = Duration.ofMinutes(1);

    /** What a configuration has when it says nothing. */
    public static final JdbcSettings DEFAULTS =
            new JdbcSettings("holdfast", "holdfast_locks", false, 2, Duration.ofSeconds(3), Duration.ofHours(1));

    private final String prefix;
    private final String table;
    private final boolean createTable;
    private final int connections;
    private final Duration operationTimeout;
    private final Duration tokenRetention;

    private JdbcSettings(
            String prefix,
            String table,
            boolean createTable,
            int connections,
            Duration operationTimeout,
            Duration tokenRetention) {
        Objects.requireNonNull(prefix, "prefix");
        Objects.requireNonNull(table, "table");
        if (!prefix.matches("[A-Za-z0-9._:/-]{1,200}")) {
            throw new LockConfigException(
                    "setting 'prefix' is '" + prefix + "'; it has 1 to 200 letters, digits and . _ : / -");
        }
        // It stands in the text of statements, where nothing can be quoted alike in all databases.
        if (!isTable(table)) {
            throw new LockConfigException("setting '" + TABLE + "' is '" + table + "'; " + TABLES);
        }
        if (connections < 1 || connections > MOST_CONNECTIONS) {
            throw new LockConfigException("setting '" + CONNECTIONS + "' is " + connections
                    + "; it is at least 1 and at most " + MOST_CONNECTIONS);
        }
        BackendConfig.requireWithin("operation-timeout", operationTimeout, SHORTEST, LONGEST);
        BackendConfig.requireWithin(TOKEN_RETENTION, tokenRetention, SHORTEST_RETENTION, LONGEST);
        this.prefix = prefix;
        this.table = table;
        this.createTable = createTable;
        this.connections = connections;
        this.operationTimeout = operationTimeout;
        this.tokenRetention = tokenRetention;
    }

    /** Whether a text can stand for a table in a statement, whatever the database. */
    static boolean isTable(String name) {
        return name.matches("[A-Za-z_][A-Za-z0-9_]{0,62}(\\.[A-Za-z_][A-Za-z0-9_]{0,62})?");
    }

    static JdbcSettings of(BackendConfig config) {
        return new JdbcSettings(
                config.prefix(),
                config.text(TABLE).orElse(DEFAULTS.table),
                config.flag(CREATE_TABLE, DEFAULTS.createTable),
                config.integer(CONNECTIONS, DEFAULTS.connections, 1, MOST_CONNECTIONS),
                config.operationTimeout(),
                config.duration(TOKEN_RETENTION, DEFAULTS.tokenRetention));
    }

    /**
     * The same with another prefix.
     *
     * @param value 1 to 200 letters, digits and {@code . _ : / -}
     * @return a copy
     * @throws LockConfigException when it is not such
     */
    public JdbcSettings withPrefix(String value) {
        return new JdbcSettings(value, table, createTable, connections, operationTimeout, tokenRetention);
    }

    /**
     * The same with another table.
     *
     * @param value a table's name, or a schema's, a dot and a table's: 1 to 63 letters, digits and {@code _} each, no digit first
     * @return a copy
     * @throws LockConfigException when it is not such
     */
    public JdbcSettings withTable(String value) {
        return new JdbcSettings(prefix, value, createTable, connections, operationTimeout, tokenRetention);
    }

    /**
     * The same with another answer to whether opening makes the table where there is none.
     *
     * @param value true to make it, which needs the right to; false to refuse to open then
     * @return a copy
     */
    public JdbcSettings withCreateTable(boolean value) {
        return new JdbcSettings(prefix, table, value, connections, operationTimeout, tokenRetention);
    }

    /**
     * The same with another number of connections.
     *
     * @param value 1 to 100
     * @return a copy
     * @throws LockConfigException when it is out of its range
     */
    public JdbcSettings withConnections(int value) {
        return new JdbcSettings(prefix, table, createTable, value, operationTimeout, tokenRetention);
    }

    /**
     * The same with another time for one request.
     *
     * @param value 1 ms to 365 days
     * @return a copy
     * @throws LockConfigException when it is out of its range
     */
    public JdbcSettings withOperationTimeout(Duration value) {
        return new JdbcSettings(prefix, table, createTable, connections, value, tokenRetention);
    }

    /**
     * The same with another time for which the rows of unused names are kept.
     *
     * @param value 1 min to 365 days
     * @return a copy
     * @throws LockConfigException when it is out of its range
     */
    public JdbcSettings withTokenRetention(Duration value) {
        return new JdbcSettings(prefix, table, createTable, connections, operationTimeout, value);
    }

    /**
     * What tells the rows of these locks from others in the table: 1 to 200 letters, digits and {@code . _ : / -}.
     *
     * @return as set, or as {@link #DEFAULTS} has it
     */
    public String prefix() {
        return prefix;
    }

    /**
     * The table, best with its schema, since a session may be led to another: {@code public.holdfast_locks}, {@code app.locks}.
     *
     * @return as set, or as {@link #DEFAULTS} has it
     */
    public String table() {
        return table;
    }

    /**
     * Whether opening makes the table where there is none.
     *
     * @return as set, or as {@link #DEFAULTS} has it
     */
    public boolean createTable() {
        return createTable;
    }

    /**
     * How many connections attempts and inspections use at the same time at most; 1 to 100. Releases have one more, and renewals up to six
     * of their own while they are answered late.
     *
     * @return as set, or as {@link #DEFAULTS} has it
     */
    public int connections() {
        return connections;
    }

    /**
     * How long one request may take, its wait for a connection included; positive.
     *
     * @return as set, or as {@link #DEFAULTS} has it
     */
    public Duration operationTimeout() {
        return operationTimeout;
    }

    /**
     * How long the row of a name that nobody locks any more is kept, by which a late request finds that it must do nothing; 1 min to 365
     * days.
     *
     * @return as set, or as {@link #DEFAULTS} has it
     */
    public Duration tokenRetention() {
        return tokenRetention;
    }

    private List<Object> parts() {
        return List.of(prefix, table, createTable, connections, operationTimeout, tokenRetention);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof JdbcSettings settings && parts().equals(settings.parts());
    }

    @Override
    public int hashCode() {
        return parts().hashCode();
    }

    @Override
    public String toString() {
        return "JdbcSettings[prefix=" + prefix + ", table=" + table + ", createTable=" + createTable
                + ", connections=" + connections + ", operationTimeout=" + operationTimeout + ", tokenRetention="
                + tokenRetention + "]";
    }
}
