// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockConfigException;
import io.holdfast.LockDeniedException;
import io.holdfast.LockHandle;
import io.holdfast.StoreFinding;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.Credentials;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is let in by a PostgreSQL with passwords, with which rights, and what the others hear. */
class RefusalTest {
    private static StoreServer server;
    private static Rows administrator;

    @BeforeAll
    static void start() {
        server = StoreKind.POSTGRESQL_15.spec().withCredentials().start();
        administrator = new Rows(url(), "root");
    }

    @AfterAll
    static void end() {
        administrator.close();
        server.close();
    }

    private static String url() {
        return "jdbc:postgresql://127.0.0.1:" + server.node(1).address().getPort() + "/postgres";
    }

    private static LockConfig as(String user, String password) {
        return LockConfig.of(url())
                .with("user", user)
                .with("password", password)
                .with("connect-timeout", "4s")
                .with("operation-timeout", "2s");
    }

    private static LockConfig locker() {
        Credentials credentials = server.credentials();
        return as(credentials.user(), credentials.password());
    }

    /** One after the other, since each right takes something away from what is refused. */
    @Test
    void theRightsOfThePageAreEnoughAndFewerAreTold() throws InterruptedException {
        String user = server.credentials().user();
        assertThatThrownBy(() ->
                        LockClient.open(as(user, "wrong-" + server.credentials().password())))
                .isInstanceOf(LockDeniedException.class)
                .hasMessageContaining("SQLState 28P01")
                .hasMessageNotContaining(server.credentials().password());
        assertThatThrownBy(() -> LockClient.open(locker().with("table", "rights")))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("no such table");

        LockClient.open(as("root", "any").with("table", "rights").with("create-table", "true"))
                .close();
        assertThatThrownBy(() -> LockClient.open(locker().with("table", "rights")))
                .isInstanceOf(LockDeniedException.class)
                .hasMessageContaining("SQLState 42501");

        administrator.change("GRANT SELECT, INSERT, UPDATE, DELETE ON rights TO " + user);
        try (LockClient client = LockClient.open(locker().with("table", "rights"));
                LockHandle hold = client.acquire("a")) {
            assertThat(hold.isValid()).isTrue();
            assertThat(client.list()).hasSize(1);
            assertThat(client.diagnose())
                    .extracting(StoreFinding::subject)
                    .containsAll(List.of("transport", "database", "clock", "durability", "role"));
        }
    }

    /** As a standby is, to the driver and to us. */
    @Test
    void ofSeveralHostsTheOneThatTakesChangesIsUsed() throws InterruptedException {
        try (StoreServer second = StoreKind.POSTGRESQL_15.spec().start()) {
            String port = Integer.toString(second.node(1).address().getPort());
            Rows setting = new Rows("jdbc:postgresql://127.0.0.1:" + port + "/postgres", "root");
            setting.change("ALTER DATABASE postgres SET default_transaction_read_only = on");
            setting.close();
            String both = url().replace("127.0.0.1:", "127.0.0.1:" + port + ",127.0.0.1:");
            LockConfig config = LockConfig.of(both)
                    .with("user", "root")
                    .with("table", "hosts")
                    .with("password", "any");
            try (LockClient client = LockClient.open(config.with("create-table", "true"));
                    LockHandle hold = client.acquire("a")) {
                assertThat(hold.isValid()).isTrue();
            }
        }
    }

    @Test
    void transactionsThatAreReadOnlyAreFound() throws InterruptedException {
        LockClient.open(as("root", "any").with("table", "unchanged").with("create-table", "true"))
                .close();
        administrator.change("CREATE ROLE reader SUPERUSER LOGIN PASSWORD 'any'");
        administrator.change("ALTER ROLE reader SET default_transaction_read_only = on");
        try (LockClient client = LockClient.open(as("reader", "any").with("table", "unchanged"))) {
            assertThat(client.diagnose())
                    .filteredOn(finding -> finding.subject().equals("role"))
                    .singleElement()
                    .extracting(StoreFinding::verdict)
                    .isEqualTo(StoreFinding.Verdict.UNSAFE);
        }
    }

    /** A pool asks for the password at each new connection: what is exchanged at the server needs no new client. */
    @Test
    void anExchangedPasswordIsUsedByTheNextConnection(@TempDir Path directory) throws Exception {
        String user = "turns";
        administrator.change("CREATE ROLE turns LOGIN PASSWORD 'first'");
        LockClient.open(as("root", "any").with("create-table", "true")).close();
        administrator.change("GRANT SELECT, INSERT, UPDATE, DELETE ON holdfast_locks TO turns");
        Path file = Files.writeString(directory.resolve("password"), "first");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        LockConfig config = LockConfig.of(url()).with("user", user).with("password-file", file.toString());
        try (LockClient client = LockClient.open(config);
                LockHandle hold = client.acquire("turning")) {
            Files.writeString(file, "second");
            administrator.change("ALTER ROLE turns PASSWORD 'second'");
            // All connections of that user end, as they do at a server's restart.
            administrator.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'turns'");

            try (LockHandle next = client.acquire("next")) {
                assertThat(next.isValid()).isTrue();
            }
            assertThat(hold.isValid()).isTrue();
        }
    }

    /** To connect takes several answers, each of them in time. */
    @Test
    void aDatabaseIsOpenedThoughConnectingTakesLongerThanARequestMay() throws Exception {
        try (TcpProxy way = TcpProxy.to(server.node(1).address())) {
            way.replies().delay(Duration.ofMillis(100), Duration.ZERO);
            LockConfig slow = LockConfig.of("jdbc:postgresql://" + way.endpoint() + "/postgres")
                    .with("user", "root")
                    .with("password", "any")
                    .with("create-table", "true")
                    .with("operation-timeout", "200ms");
            LockClient.open(slow).close();
        }
    }
}
