// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Single servers, alive and dead. */
class StoreServerTest extends ServerTestBase {
    @ParameterizedTest
    @EnumSource(StoreKind.class)
    void startsLosesItsDataAndLeavesNothing(StoreKind kind) throws IOException {
        StoreServer server = kind.spec().start();
        try (server) {
            assertThat(server.version()).startsWith(kind.release());
            assertThat(server.leader()).contains(server.node(1));
            mark(server);
            assertThat(isMarked(server)).isTrue();
            assertThatThrownBy(server::restart)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("not durable");
            server.restartWithoutData();
            assertThat(isMarked(server)).isFalse();
        }
        assertThat(server.node(1).isRunning()).isFalse();
        assertThat(server.node(1).site().layout().directory()).doesNotExist();
        for (int port : server.node(1).site().ports()) {
            try (ServerSocket free = new ServerSocket(port)) {
                assertThat(free.isBound()).isTrue();
            }
        }
        server.close();
    }

    @ParameterizedTest
    @EnumSource(
            names = {"REDIS_7", "VALKEY_8", "ZOOKEEPER_3_9", "ETCD_3_4", "CONSUL_1_8", "POSTGRESQL_15", "MARIADB_10_11"
            })
    void keepsItsDataWhenDurable(StoreKind kind) throws IOException {
        try (StoreServer server = kind.spec().durable().start()) {
            mark(server);
            server.restart();
            assertThat(isMarked(server)).as("after kill -9").isTrue();
            server.terminate();
            assertThat(server.node(1).isRunning()).isFalse();
            server.start();
            assertThat(isMarked(server)).as("after an orderly end").isTrue();
            assertThatThrownBy(server::start).hasMessageContaining("runs");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"REDIS_7", "ZOOKEEPER_3_9", "ETCD_3_5", "CONSUL_1_8", "POSTGRESQL_15", "MARIADB_10_11"})
    void pausesAndGoesOn(StoreKind kind) throws IOException {
        try (StoreServer server = kind.spec().start()) {
            ServerNode node = server.node(1);
            server.pause();
            // The kernel still takes connections for it, and nobody answers.
            try (Socket socket =
                    new Socket(node.address().getAddress(), node.address().getPort())) {
                socket.setSoTimeout(200);
                socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
            }
            assertThat(node.isRunning()).isTrue();
            server.resume();
            node.awaitReady();

            server.pause();
            server.kill();
            assertThat(node.isRunning()).isFalse();
            assertNobodyAnswers(node);
            assertThatThrownBy(node::pause)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("does not run");
        }
    }

    /** The port of a program is closed; that of a container may take connections, to end them at once. */
    private static void assertNobodyAnswers(ServerNode node) throws IOException {
        try (Socket socket =
                new Socket(node.address().getAddress(), node.address().getPort())) {
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        } catch (SocketException refused) {
            assertThat(refused).hasMessageMatching("Connection (refused|reset)");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"REDIS_7", "REDIS_8", "VALKEY_8"})
    void movesTheClockOfRedis(StoreKind kind) throws IOException {
        assumeProgramsOfThisMachine();
        try (StoreServer server = kind.spec().withMovableClock().start()) {
            Site site = server.node(1).site();
            assertThat(aheadOfUs(site)).isLessThan(Duration.ofMinutes(1));
            redis(site, "SET mark 1 PX 1800000");
            server.moveClock(Duration.ofHours(-1));
            assertThat(aheadOfUs(site)).isLessThan(Duration.ofMinutes(-59));
            assertThat(redis(site, "EXISTS mark")).isEqualTo("1");
            server.moveClock(Duration.ofHours(1));
            assertThat(aheadOfUs(site)).isGreaterThan(Duration.ofMinutes(59));
            assertThat(redis(site, "EXISTS mark")).as("expired by the clock").isEqualTo("0");
        }
    }

    private static Duration aheadOfUs(Site site) throws IOException {
        String command = "EVAL \"return redis.call('TIME')[1]\" 0";
        return Duration.ofSeconds(Long.parseLong(redis(site, command)) - System.currentTimeMillis() / 1_000);
    }

    @Test
    void takesLinesOfTheServersOwnConfiguration() throws IOException {
        try (StoreServer redis = StoreKind.REDIS_7.spec().line("maxmemory 7mb").start()) {
            assertThat(redis(redis.node(1).site(), "INFO memory")).contains("maxmemory:7340032");
        }
        try (StoreServer consul =
                StoreKind.CONSUL_1_8.spec().line("session_ttl_min = \"1s\"").start()) {
            Http http = new Http(consul.node(1).site());
            assertThat(http.put("/v1/session/create", "{\"TTL\":\"2s\"}")).contains("ID");
        }
    }

    @Test
    void refusesSpecificationsThatCannotBe() {
        assertThatThrownBy(() -> StoreKind.REDIS_7.spec().nodes(3)).hasMessage("redis-7 has 1 node here, not 3");
        assertThatThrownBy(() -> StoreKind.ETCD_3_4.spec().nodes(2)).hasMessage("etcd-3.4 has 1 node or 3, not 2");
        assertThatThrownBy(() -> StoreKind.ETCD_3_4.spec().withMovableClock())
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> StoreKind.ETCD_3_4.spec().peersThrough((from, to, target) -> target))
                .hasMessage("nothing can be put between the nodes of etcd-3.4");
    }

    @Test
    void saysWhyItDidNotComeUp() {
        assertThatThrownBy(
                        () -> StoreKind.REDIS_7.spec().line("no-such-setting 1").start())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("ended while it started")
                .hasMessageContaining("no-such-setting");
    }

    @Test
    void sharesServersThatAreAlike() {
        StoreServer shared = Servers.shared(StoreKind.REDIS_7);
        assertThat(Servers.shared(StoreKind.REDIS_7.spec())).isSameAs(shared);
        assertThat(Servers.shared(StoreKind.REDIS_7.spec().line("maxclients 99")))
                .isNotSameAs(shared);
        shared.pause();
        StoreServer another = Servers.shared(StoreKind.REDIS_7);
        assertThat(another).as("in place of the paused one").isNotSameAs(shared);
        assertThat(Files.exists(shared.node(1).site().directory())).isFalse();
    }
}
