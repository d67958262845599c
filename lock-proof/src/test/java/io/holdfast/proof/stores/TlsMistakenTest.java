// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.stores;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockConfigException;
import io.holdfast.lab.server.StoreServer;
import io.holdfast.proof.stores.OpeningTest.Store;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** TLS meets a server without, and none a server with it: the same on every store with servers. */
@Execution(ExecutionMode.CONCURRENT)
class TlsMistakenTest {
    private static LockConfig config(String scheme, StoreServer server) {
        // What does not pass ends the opening at once: with more than one try it would be an outage.
        return LockConfig.of(scheme + "://" + server.endpoints()).with("connect-timeout", "30s");
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("OP-1: TLS for a server without is told, with the scheme that is right")
    void tlsForAServerWithout(Store store) {
        try (StoreServer server = store.spec.start()) {
            assertThatThrownBy(() -> LockClient.open(config(store.scheme + "s", server)))
                    .isInstanceOf(LockConfigException.class)
                    .hasMessageContaining(server.endpoints() + " answers without TLS; write " + store.scheme
                            + ": in place of " + store.scheme + "s:");
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("OP-1: no TLS for a server with it is told, with the scheme that is right")
    void noTlsForAServerWith(Store store) {
        try (StoreServer server = store.spec.withTls().start()) {
            assertThatThrownBy(() -> LockClient.open(config(store.scheme, server)))
                    .isInstanceOf(LockConfigException.class)
                    .hasMessageContaining(server.endpoints() + " speaks TLS; write " + store.scheme + "s: in place of "
                            + store.scheme + ":");
        }
    }
}
