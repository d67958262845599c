// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server that reaps empty containers all the time, which starts the sequence numbers of a lock anew. */
class ReapingTest {
    private static final int USES = 5;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String CONTAINER = "/holdfast/n";

    private StoreServer server;
    private Admin admin;
    private LockClient client;

    @BeforeEach
    void start() throws Exception {
        server = StoreKind.ZOOKEEPER_3_9
                .spec()
                .line("-Dznode.container.checkIntervalMs=5")
                .line("-Dznode.container.maxPerMinute=60000")
                .start();
        admin = new Admin(server.node(1).address());
        client = LockClient.open(LockConfig.of("zk://" + server.endpoints() + "?tick=500ms"));
    }

    @AfterEach
    void end() {
        client.close();
        admin.close();
        server.close();
    }

    @Test
    void tokensGoUpWhereSequenceNumbersStartAnew() throws Exception {
        long token = 0;
        for (int i = 0; i < USES; i++) {
            LockHandle hold = client.acquire("n", PATIENCE);
            assertThat(hold.fencingToken()).isGreaterThan(token);
            token = hold.fencingToken();
            assertThat(admin.zookeeper().getChildren(CONTAINER, false))
                    .singleElement()
                    .asString()
                    .endsWith("-lock-0000000000");
            hold.release();
            await().pollInterval(Duration.ofMillis(5))
                    .atMost(PATIENCE)
                    .until(() -> admin.zookeeper().exists(CONTAINER, false) == null);
        }
    }

    /** Releases and requests follow each other so fast that the container is reaped before, between and after them. */
    @Test
    void whoMeetsTheReapingMakesTheContainerAgain() throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        int reaped = 0;
        long token = 0;
        while (reaped < 50 && System.nanoTime() - deadline < 0) {
            LockHandle hold = client.acquire("n", PATIENCE);
            assertThat(hold.fencingToken()).isGreaterThan(token);
            token = hold.fencingToken();
            if (admin.zookeeper().getChildren(CONTAINER, false).get(0).endsWith("-lock-0000000000")) {
                reaped++;
            }
            hold.release();
        }
        assertThat(reaped).as("times that the container had been reaped").isGreaterThan(5);
        assertThat(client.metrics().lost()).isZero();
    }
}
