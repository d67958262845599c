// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.LockInfo;
import io.holdfast.StoreFinding.Verdict;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Nodes and data of others under our prefix: they hide nothing and stop nobody, and a diagnosis tells of them (rules IN-2, IN-4). */
class ForeignDataTest {
    /** With names as long as these their list is more than ZooKeeper's client reads as it comes, 4 MiB. */
    private static final int MANY = 5000;

    private static final String LONG = "%".repeat(900);

    private final StoreServer server = Servers.shared(StoreKind.ZOOKEEPER_3_9);
    private final String prefix = "foreign-" + UUID.randomUUID();

    /** Makes or deletes them, so many at a time. */
    private interface Step {
        void on(String path, Runnable done);
    }

    private void all(Step step) throws Exception {
        Semaphore free = new Semaphore(200);
        for (int i = 0; i < MANY; i++) {
            assertThat(free.tryAcquire(60, TimeUnit.SECONDS)).isTrue();
            step.on("/" + prefix + "/" + LONG + i, free::release);
        }
        assertThat(free.tryAcquire(200, 60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    @DisplayName("IN-2: huge and foreign entries make no other name fail, and doctor tells of them")
    void foreignEntries() throws Exception {
        LockConfig config = LockConfig.of("zk://" + server.endpoints() + "?tick=500ms")
                .with("prefix", prefix)
                .withLease(Duration.ofSeconds(8));
        try (Admin admin = new Admin(server.node(1).address());
                LockClient client = LockClient.open(config)) {
            ZooKeeper zookeeper = admin.zookeeper();
            LockHandle hold = client.acquire("n");
            all((path, done) -> zookeeper.create(
                    path,
                    new byte[0],
                    ZooDefs.Ids.OPEN_ACL_UNSAFE,
                    CreateMode.PERSISTENT,
                    (code, asked, context, name) -> done.run(),
                    null));
            String line = "/" + prefix + "/line";
            zookeeper.create(line, new byte[0], ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
            byte[] huge = ("holdfast 1 " + "x".repeat(1_000_000)).getBytes(StandardCharsets.UTF_8);
            zookeeper.create(line + "/lock-", huge, ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_SEQUENTIAL);
            try {
                assertThat(client.list()).extracting(LockInfo::name).containsExactlyInAnyOrder("n", "line");
                assertThat(client.lock("line").inspect().toString()).hasSizeLessThan(2000);
                assertThat(client.lock("n").inspect().isHeld()).isTrue();
                client.acquire("m", Duration.ofSeconds(20)).release();
                assertThat(client.diagnose())
                        .filteredOn(one -> one.subject().equals("entries of others"))
                        .singleElement()
                        .satisfies(one -> {
                            assertThat(one.verdict()).isEqualTo(Verdict.WARNING);
                            assertThat(one.seen()).startsWith(MANY + " of ");
                        });
                assertThat(hold.isValid()).isTrue();
            } finally {
                all((path, done) -> zookeeper.delete(path, -1, (code, asked, context) -> done.run(), null));
                for (String child : zookeeper.getChildren(line, false)) {
                    zookeeper.delete(line + "/" + child, -1);
                }
                zookeeper.delete(line, -1);
            }
            hold.release();
        }
    }
}
