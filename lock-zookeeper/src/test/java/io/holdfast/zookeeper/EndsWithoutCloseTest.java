// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import io.holdfast.tck.process.JavaProcess;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A program that ends without closing ends: no thread of ours, or of ZooKeeper's client, keeps it and its locks alive. */
class EndsWithoutCloseTest {
    private static final Duration LEASE = Duration.ofSeconds(4);
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @Test
    @SuppressWarnings("try") // the program that holds is only to end with the test
    @DisplayName("CR-1: the lock of a program whose main method failed passes on")
    void theLockOfAProgramThatEndsWithoutClosingPassesOn() throws Exception {
        StoreServer server = Servers.shared(StoreKind.ZOOKEEPER_3_9);
        String prefix = "ends-" + UUID.randomUUID();
        String uri = "zk://" + server.endpoints() + "?tick=500ms&lease=4s&prefix=" + prefix;
        try (LockClient next = LockClient.open(LockConfig.of(uri));
                Admin admin = new Admin(server.node(1).address());
                JavaProcess unused = JavaProcess.start(ForgetfulMain.class, PATIENCE, List.of(uri, "n"))) {
            await().atMost(PATIENCE).until(() -> admin.contenders("/" + prefix + "/n") == 1);
            LockHandle hold = next.acquire("n", LEASE.multipliedBy(5));
            assertThat(hold.isValid()).isTrue();
            hold.release();
        }
    }
}
