// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.options.CompactOption;
import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockException;
import io.holdfast.LockHandle;
import io.holdfast.ReleaseOutcome;
import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A server whose database grows over its quota while many contend: it carries out what is under way, and says that it has no space. */
@SuppressWarnings("try") // a hold that is only held
class SpaceQuotaTest {
    private static final int CONTENDERS = 40;

    @ParameterizedTest
    @EnumSource(names = {"ETCD_3_4", "ETCD_3_5"})
    @DisplayName("UO-7: what was carried out beside the answer 'no space' is undone, though the session lives on")
    void contendsThatCrossTheQuotaLeaveNothing(StoreKind kind) throws Exception {
        try (StoreServer server =
                        kind.spec().line("--quota-backend-bytes=33554432").start();
                Etcd etcd = Etcd.at(server.endpoints());
                LockClient client = LockClient.open(
                        LockConfig.of("etcd://" + server.endpoints()).withLease(Duration.ofHours(1)));
                LockClient other = LockClient.open("etcd://" + server.endpoints())) {
            crossTheQuota(client, etcd);
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(contenders(etcd)).isEmpty());
            makeRoom(server, etcd);
            for (int i = 0; i < CONTENDERS; i++) {
                other.acquire("n" + i, Duration.ofSeconds(5)).release();
                client.acquire("n" + i, Duration.ofSeconds(20)).release();
            }
            assertThat(client.metrics().sessions()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ETCD_3_4", "ETCD_3_5"})
    @DisplayName("UO-7: without space, what may write is refused, and undo, release and close delete all the same")
    void aFullDatabaseIsLeftByDeletions(StoreKind kind) throws Exception {
        try (StoreServer server =
                        kind.spec().line("--quota-backend-bytes=33554432").start();
                Etcd etcd = Etcd.at(server.endpoints());
                TcpProxy proxy = TcpProxy.to(server.node(1).address())) {
            LockClient client = LockClient.open(LockConfig.of("etcd://" + proxy.endpoint())
                    .with("operation-timeout", "30s")
                    .withLease(Duration.ofHours(1)));
            LockHandle held = client.acquire("held");
            proxy.replies().blackHole();
            CompletableFuture<LockHandle> unanswered = client.acquireAsync("n").toCompletableFuture();
            await().until(() -> contenders(etcd).size() == 2);
            assertThat(fill(etcd)).isTrue();
            unanswered.cancel(true);
            proxy.heal();
            proxy.resetAll();
            await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(contenders(etcd))
                    .singleElement()
                    .asString()
                    .contains("/held/"));
            assertThat(held.release()).isEqualTo(ReleaseOutcome.RELEASED);
            assertThat(contenders(etcd)).isEmpty();
            client.close();
            assertThat(etcd.under("holdfast/")).isEmpty();
        }
    }

    /** Where nothing was put, nothing can be deleted, and only a write keeps a late copy from being carried out. */
    @ParameterizedTest
    @EnumSource(names = {"ETCD_3_4", "ETCD_3_5"})
    @DisplayName("UO-7: an undo of what never came waits for space, and then nothing is left of it")
    void anUndoOfWhatNeverCameWaitsForSpace(StoreKind kind) throws Exception {
        try (StoreServer server =
                        kind.spec().line("--quota-backend-bytes=33554432").start();
                Etcd etcd = Etcd.at(server.endpoints());
                TcpProxy proxy = TcpProxy.to(server.node(1).address());
                LockClient client = LockClient.open(LockConfig.of("etcd://" + proxy.endpoint())
                        .with("operation-timeout", "30s")
                        .withLease(Duration.ofHours(1)))) {
            proxy.requests().blackHole();
            CompletableFuture<LockHandle> unsent = client.acquireAsync("n").toCompletableFuture();
            assertThat(fill(etcd)).isTrue();
            unsent.cancel(true);
            proxy.heal();
            proxy.resetAll();
            makeRoom(server, etcd);
            for (int i = 0; i < 10; i++) { // more than there are slots
                client.acquire("n", Duration.ofSeconds(20)).release();
            }
            assertThat(contenders(etcd)).isEmpty();
            assertThat(client.metrics().sessions()).isEqualTo(1);
        }
    }

    private static List<String> contenders(Etcd etcd) {
        return etcd.under("holdfast/").stream()
                .map(KeyValue::getKey)
                .map(LockKeys::text)
                .filter(key -> !key.contains("%session"))
                .toList();
    }

    /** Until every thread has been refused. */
    private static void crossTheQuota(LockClient client, Etcd etcd) throws InterruptedException {
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger held = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < CONTENDERS; i++) {
            String name = "n" + i;
            threads.add(new Thread(() -> {
                while (!stop.get()) {
                    try (LockHandle hold = client.acquire(name, Duration.ofMillis(500))) {
                        held.incrementAndGet();
                    } catch (LockException | InterruptedException refused) {
                        return;
                    }
                }
            }));
        }
        threads.forEach(Thread::start);
        await().until(() -> held.get() > CONTENDERS);
        assertThat(fill(etcd)).isTrue();
        for (Thread thread : threads) {
            thread.join(60_000);
        }
        stop.set(true);
        assertThat(threads).noneMatch(Thread::isAlive);
    }

    private static boolean fill(Etcd etcd) {
        String large = "x".repeat(1 << 19);
        boolean full = false;
        for (int i = 0; i < 200 && !full; i++) {
            full = isFull(etcd, "else/" + i, large);
        }
        return full;
    }

    private static boolean isFull(Etcd etcd, String key, String value) {
        try {
            etcd.put(key, value, 0);
            return false;
        } catch (IllegalStateException refused) {
            assertThat(refused).hasStackTraceContaining("database space exceeded");
            return true;
        }
    }

    private static void makeRoom(StoreServer server, Etcd etcd) {
        for (int i = 0; i < 200; i++) {
            etcd.delete("else/" + i);
        }
        long now = Etcd.answer(etcd.client.getKVClient().get(LockKeys.bytes("x")))
                .getHeader()
                .getRevision();
        // Answered when it is done: else the next step finds the old revisions still there, and shrinks nothing.
        CompactOption done = CompactOption.builder().withCompactPhysical(true).build();
        Etcd.answer(etcd.client.getKVClient().compact(now, done));
        Etcd.answer(etcd.client.getMaintenanceClient().defragmentMember("ip:///" + server.endpoints()));
        Etcd.answer(etcd.client.getMaintenanceClient().listAlarms())
                .getAlarms()
                .forEach(alarm -> Etcd.answer(etcd.client.getMaintenanceClient().alarmDisarm(alarm)));
    }
}
