// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import static org.assertj.core.api.Assertions.assertThat;

import com.ecwid.consul.v1.ConsulRawClient;
import io.holdfast.ForceOutcome;
import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.LockInfo;
import io.holdfast.tck.internal.KitRuntime;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.impl.client.HttpClients;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Lock clients over one consul-api client of the program's own, each with a runtime of its own; they come and go. */
class LentClientTest {
    private final KitRuntime ofTheFirst = new KitRuntime();

    @AfterEach
    void close() {
        ofTheFirst.close();
    }

    @Test
    @DisplayName("CL-4: what is asked through the second client does not need the runtime of the first")
    void questionsOutliveTheFirstClientsRuntime() throws Exception {
        try (Proxied consul = new Proxied();
                CloseableHttpClient http = HttpClients.createDefault();
                KitRuntime ofTheSecond = new KitRuntime();
                ConsulBackend backend = ConsulBackend.using(
                        new ConsulRawClient(
                                http,
                                "127.0.0.1",
                                consul.server.node(1).address().getPort(),
                                ""),
                        ConsulSettings.DEFAULTS.withPrefix(consul.prefix))) {
            LockClient first = LockClient.open(backend, LockConfig.load().withRuntime(ofTheFirst));
            try (LockClient second = LockClient.open(backend, LockConfig.load().withRuntime(ofTheSecond))) {
                first.close();
                ofTheFirst.close();
                LockHandle hold = second.acquire("n");
                assertThat(second.lock("n").inspect().isHeld()).isTrue();
                assertThat(second.list()).extracting(LockInfo::name).containsExactly("n");
                assertThat(second.diagnose()).isNotEmpty();
                assertThat(second.forceUnlock("n", hold.fencingToken())).isEqualTo(ForceOutcome.RELEASED);
            }
        }
    }
}
