// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.Client;
import io.holdfast.ForceOutcome;
import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.LockInfo;
import io.holdfast.tck.internal.KitRuntime;
import io.holdfast.tck.server.Servers;
import io.holdfast.tck.server.StoreKind;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Lock clients over one jetcd client of the program's own, each with a runtime of its own; they come and go. */
class LentClientTest {
    private final EtcdSettings settings = EtcdSettings.DEFAULTS.withPrefix("lent-" + UUID.randomUUID());
    private final String endpoint = Servers.shared(StoreKind.ETCD_3_4).node(1).endpoint();

    private final KitRuntime ofTheFirst = new KitRuntime();

    @AfterEach
    void close() {
        ofTheFirst.close();
    }

    @Test
    @DisplayName("CL-4: what is asked through the second client does not need the runtime of the first")
    void questionsOutliveTheFirstClientsRuntime() throws Exception {
        try (Client lent = Client.builder().endpoints("http://" + endpoint).build();
                KitRuntime ofTheSecond = new KitRuntime();
                EtcdBackend backend = EtcdBackend.using(lent, settings)) {
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
        try (Etcd etcd = Etcd.at(endpoint)) {
            assertThat(etcd.under(settings.prefix())).isEmpty();
        }
    }
}
