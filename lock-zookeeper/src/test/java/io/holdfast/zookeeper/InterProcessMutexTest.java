// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.LockInfo;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Curator's own mutex in another JVM and ours exclude each other on PREFIX/NAME, and queue in one line. */
class InterProcessMutexTest {
    private final String prefix = "mutex-" + UUID.randomUUID();
    private final String path = "/" + prefix + "/n";
    private Admin admin;
    private LockClient client;
    private CuratorProcess curator;

    @BeforeEach
    void start() throws Exception {
        StoreServer server = Servers.shared(StoreKind.ZOOKEEPER_3_9);
        admin = new Admin(server.node(1).address());
        client = LockClient.open(LockConfig.of("zk://" + server.endpoints() + "?tick=500ms&prefix=" + prefix));
        curator = new CuratorProcess(server.endpoints(), path);
    }

    @AfterEach
    void end() throws Exception {
        curator.close();
        client.close();
        admin.close();
    }

    private void inLine(int contenders) {
        await().until(() -> admin.contenders(path) == contenders);
    }

    @Test
    void whatCuratorHoldsIsBusyForUsAndOursAfterIt() throws Exception {
        curator.acquire();
        curator.held();
        assertThat(client.tryAcquire("n")).isEmpty();
        LockInfo seen = client.lock("n").inspect();
        assertThat(seen.holder().orElseThrow()).startsWith("another program");
        CompletableFuture<LockHandle> waiting = client.acquireAsync("n").toCompletableFuture();
        inLine(2);
        assertThat(waiting).isNotDone();
        curator.release();
        waiting.get(20, TimeUnit.SECONDS).release();
    }

    @Test
    void whatWeHoldIsBusyForCuratorAndItsAfterUs() throws Exception {
        LockHandle hold = client.acquire("n");
        curator.acquire();
        inLine(2);
        assertThat(curator.hasAnswered()).isFalse();
        assertThat(hold.isValid()).isTrue();
        hold.release();
        curator.held();
        assertThat(client.tryAcquire("n")).isEmpty();
        curator.release();
    }

    @Test
    void bothStandInOneLine() throws Exception {
        LockHandle hold = client.acquire("n");
        StoreServer server = Servers.shared(StoreKind.ZOOKEEPER_3_9);
        try (LockClient other =
                LockClient.open(LockConfig.of("zk://" + server.endpoints() + "?tick=500ms&prefix=" + prefix))) {
            curator.acquire();
            inLine(2);
            CompletableFuture<LockHandle> last = other.acquireAsync("n").toCompletableFuture();
            inLine(3);
            hold.release();
            curator.held();
            assertThat(last).as("behind Curator's").isNotDone();
            curator.release();
            LockHandle held = last.get(20, TimeUnit.SECONDS);
            assertThat(held.fencingToken()).isGreaterThan(hold.fencingToken());
            held.release();
        }
    }
}
