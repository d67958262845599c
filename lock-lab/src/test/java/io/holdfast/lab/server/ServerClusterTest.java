// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ServerClusterTest extends ServerTestBase {
    @ParameterizedTest
    @EnumSource(names = {"ZOOKEEPER_3_9", "ETCD_3_4", "ETCD_3_5", "CONSUL_1_8"})
    void electsAnotherLeader(StoreKind kind) throws IOException {
        try (StoreServer server = kind.spec().nodes(3).durable().start()) {
            assertThat(server.endpoints().split(",")).hasSize(3).doesNotHaveDuplicates();
            await().until(() -> server.leader().isPresent());
            ServerNode first = server.leader().orElseThrow();
            mark(server);

            first.pause();
            await().until(() ->
                    server.leader().filter(node -> !node.equals(first)).isPresent());
            first.resume();
            await().until(() -> !first.isLeader());

            ServerNode second = server.leader().orElseThrow();
            second.kill();
            await().until(() ->
                    server.leader().filter(node -> !node.equals(second)).isPresent());
            second.start();
            assertThat(server.nodes()).allMatch(ServerNode::isRunning);

            server.restart();
            await().until(() -> server.leader().isPresent());
            assertThat(isMarked(server)).isTrue();
            server.restartWithoutData();
            assertThat(isMarked(server)).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ZOOKEEPER_3_9", "ETCD_3_5", "CONSUL_1_8"})
    void startsWithTlsAndCredentials(StoreKind kind) {
        try (StoreServer server =
                kind.spec().nodes(3).withTls().withCredentials().start()) {
            await().until(() -> server.leader().isPresent());
        }
    }
}
