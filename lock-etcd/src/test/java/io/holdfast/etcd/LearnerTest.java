// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.LockUnavailableException;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Members that cannot serve say so at once, and did nothing: another one is asked, or the same one again. */
@SuppressWarnings("try") // close of a process waits, and may be interrupted
class LearnerTest {
    @TempDir
    Path directory;

    @Test
    @DisplayName("UO-7: a member that is being added is in nobody's way")
    void aLearnerInTheUrlHindersNothing() throws Exception {
        try (Member first = new Member(directory, "m1").start();
                Member learner = new Member(directory, "m2");
                Etcd etcd = Etcd.at(first.endpoint())) {
            Etcd.answer(etcd.client.getClusterClient().addMember(List.of(URI.create(learner.peerUrl())), true));
            learner.join(first);
            String url = "etcd://" + learner.endpoint() + "," + first.endpoint();
            for (int i = 0; i < 4; i++) {
                try (LockClient client = LockClient.open(url)) {
                    for (int j = 0; j < 20; j++) {
                        client.acquire("n", Duration.ofSeconds(5)).release();
                        assertThat(client.lock("n").tryLock()).isTrue();
                        client.lock("n").unlock();
                    }
                    assertThat(client.metrics().failures()).isZero();
                }
            }
            assertThatThrownBy(() -> LockClient.open(
                            LockConfig.of("etcd://" + learner.endpoint()).with("connect-timeout", "2s")))
                    .isInstanceOf(LockUnavailableException.class)
                    .hasMessageContaining("learner");
        }
    }

    @Test
    @DisplayName("UO-7: a member without a leader says so, and it is asked again while there is time")
    void aClusterWithoutALeaderIsSaidToBeOne() throws Exception {
        try (StoreServer server = StoreKind.ETCD_3_5.spec().nodes(3).durable().start();
                LockClient client = LockClient.open(
                        LockConfig.of("etcd://" + server.endpoints()).withLease(Duration.ofMinutes(1)))) {
            client.acquire("n").release();
            server.node(2).kill();
            server.node(3).kill();
            AtomicInteger names = new AtomicInteger();
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThatThrownBy(() -> client.tryAcquire("m" + names.incrementAndGet()))
                            .isInstanceOf(LockUnavailableException.class)
                            .hasStackTraceContaining("etcdserver: no leader"));
            CompletableFuture<LockHandle> waiting = client.acquireAsync("n").toCompletableFuture();
            server.node(2).start();
            waiting.get(30, TimeUnit.SECONDS).release();
            try (Etcd etcd = Etcd.at(server.node(1).endpoint())) {
                assertThat(etcd.line("holdfast", "n")).isEmpty();
            }
        }
    }

    @Test
    @DisplayName("WA-6: open uses all of connect-timeout")
    void openWaitsForAServerThatIsBeingStarted() throws Exception {
        try (Member server = new Member(directory, "m1")) {
            CompletableFuture<LockClient> opening = CompletableFuture.supplyAsync(() ->
                    LockClient.open(LockConfig.of("etcd://" + server.endpoint()).with("connect-timeout", "30s")));
            assertThatThrownBy(() -> opening.get(1, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
            server.start();
            try (LockClient client = opening.get(30, TimeUnit.SECONDS)) {
                client.acquire("n").release();
            }
        }
    }
}
