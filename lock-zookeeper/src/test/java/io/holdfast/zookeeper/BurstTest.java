// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.LockListener;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.ServerNode;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Writes that were sent apart and arrive together. The follower that acknowledges them dies before its leader has pinged it: the leader
 * has never heard that the session was heard from, and ends it a lease after the last word before that.
 */
class BurstTest {
    private static final Duration LEASE = Duration.ofSeconds(16);
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /** The way to the follower is stalled while so many rounds are sent: more than a tick, and less than makes a connection suspicious. */
    private static final int STALLED = 4;

    private StoreServer servers;
    private ServerNode follower;
    private TcpProxy way;

    @BeforeEach
    void start() {
        servers = StoreKind.ZOOKEEPER_3_9.spec().nodes(3).start();
        await().atMost(PATIENCE).until(() -> servers.leader().isPresent());
        ServerNode leader = servers.leader().orElseThrow();
        follower = servers.nodes().stream()
                .filter(node -> node != leader)
                .findFirst()
                .orElseThrow();
        way = TcpProxy.to(follower.address());
    }

    @AfterEach
    void end() {
        way.close();
        servers.close();
    }

    private static LockClient client(String endpoints) {
        return LockClient.open(
                LockConfig.of("zk://" + endpoints + "?tick=500ms").withLease(LEASE));
    }

    @Test
    @DisplayName("ME-1, ME-2: a write confirms only what was acknowledged a tick before it was sent")
    void whatArrivesTogetherConfirmsNothing() throws Exception {
        String others = servers.nodes().stream()
                .filter(node -> node != follower)
                .map(ServerNode::endpoint)
                .collect(Collectors.joining(","));
        AtomicLong renewed = new AtomicLong();
        try (LockClient first = client(way.endpoint());
                LockClient second = client(others)) {
            first.addListener(new LockListener() {
                @Override
                public void renewed(String name, long fencingToken) {
                    renewed.incrementAndGet();
                }
            });
            LockHandle hold = first.acquire("n");
            await().until(() -> renewed.get() >= 3);
            CompletableFuture<Boolean> stillValid =
                    second.acquireAsync("n").thenApply(next -> hold.isValid()).toCompletableFuture();
            long rounds = first.metrics().renewals();
            way.requests().freeze();
            await().pollInterval(Duration.ofMillis(2))
                    .atMost(PATIENCE)
                    .until(() -> first.metrics().renewals() >= rounds + STALLED);
            long before = renewed.get();
            way.requests().thaw();
            await().pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .atMost(PATIENCE)
                    .until(() -> renewed.get() >= before + 2 || !hold.isValid());
            follower.kill();
            assertThat(stillValid.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .as("the first hold when the next was granted")
                    .isFalse();
        }
    }
}
