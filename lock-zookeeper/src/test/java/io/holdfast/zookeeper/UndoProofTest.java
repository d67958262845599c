// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.lab.server.ServerNode;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import io.holdfast.spi.line.Ticket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.KeeperException.Code;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * A leader that the others have left answers a sync and lists, until it notices, and shows nothing of what its successor has agreed to:
 * a contend that the successor carried out would not be seen.
 */
class UndoProofTest {
    private static final Duration LEASE = Duration.ofSeconds(20);
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final PeerProxies peers = new PeerProxies();
    private final FaultyHandle faults = new FaultyHandle();
    private StoreServer servers;
    private ServerNode leader;

    @BeforeEach
    void start() {
        servers = StoreKind.ZOOKEEPER_3_9
                .spec()
                .nodes(3)
                .peersThrough(peers)
                .line("syncLimit=40")
                .start();
        await().atMost(PATIENCE).until(() -> servers.leader().isPresent());
        leader = servers.leader().orElseThrow();
    }

    @AfterEach
    void end() {
        servers.close();
        peers.close();
    }

    @Test
    @DisplayName("UO-2: an undo that a leader without followers answers is not done")
    void aLeaderWithoutFollowersConfirmsNoUndo() throws Exception {
        ZooKeeperSettings settings =
                ZooKeeperSettings.DEFAULTS.withTick(Duration.ofMillis(500)).withOperationTimeout(Duration.ofSeconds(2));
        try (CuratorFramework lent = CuratorFrameworkFactory.builder()
                .connectString(leader.endpoint())
                .sessionTimeoutMs((int) LEASE.toMillis())
                .retryPolicy(new RetryOneTime(1))
                .zookeeperFactory(faults)
                .build()) {
            lent.start();
            ZooKeeperBackend backend = ZooKeeperBackend.using(lent, settings);
            try (LockClient client = LockClient.open(backend, LockConfig.load().withLease(LEASE))) {
                client.acquire("n").release();
                ZooKeeperSession session = backend.sessions().iterator().next();
                // It went to the successor, say, whose answer was lost with the connection.
                faults.answerNext(Code.CONNECTIONLOSS.intValue(), false);
                Ticket ticket = new Ticket("n", 1_000);
                assertThat(session.enter(ticket, true, null, new CompletableFuture<>()))
                        .failsWithin(PATIENCE);
                peers.cutOff(servers.nodes().indexOf(leader) + 1);
                assertThat(session.undo(ticket)).failsWithin(PATIENCE);
                peers.heal();
                await().atMost(PATIENCE)
                        .untilAsserted(() ->
                                session.undo(ticket).toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
            }
        }
    }
}
