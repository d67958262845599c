// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.stores;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockClient;
import io.holdfast.LockConfigException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An address that names no host says what form is expected, in every store of a network, before any request (rule ER-1). */
class AddressTest {
    @ParameterizedTest
    @CsvSource({
        "redis, redis://localhost:6379",
        "valkeys, valkeys://localhost:6379",
        "etcd, etcd://h1:2379",
        "etcds, etcds://h1:2379",
        "consul, consul://localhost:8500",
        "consuls, consuls://localhost:8501",
        "zookeeper, zookeeper://h1:2181",
        "zks, zks://h1:2181"
    })
    void anAddressWithoutAHostSaysWhatFormIsExpected(String scheme, String form) {
        for (String rest : new String[] {":/x", ":x", "://", ":127.0.0.1:1", ":///0"}) {
            assertThatThrownBy(() -> LockClient.open(scheme + rest))
                    .as(scheme + rest)
                    .isInstanceOf(LockConfigException.class)
                    .hasMessageContainingAll("names no ", "two slashes", form);
        }
    }
}
