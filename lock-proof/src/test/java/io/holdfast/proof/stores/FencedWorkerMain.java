// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.stores;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.LockLostException;
import io.holdfast.jdbc.FencedDataSource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Adds one to a number in a database, again and again, each time under a lock: it reads, thinks, and writes. Arguments: the lock's
 * store, the database, whether behind the fence, and how often.
 */
final class FencedWorkerMain {
    static final String LOCK = "account/42";
    static final Duration LEASE = Duration.ofMillis(400);

    private static final long THOUGHT_NANOS = 2_000_000;

    private final PGSimpleDataSource source = new PGSimpleDataSource();
    private final FencedDataSource fenced;
    private final boolean guarded;

    private FencedWorkerMain(String database, boolean guarded) {
        source.setUrl(database);
        this.fenced = FencedDataSource.of(source);
        this.guarded = guarded;
    }

    public static void main(String[] arguments) throws Exception {
        FencedWorkerMain worker = new FencedWorkerMain(arguments[1], Boolean.parseBoolean(arguments[2]));
        int written = 0;
        int refused = 0;
        try (LockClient client = LockClient.open(LockConfig.of(arguments[0]).withLease(LEASE))) {
            System.out.println("ready");
            System.in.read();
            for (int i = 0; i < Integer.parseInt(arguments[3]); i++) {
                if (worker.adds(client)) {
                    written++;
                } else {
                    refused++;
                }
            }
        }
        System.out.println("done " + written + " " + refused);
    }

    /** False when the fence refused it. */
    private boolean adds(LockClient client) throws Exception {
        LockHandle hold = client.acquire(LOCK);
        try {
            long read;
            try (Connection connection = source.getConnection()) {
                read = one(connection, "SELECT balance FROM account");
            }
            LockSupport.parkNanos(THOUGHT_NANOS); // in which it may be stopped
            if (guarded) {
                fenced.run(hold, connection -> write(connection, read + 1));
            } else {
                try (Connection connection = source.getConnection()) {
                    write(connection, read + 1);
                }
            }
            return true;
        } catch (LockLostException lost) {
            return false;
        } finally {
            hold.release();
        }
    }

    private static void write(Connection connection, long balance) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("UPDATE account SET balance = " + balance);
        }
        one(connection, "SELECT nextval('steps')"); // goes on, whatever becomes of the transaction
    }

    private static long one(Connection connection, String question) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(question)) {
            row.next();
            return row.getLong(1);
        }
    }
}
