// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.stores;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.jdbc.FencedDataSource;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.process.JavaProcess;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** FT-8 where the lock is in one store and the data in another: a lock in Redis, a table in PostgreSQL, and holders that are stopped. */
class FencedAcrossStoresTest {
    private static final int WORKERS = 3;

    /** More by {@code -Dfence.rounds=10000}. */
    private static final int ROUNDS = Integer.getInteger("fence.rounds", 150) / WORKERS;

    private static final long SEED = 20261201;
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private static StoreServer locks;
    private static StoreServer data;
    private static final PGSimpleDataSource SOURCE = new PGSimpleDataSource();

    @BeforeAll
    static void start() throws SQLException {
        locks = StoreKind.REDIS_7.spec().start();
        data = StoreKind.POSTGRESQL_15.spec().start();
        SOURCE.setUrl("jdbc:postgresql://" + data.node(1).endpoint() + "/postgres?user=root");
        change("CREATE TABLE account (balance BIGINT NOT NULL)");
        change("INSERT INTO account VALUES (0)");
        change("CREATE SEQUENCE steps");
        change(FencedDataSource.of(SOURCE).createStatement());
    }

    @AfterAll
    static void stop() {
        data.close();
        locks.close();
    }

    private static void change(String text) throws SQLException {
        try (Connection connection = SOURCE.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(text);
        }
    }

    private static long one(String question) throws SQLException {
        try (Connection connection = SOURCE.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(question)) {
            row.next();
            return row.getLong(1);
        }
    }

    /** What was written, and is not in the sum. */
    private static long lost(boolean guarded) throws Exception {
        change("UPDATE account SET balance = 0");
        List<JavaProcess> workers = new ArrayList<>();
        try {
            for (int i = 0; i < WORKERS; i++) {
                workers.add(JavaProcess.start(
                        FencedWorkerMain.class,
                        PATIENCE.plusMillis(100L * ROUNDS),
                        List.of("redis://" + locks.node(1).endpoint(), SOURCE.getUrl(), "" + guarded, "" + ROUNDS)));
            }
            for (JavaProcess worker : workers) {
                worker.answer("ready");
            }
            workers.forEach(worker -> worker.send("go"));
            stopByTurns(workers);
            long written = 0;
            for (JavaProcess worker : workers) {
                written += Long.parseLong(worker.answer("done")[1]);
            }
            return written - one("SELECT balance FROM account");
        } finally {
            workers.forEach(JavaProcess::close);
        }
    }

    /** Each is stopped until the others have gone on: if it held the lock, after its lease; in its transaction, not before it does. */
    private static void stopByTurns(List<JavaProcess> workers) throws Exception {
        Random random = new Random(SEED);
        while (workers.stream().noneMatch(JavaProcess::hasAnswered)) {
            JavaProcess worker = workers.get(random.nextInt(WORKERS));
            worker.freeze();
            try {
                haveGoneOn(workers, 4, FencedWorkerMain.LEASE.multipliedBy(4));
            } finally {
                worker.thaw();
            }
            int steps = random.nextInt(20);
            assertThat(haveGoneOn(workers, steps, PATIENCE))
                    .as("whether they go on, %s steps", steps)
                    .isTrue();
        }
    }

    private static boolean haveGoneOn(List<JavaProcess> workers, int steps, Duration limit) throws Exception {
        long before = one("SELECT last_value FROM steps");
        return Await.until(
                limit,
                () -> one("SELECT last_value FROM steps") - before >= steps
                        || workers.stream().anyMatch(JavaProcess::hasAnswered));
    }

    @Test
    @DisplayName(
            "FT-8: lock in Redis, table in PostgreSQL: no update of a stopped holder is lost behind the fence, some are without it")
    void noUpdateIsLost() throws Exception {
        assertThat(lost(true)).as("updates lost behind the fence").isZero();
        assertThat(lost(false)).as("updates lost without it").isPositive();
    }
}
