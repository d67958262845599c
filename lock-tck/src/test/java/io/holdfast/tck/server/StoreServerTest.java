// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StoreServerTest {
    @ParameterizedTest
    @EnumSource(StoreKind.class)
    void startsOfItsRelease(StoreKind kind) {
        try (StoreServer server = kind.spec().start()) {
            assertThat(server.version()).startsWith(kind.release());
            assertThat(server.leader()).isPresent();
        }
    }

    @ParameterizedTest
    @EnumSource(StoreKind.class)
    void startsWithTlsAndCredentials(StoreKind kind) {
        try (StoreServer server = kind.spec().withTls().withCredentials().start()) {
            assertThat(server.version()).startsWith(kind.release());
            assertThat(server.leader()).isPresent();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ZOOKEEPER_3_9", "ETCD_3_4", "ETCD_3_5", "CONSUL_1_8"})
    void clusters(StoreKind kind) {
        try (StoreServer server = kind.spec().nodes(3).start()) {
            assertThat(server.leader()).isPresent();
        }
    }
}
