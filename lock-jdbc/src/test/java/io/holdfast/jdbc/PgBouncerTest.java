// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import io.holdfast.StoreFinding;
import io.holdfast.StoreFinding.Verdict;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Behind PgBouncer in transaction mode, which refuses or ignores what we would set for a session; the client finds out by itself. */
class PgBouncerTest {
    /** A statement that was sent five times over a connection is prepared on the server, by the driver's usual settings. */
    private static final int CYCLES = 12;

    private static StoreServer server;

    @BeforeAll
    static void start() {
        server = StoreKind.POSTGRESQL_15.spec().start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "; refuses settings",
                "ignore_startup_parameters = options",
                "pool_mode = session\ndefault_pool_size = 20"
            })
    void locksAreTakenOverTwoConnectionsByManyClients(String setting) throws Exception {
        try (PgBouncer pooler = new PgBouncer(server.node(1).endpoint(), setting)) {
            String url = "jdbc:postgresql://" + pooler.endpoint() + "/postgres?create-table=true&user=root";
            List<LockClient> clients = new ArrayList<>();
            try {
                for (int i = 0; i < 4; i++) {
                    clients.add(LockClient.open(url));
                }
                long token = 0;
                for (int i = 0; i < CYCLES * clients.size(); i++) {
                    LockClient client = clients.get(i % clients.size());
                    try (LockHandle hold = client.acquire("pooled")) {
                        assertThat(hold.fencingToken()).isGreaterThan(token);
                        token = hold.fencingToken();
                        LockClient other = clients.get((i + 1) % clients.size());
                        assertThat(other.tryAcquire("pooled")).isEmpty();
                    }
                }
                assertThat(clients.get(0).diagnose())
                        .filteredOn(finding -> finding.subject().equals("statement_timeout"))
                        .singleElement()
                        .extracting(StoreFinding::verdict)
                        .isEqualTo(Verdict.WARNING);
            } finally {
                clients.forEach(LockClient::close);
            }
        }
    }

    /** Whose sessions are anybody's: what another program has set is there for us. */
    @Test
    @DisplayName("ME-1: another program's search path behind the pooler leads to no other table")
    void anothersSearchPathLeadsToNoOtherTable() throws Exception {
        try (PgBouncer pooler = new PgBouncer(server.node(1).endpoint(), "ignore_startup_parameters = options")) {
            String url = "jdbc:postgresql://" + pooler.endpoint() + "/postgres?user=root";
            LockClient.open(url + "&create-table=true").close();
            try (LockClient first = LockClient.open(url);
                    LockClient second = LockClient.open(url);
                    LockHandle hold = first.acquire("searched")) {
                leadAstray(pooler);
                assertThat(second.tryAcquire("searched")).isEmpty();
                assertThat(hold.isValid()).isTrue();
                assertThat(table(second).verdict()).isEqualTo(Verdict.WARNING);
                assertThat(table(second).toString()).contains("public.holdfast_locks");
            }
            try (LockClient named = LockClient.open(url + "&table=public.holdfast_locks")) {
                assertThat(table(named).verdict()).isEqualTo(Verdict.OK);
            }
        }
    }

    /** Both sessions of the pool. */
    private static void leadAstray(PgBouncer pooler) throws SQLException {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl("jdbc:postgresql://" + pooler.endpoint() + "/postgres?user=root&prepareThreshold=0");
        try (Connection one = source.getConnection();
                Connection other = source.getConnection();
                Statement first = one.createStatement();
                Statement second = other.createStatement()) {
            first.execute("CREATE SCHEMA IF NOT EXISTS tenant");
            first.execute(
                    "CREATE TABLE IF NOT EXISTS tenant.holdfast_locks (LIKE public.holdfast_locks INCLUDING ALL)");
            one.setAutoCommit(false);
            other.setAutoCommit(false);
            first.execute("SET search_path = tenant, public");
            second.execute("SET search_path = tenant, public");
            one.commit();
            other.commit();
        }
    }

    private static StoreFinding table(LockClient client) throws InterruptedException {
        return client.diagnose().stream()
                .filter(finding -> finding.subject().equals("table"))
                .findFirst()
                .orElseThrow();
    }
}
