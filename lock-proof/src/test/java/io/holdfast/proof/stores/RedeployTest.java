// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.stores;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An application that is deployed again and again in a container that lives on, on every store (rule CL-6). */
class RedeployTest {
    private static final int TIMES = 3;

    /** The container has a driver, too, whether or not another test has loaded it. */
    @BeforeAll
    static void aDriverOfTheContainers() throws ClassNotFoundException {
        Class.forName("org.postgresql.Driver");
    }

    @Test
    @DisplayName("CL-6: memory: keeps no class loader of an application that is gone")
    void inMemory() throws Exception {
        assertThat(Redeploys.thatStay("memory:redeployed", TIMES)).isZero();
    }

    @Test
    @DisplayName("CL-6: file: keeps no class loader of an application that is gone")
    void onFiles(@TempDir Path directory) throws Exception {
        assertThat(Redeploys.thatStay("file:" + directory.resolve("locks"), TIMES))
                .isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "REDIS_7, redis, ?prefix=redeploy",
        "ZOOKEEPER_3_9, zk, ?prefix=redeploy",
        "ETCD_3_5, etcd, ?prefix=redeploy",
        "CONSUL_1_8, consul, ?prefix=redeploy",
        "POSTGRESQL_15, jdbc:postgresql, /postgres?user=root&table=redeploy&create-table=true"
    })
    @DisplayName("CL-6: no store of a network keeps a class loader of an application that is gone")
    void overANetwork(StoreKind kind, String scheme, String rest) throws Exception {
        String url = scheme + "://" + Servers.shared(kind).node(1).endpoint() + rest;
        assertThat(Redeploys.thatStay(url, TIMES)).isZero();
    }
}
